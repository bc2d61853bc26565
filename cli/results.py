"""What a run found out, to read: the agents' figures, their categories, and what went wrong."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.figures import NOT_KNOWN, accuracy, interval, money, seconds, share, thousands
from core.metrics import AgentMetrics, Category
from core.runs import Run, RunAgent

VALIDITY: Final = {"valid": "green", "partial": "yellow", "invalid": "red"}


def results_table(run: Run) -> RenderableType:
    """Agents, categories and errors of a run; agents without metrics say why."""
    parts: list[RenderableType] = [_heading(run), _agents(run.agents)]
    if any(agent.metrics and agent.metrics.category_scores for agent in run.agents):
        parts.append(_categories(run.agents))
    if any(agent.metrics and (agent.metrics.errors or agent.metrics.unscored) for agent in run.agents):
        parts.append(_errors(run.agents))
    return Group(*parts)


def _heading(run: Run) -> Text:
    text = Text.assemble((run.name, "bold"), f"  {run.run_id}")
    if run.case_count is not None:
        text.append(f"  {thousands(run.case_count)} cases")
        if run.config.trials > 1:
            text.append(f" x {run.config.trials} trials")
    if run.validity:
        text.append(f"  {run.validity}", style=VALIDITY[run.validity])
    return text


def _agents(agents: Sequence[RunAgent]) -> Table:
    trials = any(agent.metrics and agent.metrics.consistency is not None for agent in agents)
    table = Table(title="Agents", title_justify="left", title_style="bold")
    table.add_column("agent", overflow="fold")
    columns = ["accuracy", "95 % interval", "scored", "p50", "p95", "tokens in", "out", "out/s", "cost", "failed"]
    for column in columns + (["consistency"] if trials else []):
        table.add_column(column, justify="right", no_wrap=True)
    for agent in agents:
        if agent.metrics is None:
            table.add_row(Text(agent.agent_id), Text(agent.error or agent.status, style="red"))
        else:
            table.add_row(Text(agent.agent_id), *_figures(agent.metrics, trials=trials))
    return table


def _figures(metrics: AgentMetrics, *, trials: bool) -> list[str]:
    latency, tokens, cost = metrics.latency, metrics.tokens, metrics.cost
    row = [
        accuracy(metrics.accuracy, metrics.score),
        interval(metrics.accuracy, metrics.score),
        thousands(metrics.answered - metrics.unscored),
        seconds(latency.p50) if latency else NOT_KNOWN,
        seconds(latency.p95) if latency else NOT_KNOWN,
        thousands(tokens.input),
        thousands(tokens.output),
        f"{metrics.tokens_per_second:.1f}" if metrics.tokens_per_second is not None else NOT_KNOWN,
        money(cost.total_usd),
        thousands(metrics.failed),
    ]
    return row + ([share(metrics.consistency)] if trials else [])


def _categories(agents: Sequence[RunAgent]) -> Table:
    measured = [(agent.agent_id, agent.metrics.category_scores) for agent in agents if agent.metrics]
    names = sorted({name for _, categories in measured for name in categories})
    table = Table(title="Categories: accuracy, 95 % interval, scored", title_justify="left", title_style="bold")
    table.add_column("category", overflow="fold")
    for agent_id, _ in measured:
        table.add_column(Text(agent_id), justify="right", overflow="fold")
    for name in names:
        table.add_row(Text(name), *(_category(categories.get(name)) for _, categories in measured))
    return table


def _category(category: Category | None) -> str:
    if category is None:
        return NOT_KNOWN
    parts = [
        accuracy(category.accuracy, category.mean),
        interval(category.accuracy, category.mean),
        f"n={thousands(category.scored)}",
    ]
    if category.failed:
        parts.append(f"{category.failed} failed")
    return "  ".join(part for part in parts if part)


def _errors(agents: Sequence[RunAgent]) -> Table:
    table = Table(title="Not scored: never counted as wrong answers", title_justify="left", title_style="bold")
    table.add_column("agent", overflow="fold")
    table.add_column("cause")
    table.add_column("questions", justify="right")
    for agent in agents:
        if agent.metrics is None:
            continue
        causes: list[tuple[str, int]] = sorted(agent.metrics.errors.items())
        if agent.metrics.unscored:
            causes.append(("answered, but the evaluator could not judge", agent.metrics.unscored))
        for cause, count in causes:
            table.add_row(Text(agent.agent_id), cause, thousands(count))
    return table
