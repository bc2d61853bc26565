"""The demo's closing table: each agent, over all and by category, with intervals, latencies, tokens and errors.

The figures over all are the run's own; those of a category are taken from its items.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from cli.figures import NOT_KNOWN, accuracy, interval, seconds, thousands
from core.metrics import AgentMetrics, Category
from core.runs import Run
from evaluators.statistics.quantiles import percentiles


@dataclass
class Tally:
    """What the items of one agent and category add up to."""

    latencies: list[float] = field(default_factory=list[float])
    input_tokens: int | None = None
    output_tokens: int | None = None

    def add(self, item: dict[str, Any]) -> None:
        """`item` is an item as the API tells it."""
        if item["status"] != "answered":
            return
        if item["latency_s"] is not None:
            self.latencies.append(item["latency_s"])
        usage = item["usage"]
        self.input_tokens = _plus(self.input_tokens, usage["input_tokens"])
        self.output_tokens = _plus(self.output_tokens, usage["output_tokens"])

    def percentile(self, share: float) -> float | None:
        """As the figures over all have it; `share` in 0..100."""
        return percentiles(np.array(self.latencies), (share,))[0] if self.latencies else None


def tallies(items: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Tally]:
    """By agent and category."""
    found: dict[tuple[str, str], Tally] = {}
    for item in items:
        found.setdefault((item["agent_id"], item["category"] or ""), Tally()).add(item)
    return found


def demo_table(run: Run, items: Iterable[dict[str, Any]]) -> Table:
    """Agents without metrics say why."""
    by_category = tallies(items)
    judge = run.config.evaluators[0].label
    title = (
        f"{run.name}: {thousands(run.case_count)} questions, judged by {judge!r}, validity {run.validity or NOT_KNOWN}"
    )
    table = Table(title=Text(title))
    table.add_column("agent", overflow="fold")
    table.add_column("category", overflow="fold")
    for column in ("accuracy", "95 % interval", "n", "p50", "p95", "tokens in", "out", "errors"):
        table.add_column(column, justify="right", no_wrap=True)
    for agent in run.agents:
        if agent.metrics is None:
            table.add_row(agent.agent_id, agent.error or agent.status)
        else:
            table.add_row(agent.agent_id, "all", *_overall(agent.metrics), style="bold")
            for name, category in sorted(agent.metrics.category_scores.items()):
                table.add_row("", name, *_of_category(category, by_category.get((agent.agent_id, name), Tally())))
        table.add_section()
    return table


def _overall(metrics: AgentMetrics) -> Sequence[str]:
    latency = metrics.latency
    return (
        accuracy(metrics.accuracy, metrics.score),
        interval(metrics.accuracy, metrics.score),
        thousands(metrics.answered - metrics.unscored),
        seconds(latency.p50) if latency else NOT_KNOWN,
        seconds(latency.p95) if latency else NOT_KNOWN,
        thousands(metrics.tokens.input),
        thousands(metrics.tokens.output),
        thousands(metrics.failed + metrics.unscored),
    )


def _of_category(category: Category, tally: Tally) -> Sequence[str]:
    p50, p95 = tally.percentile(50), tally.percentile(95)
    return (
        accuracy(category.accuracy, category.mean),
        interval(category.accuracy, category.mean),
        thousands(category.scored),
        NOT_KNOWN if p50 is None else seconds(p50),
        NOT_KNOWN if p95 is None else seconds(p95),
        thousands(tally.input_tokens),
        thousands(tally.output_tokens),
        thousands(category.failed + category.unscored),
    )


def _plus(total: int | None, more: int | None) -> int | None:
    return total if more is None else (total or 0) + more
