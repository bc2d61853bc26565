"""A run in one sentence. Somebody is better only where the tests say so; else nobody can tell."""

from collections.abc import Sequence

from core.benchmarks import BenchmarkDefinition
from core.leaderboards import Standing
from core.metrics import AgentMetrics
from core.preferences import Preference
from core.reports import Answer, Contest
from core.runs import ENDED, Run, RunAgent
from evaluators.comparison_text import points
from evaluators.leaderboard import sentence as leaders


def answer_of(
    run: Run, contests: Sequence[Contest], standings: Sequence[Standing], preference: Preference | None
) -> Answer:
    """`run` has each agent's figures as far as there are any."""
    answer = _answer(run, contests, standings, preference)
    return answer.model_copy(update={"cautions": tuple(_cautions(run))})


def _answer(
    run: Run, contests: Sequence[Contest], standings: Sequence[Standing], preference: Preference | None
) -> Answer:
    known = [agent for agent in run.agents if agent.metrics is not None and agent.metrics.score is not None]
    if run.status not in ENDED:
        told = f"So far: {_figures(known)}" if known else "So far nothing has been scored."
        return Answer(tone="missing", headline="The run is not over.", detail=told)
    if preference is not None:
        return _of_preference(preference)
    if not known:
        why = run.error or next((agent.error for agent in run.agents if agent.error), None)
        return Answer(tone="missing", headline="The run has nothing to show.", detail=why)
    if decided := [f"{agent.agent_id}: {agent.decision}" for agent in run.agents if agent.decision]:
        return Answer(tone="found", headline=decided[0], detail=" ".join([*decided[1:], _figures(known)]))
    if run.validity == "invalid":
        return Answer(
            tone="open", headline="The figures are invalid: most of them are missing.", detail=_figures(known)
        )
    if len(known) == 1:
        return Answer(tone="found", headline=_figures(known), detail=None)
    if len(standings) > 2:
        alone = sum(standing.rank_low == 1 for standing in standings) == 1
        return Answer(tone="found" if alone else "open", headline=leaders(standings), detail=_figures(known))
    names = {agent.agent_id for agent in known}
    both = next((each for each in contests if {each.baseline, each.candidate} <= names), None)
    return Answer(tone="open", headline=_figures(known)) if both is None else _of_two(both)


def _of_two(contest: Contest) -> Answer:
    one, other = contest.baseline, contest.candidate
    first = contest.differences.scores[0]
    detail = f"{other} held against {one}: {contest.differences.sentence}"
    if contest.differences.finding == "cannot_tell":
        return Answer(tone="open", headline=f"No difference between {one} and {other} can be told.", detail=detail)
    better, worse = (other, one) if contest.differences.finding == "improved" else (one, other)
    size = "" if first.difference is None else f" by {points(abs(first.difference)).lstrip('+')} points"
    return Answer(tone="found", headline=f"{better} is better than {worse}{size}.", detail=detail)


def _of_preference(preference: Preference) -> Answer:
    report = preference.report
    if report is None:
        return Answer(tone="missing", headline="Nothing was judged.")
    told = any(match.finding != "cannot_tell" for match in report.matches)
    return Answer(tone="found" if told else "open", headline=report.sentence)


def _figures(agents: Sequence[RunAgent]) -> str:
    """The best first, four agents at most."""
    ranked = sorted(agents, key=lambda agent: -_value(agent.metrics))
    told = [_figure(agent.agent_id, agent.metrics) for agent in ranked if agent.metrics is not None]
    more = f" and {len(told) - 4} more" if len(told) > 4 else ""
    return f"{'; '.join(told[:4])}{more}."


def _value(metrics: AgentMetrics | None) -> float:
    return metrics.score.value if metrics and metrics.score else -1.0


def _figure(name: str, metrics: AgentMetrics) -> str:
    score = metrics.accuracy or metrics.score
    if score is None:
        return f"{name} has no score"
    interval = "" if score.low is None or score.high is None else f", 95 % interval {score.low:.1%} to {score.high:.1%}"
    what = "was right in" if metrics.accuracy is not None else "has a mean score of"
    return (
        f"{name} {what} {score.value:.1%} of {score.n:,} answers ({interval.lstrip(', ') or 'too few for an interval'})"
    )


def _cautions(run: Run) -> list[str]:
    found: list[str] = []
    if run.status not in ENDED:
        found.append(
            "Figures that are looked at before the end favour whoever is ahead by chance: nobody is called better."
        )
    if run.status == "cancelled":
        found.append("The run was cancelled: what was not asked by then is not in the figures.")
    if run.error:
        found.append(f"The run {run.status}: {run.error}" if run.status == "failed" else run.error)
    for agent in run.agents:
        if agent.error:
            found.append(f"{agent.agent_id}: {agent.error}")
    if run.status in ENDED:
        found.extend(_missing(agent) for agent in run.agents if agent.validity in ("partial", "invalid"))
    found.extend(_conditions(run.config))
    return list(dict.fromkeys(found))


def _missing(agent: RunAgent) -> str:
    return (
        f"The figures of {agent.agent_id} are {agent.validity}: {agent.coverage or 0:.1%} of its questions were "
        "scored, and the missing ones may differ."
    )


def _conditions(config: BenchmarkDefinition) -> list[str]:
    if config.failed_counts_as == "wrong":
        return ["Failures that are the agent's fault count as wrong answers, as the benchmark asks."]
    return []
