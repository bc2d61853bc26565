"""What a run found out, to read: the agents' figures, their categories, and what went wrong."""

from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.figures import (
    NOT_KNOWN,
    NOTHING,
    accuracy,
    counted,
    interval,
    money,
    rate,
    seconds,
    share,
    thousands,
    with_interval,
)
from cli.remarks import remarks
from core.metrics import AgentMetrics, Category, Latency, LatencyFigure
from core.runs import Run, RunAgent

Measured = Sequence[tuple[str, AgentMetrics]]
VALIDITY: Final = {"valid": "green", "partial": "yellow", "invalid": "red"}


def results_table(run: Run) -> RenderableType:
    """Agents, categories and errors of a run; agents without metrics say why. Fits 80 columns for a few agents."""
    return Group(*(_unbroken(part) if isinstance(part, Table) else part for part in _parts(run)))


def _unbroken(table: Table) -> Table:
    """With figures left in one piece: where room is short it is the names that are folded."""
    for column in table.columns[1:]:
        column.min_width = max((len(word) for cell in column.cells for word in str(cell).split()), default=1)
    return table


def _parts(run: Run) -> list[RenderableType]:
    measured = [(agent.agent_id, agent.metrics) for agent in run.agents if agent.metrics]
    decides = run.config.evaluators[0].label
    parts: list[RenderableType] = [_heading(run), Text(f"Right or wrong by {decides!r}", style="dim")]
    parts.append(_accuracies(run.agents))
    parts += [Text(remark) for remark in remarks(run)]
    if any(score.scored + score.unscored for _, metrics in measured for score in metrics.scores[1:]):
        parts += [_caption("By the other evaluators"), _others(measured, decides)]
    if any(score.figures for _, metrics in measured for score in metrics.scores):
        parts += [_caption("All answers together"), _figures(measured)]
    if measured:
        parts += [_caption("Speed and cost"), _speeds(measured)]
    if any(score.judging for _, metrics in measured for score in metrics.scores):
        parts += [_caption("Judges, apart from the agents"), _judges(measured)]
    if any(metrics.trials for _, metrics in measured):
        parts += [
            _caption("Repeated trials, over cases (intervals by bootstrap; those of accuracy are Wilson's)"),
            _trials(measured),
        ]
    if any(metrics.semantic_consistency or metrics.unlike_unknown for _, metrics in measured):
        parts += [_caption("Semantic consistency of repeated answers"), _likeness(measured)]
    if any(metrics.category_scores for _, metrics in measured):
        parts += [
            _caption(f"By category, with {decides!r}: accuracy, 95 % interval, answers scored"),
            _categories(measured),
        ]
    if any(metrics.errors or metrics.unscored for _, metrics in measured):
        parts += [_caption(_left_out(measured)), _errors(measured)]
    return parts


def _caption(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _table(first: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(Text(column), justify="right", overflow="fold")
    return table


def _heading(run: Run) -> Text:
    text = Text.assemble((run.name, "bold"), f"  {run.run_id}")
    if run.case_count is not None:
        text.append(f"  {counted(run.case_count, 'case')}")
        if run.config.trials > 1:
            text.append(f" x {run.config.trials} trials")
    if run.validity:
        text.append(f"  {run.validity}", style=VALIDITY[run.validity])
    return text


def _accuracies(agents: Sequence[RunAgent]) -> Table:
    trials = any(agent.metrics and agent.metrics.consistency is not None for agent in agents)
    table = _table("agent", "accuracy", "95 % interval", "scored", "failed", *(["consistency"] if trials else []))
    for agent in agents:
        name, metrics = Text(agent.agent_id), agent.metrics
        if metrics is None:
            table.add_row(name, Text(agent.error or agent.status, style="red"))
            continue
        row = [
            accuracy(metrics.accuracy, metrics.score),
            interval(metrics.accuracy, metrics.score),
            thousands(metrics.answered - metrics.unscored),
            thousands(metrics.failed),
        ]
        table.add_row(
            name, *row, *([with_interval(metrics.consistency, metrics.consistency_interval)] if trials else [])
        )
    return table


def _others(measured: Measured, decides: str) -> Table:
    table = _table("agent", "evaluator", "accuracy or mean", "95 % interval", "scored", "unscored")
    for agent_id, metrics in measured:
        for score in metrics.scores:
            if score.evaluator != decides:
                table.add_row(
                    Text(agent_id),
                    Text(score.evaluator),
                    accuracy(score.accuracy, score.mean),
                    interval(score.accuracy, score.mean),
                    thousands(score.scored),
                    thousands(score.unscored),
                )
    return table


def _figures(measured: Measured) -> Table:
    """What no mean of scores tells, such as the BLEU of a corpus."""
    table = _table("agent", "evaluator", "figure", "value", "95 % interval", "of")
    for agent_id, metrics in measured:
        for score in metrics.scores:
            for name, found in score.figures.items():
                known = found.low is not None and found.high is not None
                table.add_row(
                    Text(agent_id),
                    Text(score.evaluator),
                    Text(name),
                    f"{found.value:.3f}",
                    f"{found.low:.3f} to {found.high:.3f}" if known else NOT_KNOWN,
                    thousands(found.n),
                )
    return table


def _speeds(measured: Measured) -> Table:
    table = _table("agent", "p50", "p95", "tokens in", "tokens out", "out per s", "cost")
    for agent_id, metrics in measured:
        latency, tokens = metrics.latency, metrics.tokens
        table.add_row(
            Text(agent_id),
            duration(latency, "p50"),
            duration(latency, "p95"),
            thousands(tokens.input),
            thousands(tokens.output),
            rate(metrics.tokens_per_second),
            money(metrics.cost.total_usd),
        )
    return table


def duration(latency: Latency | None, figure: LatencyFigure) -> str:
    """Seconds, and below them their interval, of which so few answers may bound but one side."""
    if latency is None:
        return NOT_KNOWN
    value, found = seconds(getattr(latency, figure)), latency.intervals.get(figure)
    if found is None or found.low == found.high:
        return value
    low, high = (None if bound is None else seconds(bound) for bound in (found.low, found.high))
    if low is None or high is None:
        # That it is at least nothing tells nothing.
        one_side = f"{high} or less" if high else None if low in (None, NOTHING) else f"{low} or more"
        return f"{value}\n{one_side}" if one_side else value
    return value if low == high else f"{value}\n{low} to {high}"


def _judges(measured: Measured) -> Table:
    table = _table("agent", "evaluator", "calls", "tokens in", "tokens out", "cost", "undecided", "no verdict")
    for agent_id, metrics in measured:
        for score in metrics.scores:
            if score.judging is not None:
                table.add_row(
                    Text(agent_id),
                    Text(score.evaluator),
                    thousands(score.judging.calls),
                    thousands(score.judging.input_tokens),
                    thousands(score.judging.output_tokens),
                    money(score.judging.cost_usd),
                    thousands(score.unscored_causes.get("undecided", 0)),
                    thousands(score.unscored_causes.get("judge", 0)),
                )
    return table


def _trials(measured: Measured) -> Table:
    """pass@k: any of k tries succeeds; pass^k: all of them do; k is as many as there were."""
    table = _table("agent", "trials", "pass@1", "pass@k", "pass^k", "flip rate", "share of spread by trials")
    for agent_id, metrics in measured:
        if (found := metrics.trials) is None:
            continue
        table.add_row(
            Text(agent_id),
            thousands(found.most),
            with_interval(found.pass_at_k.get(1), found.pass_at_k_intervals.get(1)),
            with_interval(found.pass_at_k.get(found.most), found.pass_at_k_intervals.get(found.most)),
            with_interval(found.pass_hat_k.get(found.most), found.pass_hat_k_intervals.get(found.most)),
            with_interval(found.flip_rate, found.flip_rate_interval),
            share(_of_all(found.trial_variance, found.item_variance)),
        )
    return table


def _likeness(measured: Measured) -> Table:
    table = _table("agent", "mean likeness", "95 % interval", "cases", "not measured")
    for agent_id, metrics in measured:
        found = metrics.semantic_consistency
        row = (accuracy(None, found), interval(None, found), thousands(None if found is None else found.n))
        table.add_row(Text(agent_id), *row, thousands(metrics.unlike_unknown))
    return table


def _of_all(part: float | None, rest: float | None) -> float | None:
    """The share of a variance in the sum of both; None of nothing."""
    if part is None or rest is None or part + rest == 0:
        return None
    return part / (part + rest)


def _categories(measured: Measured) -> Table:
    table = _table("category", *(agent_id for agent_id, _ in measured))
    for name in sorted({name for _, metrics in measured for name in metrics.category_scores}):
        cells = (_category(metrics.category_scores.get(name)) for _, metrics in measured)
        table.add_row(Text(name or "(none)"), *cells)
    return table


def _category(category: Category | None) -> str:
    if category is None:
        return NOT_KNOWN
    parts = [
        accuracy(category.accuracy, category.mean),
        interval(category.accuracy, category.mean),
        f"n={thousands(category.scored)}",
    ]
    return "  ".join(parts + ([f"{category.failed} failed"] if category.failed else []))


def _left_out(measured: Measured) -> str:
    if any(metrics.counted_wrong for _, metrics in measured):
        return "Failed or not scored"
    return "Not scored, and never counted as wrong"


def _errors(measured: Measured) -> Table:
    table = _table("agent", "cause", "questions")
    for agent_id, metrics in measured:
        causes: list[tuple[str, int]] = sorted(metrics.errors.items())
        if metrics.unscored:
            causes.append(("answered, but the evaluator could not judge", metrics.unscored))
        for cause, count in causes:
            table.add_row(Text(agent_id), cause, thousands(count))
    return table
