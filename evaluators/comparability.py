"""Whether two agents' parts of runs can be compared: everything besides the agent that differs between them."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import orjson

from core.benchmarks import AgentSpec, Evaluation, PromptSpec
from core.comparisons import ComparedAgent, Mismatch, MismatchKind
from core.runs import Run, RunAgent
from evaluators.validity import VALID_COVERAGE

REFUSING: frozenset[MismatchKind] = frozenset({"dataset", "evaluators"})
"""A difference of scores would then be one of questions or of yardsticks. The others may be what is compared."""
SHOWN = 12
"""Characters of a digest: enough to tell apart what one project ever tries."""
UNEQUAL_COVERAGE = 0.01
"""Of the share of questions that were scored."""


class Side(NamedTuple):
    run: Run
    agent_no: int

    @property
    def agent(self) -> RunAgent:
        return self.run.agents[self.agent_no]

    @property
    def spec(self) -> AgentSpec:
        return self.run.config.agents[self.agent_no]

    @property
    def prompt(self) -> PromptSpec:
        return self.spec.prompt or self.run.config.prompt

    @property
    def settings(self) -> str:
        """A digest of who answers and how it is asked: not which key pays for it, nor how fast it is asked."""
        answers = {"kind": self.spec.agent.kind, **self.spec.agent.settings, "credential": None}
        told = [answers, self.prompt.model_dump(mode="json", exclude_defaults=True)]
        return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:SHOWN]

    @property
    def versions(self) -> dict[str, str]:
        """The version of each evaluator that the figures were made with."""
        metrics = self.agent.metrics
        return {} if metrics is None else {score.evaluator: score.version for score in metrics.scores}

    @property
    def evaluators(self) -> dict[str, Evaluation]:
        return {each.label: each for each in self.run.config.evaluators}

    @property
    def told(self) -> ComparedAgent:
        return ComparedAgent(
            run_id=self.run.run_id,
            run_name=self.run.name,
            agent_id=self.agent.agent_id,
            coverage=self.agent.coverage,
            trials=self.run.config.trials,
            case_set=self.run.case_set,
        )


def counterpart(run: Run, agent_id: str) -> Side | None:
    """The agent that is held against one of this name: of the same name, or the only one there is."""
    names = [agent.agent_id for agent in run.agents]
    if agent_id in names:
        return Side(run, names.index(agent_id))
    return Side(run, 0) if len(names) == 1 else None


def mismatches(baseline: Side, candidate: Side) -> tuple[Mismatch, ...]:
    """What differs, the grave things first."""
    found = (*_dataset(baseline, candidate), *_evaluators(baseline, candidate), *_softer(baseline, candidate))
    return tuple(Mismatch(kind=kind, detail=detail, refuses=kind in REFUSING) for kind, detail in found)


Said = Iterator[tuple[MismatchKind, str]]


def _dataset(baseline: Side, candidate: Side) -> Said:
    if baseline.run.case_set != candidate.run.case_set:
        counts = f"{baseline.run.case_count or 0:,} and {candidate.run.case_count or 0:,} cases"
        yield "dataset", f"The runs asked different sets of cases ({counts}); only equal ids can be paired."


def _evaluators(baseline: Side, candidate: Side) -> Said:
    theirs = candidate.evaluators
    for label, ours in baseline.evaluators.items():
        if label not in theirs:
            yield "evaluators", f"The evaluator {label!r} judged the baseline only."
            continue
        versions = baseline.versions.get(label), candidate.versions.get(label)
        if versions[0] != versions[1]:
            yield "evaluators", f"The evaluator {label!r} has versions {versions[0]} and {versions[1]}."
        if ours != theirs[label]:
            yield "evaluators", f"The evaluator {label!r} has other settings in the candidate's run."
    for label in theirs.keys() - baseline.evaluators.keys():
        yield "evaluators", f"The evaluator {label!r} judged the candidate only."


def _softer(baseline: Side, candidate: Side) -> Said:
    if baseline.prompt != candidate.prompt:
        yield (
            "prompt",
            "The two were asked with different prompts: the difference is theirs together.",
        )
    shares = [side.agent.coverage or 0.0 for side in (baseline, candidate)]
    if min(shares) < VALID_COVERAGE or abs(shares[0] - shares[1]) > UNEQUAL_COVERAGE:
        yield (
            "coverage",
            f"Of the baseline's questions {shares[0]:.1%} were scored and of the candidate's {shares[1]:.1%}; cases "
            "that one of them lacks are left out, and may be the hard ones.",
        )
    counted = baseline.run.config.failed_counts_as, candidate.run.config.failed_counts_as
    if counted[0] != counted[1]:
        yield (
            "evaluators",
            f"Failures count as {counted[0]} in the baseline's run and as {counted[1]} in the candidate's.",
        )
    for whose, side in (("baseline", baseline), ("candidate", candidate)):
        if side.agent.decision is not None:
            asked, of = side.agent.counts.total, (side.run.case_count or 0) * side.run.config.trials
            yield "coverage", f"The {whose} was asked {asked:,} of {of:,} cases only; its run stops at a decision."
    trials = baseline.run.config.trials, candidate.run.config.trials
    if trials[0] != trials[1]:
        yield "trials", f"The cases were asked {trials[0]} and {trials[1]} times; each counts by its mean."
