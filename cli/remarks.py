"""What a reader of figures must know besides them: what counts as wrong, what is unknown, what faults cost."""

from collections.abc import Iterator

from cli.figures import money, share, thousands
from core.benchmarks import Stopping
from core.metrics import AgentMetrics
from core.preferences import BENCHMARK_TYPE
from core.runs import LedgerTotals, Run


def remarks(run: Run) -> Iterator[str]:
    """A sentence each; none where there is nothing to say."""
    if run.benchmark_type == BENCHMARK_TYPE:
        yield f"Shares of pairs that the first one wins. All figures: benchmark preferences show {run.run_id}"
    clusters = next((agent.metrics.clusters for agent in run.agents if agent.metrics and agent.metrics.clusters), None)
    if clusters is not None:
        yield f"The cases come in {thousands(clusters)} clusters: intervals take these as independent, not the cases."
    for agent in run.agents:
        if agent.decision is not None:
            yield f"{agent.agent_id} was asked {thousands(agent.counts.total)} cases only. {agent.decision}"
        elif run.status == "completed" and (stopping := run.config.stopping) and agent.agent_id != stopping.rival:
            yield f"{agent.agent_id}: undecided after all cases whether it is {_question(stopping)}."
        if agent.metrics is not None:
            yield from _of_agent(agent.agent_id, agent.metrics)
    if run.ledger != LedgerTotals():
        yield totals_text(run.ledger)


def _question(stopping: Stopping) -> str:
    """What a run was to decide."""
    about = f"better or worse than {stopping.rival}"
    if stopping.threshold is not None:
        about = f"above or below {stopping.threshold:g}"
    return f"{about} (wrong with a chance of at most {stopping.error:g})"


def _of_agent(name: str, metrics: AgentMetrics) -> Iterator[str]:
    if metrics.counted_wrong:
        yield f"{name}: {thousands(metrics.counted_wrong)} failures count as wrong answers, as the run asks."
    if (bounds := metrics.bounds) is not None:
        between = f"between {share(bounds.low)} and {share(bounds.high)}"
        yield f"{name}: {thousands(bounds.unknown)} outcomes are unknown; the score lies {between}, whatever they were."


def totals_text(totals: LedgerTotals) -> str:
    """What faults cost, in a sentence."""
    if totals == LedgerTotals():
        return "No call was lost."
    return (
        f"{thousands(totals.unknown_calls)} calls lost with their worker, {thousands(totals.resent_calls)} sent again, "
        f"{thousands(totals.recovered_cases)} questions answered all the same; {thousands(totals.late_answers)} late "
        f"answers wasted {thousands(totals.wasted_tokens)} tokens and {money(totals.wasted_usd)}."
    )
