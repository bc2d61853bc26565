"""The rules of gates, each judged for one agent: against a bound, and against a baseline."""

from dataclasses import dataclass, field

from core.columns import CaseColumns, CaseScores
from core.gates import MORE_IS_BETTER, GateVerdict, Relative, RuleOutcome, Threshold
from core.runs import RunAgent
from evaluators.comparison_text import points
from evaluators.gate_measures import Measured, between, estimated, measured, why_unknown, written
from evaluators.gate_ratios import ratio_of
from evaluators.gate_sizes import more_cases, would_tell
from evaluators.pairing import changes_of, clusters_of_pairs, pairs_of, scored_pairs
from evaluators.resources import Taken
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.pairs import paired_difference, pairs_that_tell

UNBOUNDED = "?"


@dataclass(frozen=True)
class Opponent:
    """What relative rules hold an agent against."""

    baseline: RunAgent
    before: Taken
    after: Taken
    obstacles: tuple[str, ...] = field(default=())
    """Why their scores cannot be compared; empty when they can."""


def against_bound(rule: Threshold, agent: RunAgent) -> RuleOutcome:
    """The rule on the agent's own figures."""
    subject = _subject(rule)
    least = rule.at_least is not None
    bound = rule.at_least if rule.at_least is not None else rule.at_most or 0.0
    said = f"at {'least' if least else 'most'} {written(rule.metric, bound)}"
    found = measured(agent, rule)
    if found is None:
        return _unknown(rule, agent, f"{subject} {said}", f"{subject} is not known: {why_unknown(agent, rule)}.")
    verdict = _at_least(found.low, found.high, bound) if least else _at_most(found.low, found.high, bound)
    words = {"passed": "is", "failed": "is not", "inconclusive": "may or may not be"}
    more = f"; {more_cases(estimated(agent, rule), agent.metrics, bound)}" if verdict == "inconclusive" else ""
    return RuleOutcome(
        agent_id=agent.agent_id,
        rule=f"{subject} {said}",
        verdict=_decided(verdict, rule.doubt),
        advisory=rule.advisory,
        reason=f"{subject} {_figure(rule, found)} {words[verdict]} {said}{more}.",
        **found._asdict(),
    )


def against_baseline(rule: Relative, agent: RunAgent, opponent: Opponent | None, confidence: float) -> RuleOutcome:
    """The rule on the difference to the baseline, or the ratio, case by case, in an interval of this confidence."""
    subject, said = _subject(rule), _wish(rule)
    if opponent is None:
        return _unknown(rule, agent, said, f"There is no baseline to hold {subject} against; name one.")
    if rule.ratio is not None:
        return _ratio(rule, agent, opponent, confidence)
    if opponent.obstacles:
        return _unknown(rule, agent, said, f"{subject} cannot be compared: {' '.join(opponent.obstacles)}")
    changes = _changes(rule, opponent)
    found = None if changes is None else paired_difference(*changes, confidence=confidence)
    if changes is None or found is None or found.low is None or found.high is None:
        return _unknown(rule, agent, said, f"{subject} cannot be compared: fewer than two cases have both scores.")
    verdict = _at_least(found.low, found.high, -rule.margin)
    needed = pairs_that_tell(*changes, bound=-rule.margin, confidence=confidence) if verdict == "inconclusive" else None
    words = {"passed": "is not", "failed": "is", "inconclusive": "may or may not be"}
    interval = f"{confidence * 100:.4g} % interval {points(found.low)} to {points(found.high)}"
    return RuleOutcome(
        agent_id=agent.agent_id,
        rule=said,
        verdict=_decided(verdict, rule.doubt),
        advisory=rule.advisory,
        reason=f"{subject} changed by {points(found.mean)} points ({interval}) over {found.n:,} cases: "
        f"it {words[verdict]} worse{_by(rule)}{'' if needed is None else f'; {would_tell(needed)}'}.",
        value=found.mean,
        low=found.low,
        high=found.high,
    )


def _wish(rule: Relative) -> str:
    if rule.ratio is not None:
        return f"{_subject(rule)} at {_bounded(rule)[0]} {rule.ratio:g} times the baseline's"
    return f"{_subject(rule)} not worse than the baseline's{_by(rule)}"


def _by(rule: Relative) -> str:
    return f" by more than {rule.margin * 100:g} points" if rule.margin else ""


def _bounded(rule: Relative) -> tuple[str, str]:
    """The side on which a ratio is a bound, and what is beyond it."""
    return ("least", "less") if rule.metric in MORE_IS_BETTER else ("most", "more")


def _ratio(rule: Relative, agent: RunAgent, opponent: Opponent, confidence: float) -> RuleOutcome:
    subject, said, bound = _subject(rule), _wish(rule), rule.ratio or 0.0
    now, before = measured(agent, rule), measured(opponent.baseline, rule)
    if now is None or before is None:
        return _unknown(rule, agent, said, f"{subject} is not known of both sides.")
    figures = f"{subject} is {written(rule.metric, now.value)} against {written(rule.metric, before.value)}"
    outcome = RuleOutcome(agent_id=agent.agent_id, rule=said, verdict="passed", advisory=rule.advisory, reason="")
    if now.value == before.value == 0:
        return outcome.model_copy(update={"reason": f"{figures}."})
    found = ratio_of(rule.metric, opponent.before, opponent.after, confidence)
    if found is None:
        why = "the baseline's is 0: use a threshold" if before.value == 0 else "fewer than two cases tell it of both"
        return _unknown(rule, agent, said, f"{figures}; {why}.")
    side, beyond = _bounded(rule)
    verdict = (_at_least if side == "least" else _at_most)(found.low, found.high, bound)
    words = {"passed": "is not", "failed": "is", "inconclusive": "may or may not be"}
    low, high = (UNBOUNDED if each is None else f"{each:.3g}" for each in (found.low, found.high))
    interval = f"{confidence * 100:.4g} % interval {low} to {high}"
    return outcome.model_copy(
        update={
            "verdict": _decided(verdict, rule.doubt),
            "reason": f"{figures}; over the same cases {found.value:.3g} times as much ({interval}): "
            f"it {words[verdict]} {beyond} than {bound:g} times the baseline's.",
            **found._asdict(),
        }
    )


def _changes(rule: Relative, opponent: Opponent) -> tuple[Floats, Integers | None] | None:
    """Of the cases that both have scores of, and the clusters these come in."""
    cases, others = opponent.before.cases, opponent.after.cases
    before, after = _scores(cases, rule.evaluator), _scores(others, rule.evaluator)
    if before is None or after is None:
        return None
    pairs = pairs_of(cases, others)
    if rule.category is not None:
        if rule.category not in cases.categories:
            return None
        pairs = pairs.only(cases.category[pairs.baseline] == cases.categories.index(rule.category))
    pairs = scored_pairs(pairs, before, after)
    changes = changes_of(pairs, before, after)
    if not len(changes):
        return None
    return changes, clusters_of_pairs(pairs, cases)


def _scores(columns: CaseColumns, evaluator: str | None) -> CaseScores | None:
    """By this evaluator, by the first without one."""
    return next((each for each in columns.evaluators if evaluator in (None, each.label)), None)


def _at_least(low: float | None, high: float | None, bound: float) -> GateVerdict:
    """Of an interval that should lie at or above the bound; None where it is open."""
    if low is not None and low >= bound:
        return "passed"
    return "failed" if high is not None and high < bound else "inconclusive"


def _at_most(low: float | None, high: float | None, bound: float) -> GateVerdict:
    if high is not None and high <= bound:
        return "passed"
    return "failed" if low is not None and low > bound else "inconclusive"


def _decided(verdict: GateVerdict, doubt: GateVerdict) -> GateVerdict:
    return doubt if verdict == "inconclusive" else verdict


def _unknown(rule: Threshold | Relative, agent: RunAgent, said: str, reason: str) -> RuleOutcome:
    """Not known is a doubt that no `doubt: passed` removes."""
    return RuleOutcome(
        agent_id=agent.agent_id, rule=said, verdict="inconclusive", advisory=rule.advisory, reason=reason
    )


def _subject(rule: Threshold | Relative) -> str:
    """`accuracy`, `accuracy of category 'x'`, `score by 'judge'`, `pass_hat_k with k = 4`."""
    parts = [str(rule.metric)]
    if rule.category is not None:
        parts.append(f"of category {rule.category!r}")
    if rule.evaluator is not None:
        parts.append(f"by {rule.evaluator!r}")
    if isinstance(rule, Threshold) and rule.k is not None:
        parts.append(f"with k = {rule.k}")
    return " ".join(parts)


def _figure(rule: Threshold, found: Measured) -> str:
    value = written(rule.metric, found.value)
    if found.low == found.high == found.value:
        return value
    return f"{value} (95 % interval {between(rule.metric, found.low, found.high)})"
