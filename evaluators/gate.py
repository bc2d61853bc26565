"""Judges a run by a policy. Where a figure has an interval, a rule passes or fails where the whole interval says so.

A figure that lies exactly on its bound is called failed in 2.5 % of runs, and an agent run again is called worse than
itself at most as often, however many relative rules a policy has: their intervals are widened by Bonferroni's rule
(Dunn, Journal of the American Statistical Association 56 (1961) 52-64).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from core.gates import GatePolicy, GateVerdict, Judgement, RuleOutcome
from core.runs import Run, RunAgent, Validity
from evaluators.gate_rules import Opponent, against_baseline, against_bound
from evaluators.statistics.quantiles import CONFIDENCE

NO_JUDGES: Mapping[str, Sequence[str]] = MappingProxyType({})
WORTH: dict[Validity, int] = {"invalid": 0, "partial": 1, "valid": 2}


def judge(
    policy: GatePolicy,
    run: Run,
    opponents: Mapping[str, Opponent],
    *,
    shortfalls: Mapping[str, Sequence[str]] = NO_JUDGES,
) -> Judgement:
    """What the policy says of every agent of the run; `opponents` by the agent's name, for relative rules, and by the
    judge's label what its calibrations lack, for policies that ask for them."""
    asked = len(policy.relative) * len(run.agents)
    confidence = 1 - (1 - CONFIDENCE) / max(1, asked)
    rules: list[RuleOutcome] = []
    for agent in run.agents:
        required = list(_required(policy, agent))
        figures = [*_calibrated(policy, agent, shortfalls), *(against_bound(rule, agent) for rule in policy.thresholds)]
        figures += _tiers(policy, agent)
        opponent = opponents.get(agent.agent_id)
        figures += [against_baseline(rule, agent, opponent, confidence) for rule in policy.relative]
        if _joined([rule.verdict for rule in required]) != "passed":
            # Figures of too few answers decide nothing, whichever way they point.
            figures = [rule.model_copy(update={"advisory": True}) for rule in figures]
        rules += [*required, *figures]
    verdict = _joined([rule.verdict for rule in rules if not rule.advisory])
    deciding = [rule for rule in rules if rule.verdict == verdict and not rule.advisory]
    return Judgement(
        verdict=verdict,
        reasons=() if verdict == "passed" else tuple(f"{rule.agent_id}: {rule.reason}" for rule in deciding),
        tiers={agent.agent_id: _reached(policy, agent, rules) for agent in run.agents} if policy.tiers else {},
        rules=tuple(rules),
    )


def _joined(verdicts: Sequence[GateVerdict]) -> GateVerdict:
    """One failure fails; otherwise one doubt is a doubt."""
    if "failed" in verdicts:
        return "failed"
    return "inconclusive" if "inconclusive" in verdicts else "passed"


def _required(policy: GatePolicy, agent: RunAgent) -> Iterator[RuleOutcome]:
    """Too little to judge by is a doubt, never a failure."""
    wanted, seen = policy.requires, agent.coverage or 0.0
    yield RuleOutcome(
        agent_id=agent.agent_id,
        rule=f"at least {wanted.coverage:.1%} of the questions scored",
        verdict="passed" if seen >= wanted.coverage else "inconclusive",
        advisory=False,
        reason=f"{seen:.1%} of the questions were scored; the policy wants {wanted.coverage:.1%} to judge by.",
        value=seen,
    )
    validity = agent.validity or "invalid"
    yield RuleOutcome(
        agent_id=agent.agent_id,
        rule=f"figures at least {wanted.validity}",
        verdict="passed" if WORTH[validity] >= WORTH[wanted.validity] else "inconclusive",
        advisory=False,
        reason=f"The agent's figures are {validity}; the policy wants them at least {wanted.validity}.",
    )


def _calibrated(policy: GatePolicy, agent: RunAgent, shortfalls: Mapping[str, Sequence[str]]) -> Iterator[RuleOutcome]:
    """A judge that was not held against people closely enough makes every figure a doubt."""
    if (wanted := policy.requires.judges) is None:
        return
    for label, lacks in shortfalls.items():
        yield RuleOutcome(
            agent_id=agent.agent_id,
            rule=f"the judge {label!r} calibrated to a {wanted.statistic} of {wanted.min_kappa:g}",
            verdict="inconclusive" if lacks else "passed",
            advisory=False,
            reason=" ".join(lacks) or f"The judge {label!r} is calibrated.",
        )


def _tiers(policy: GatePolicy, agent: RunAgent) -> Iterator[RuleOutcome]:
    """Only the last tier must be reached."""
    for tier in policy.tiers:
        last = tier is policy.tiers[-1]
        for rule in tier.thresholds:
            found = against_bound(rule, agent)
            yield found.model_copy(update={"tier": tier.name, "advisory": found.advisory or not last})


def _reached(policy: GatePolicy, agent: RunAgent, rules: Sequence[RuleOutcome]) -> str | None:
    for tier in policy.tiers:
        own = [rule for rule in rules if rule.agent_id == agent.agent_id and rule.tier == tier.name]
        if all(rule.verdict == "passed" for rule in own):
            return tier.name
    return None
