"""Two agents on the same cases: what is asked, what was found, and what stands in the way of believing it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from core.ids import DEFAULT_PROJECT
from core.manifests import FieldDifference
from core.model import Model

Finding = Literal["improved", "worse", "cannot_tell"]
"""Of the candidate against the baseline."""
Correction = Literal["holm", "benjamini_hochberg", "none"]
"""Of the p-values of several evaluators, and of several categories. Holm keeps the chance of any false finding, the
other the share of false ones among the findings."""
Resource = Literal["latency_s", "input_tokens", "output_tokens", "cost_usd"]
"""What an answer takes: seconds, tokens, dollars."""
MismatchKind = Literal["dataset", "evaluators", "prompt", "coverage", "trials"]


class AgentOfRun(Model):
    """One agent's part of a run."""

    run_id: str = Field(max_length=200)
    agent_id: str | None = Field(default=None, max_length=200)
    """The agent's name in the run; may be left out where the run has one agent, or one named as the other side's."""


class Terms(Model):
    """How a comparison decides."""

    confidence: float = Field(default=0.95, gt=0.5, le=0.9999)
    """Of the intervals; a finding is wrong at most as often as 1 minus this."""
    correction: Correction = "holm"
    seed: int = Field(default=0, ge=0, lt=2**63)
    """Of the permutation test and the bootstrap, so that they can be repeated."""


class ComparisonRequest(Terms):
    baseline: AgentOfRun
    candidate: AgentOfRun
    allow: tuple[MismatchKind, ...] = ()
    """Differences between the runs that do not refuse the comparison: `dataset` (then cases are paired by their ids
    alone) and `evaluators`. The other kinds are only told."""

    @property
    def terms(self) -> Terms:
        return Terms(confidence=self.confidence, correction=self.correction, seed=self.seed)


class Mismatch(Model):
    """Something besides the agent that differs between the two sides."""

    kind: MismatchKind
    detail: str
    """What differs, in a sentence."""
    refuses: bool
    """Whether the comparison is refused because of it unless it is allowed."""


class ScoreDifference(Model):
    """Candidate minus baseline, over the cases that both have a score for. Without such cases all figures are None."""

    evaluator: str
    category: str | None = None
    """None: all cases."""
    cases: int
    clusters: int | None = None
    """Where cases come in clusters: how many; they are what interval and tests take as independent."""
    baseline: float | None
    """Mean score over these cases; of each case over its trials."""
    candidate: float | None
    difference: float | None
    low: float | None
    """The interval of the difference, over cases; None for fewer than two."""
    high: float | None
    bootstrap: tuple[float, float] | None = None
    """The same by the bootstrap (BCa), over all cases; None of too few, and of so many that it tells nothing new."""
    better: int
    """Cases with a higher mean score than before."""
    worse: int
    mcnemar_p: float
    """McNemar's exact test: are changes as likely one way as the other? Of cases in clusters the same (the sign test)
    of the clusters, by the sum of their changes."""
    permutation_p: float
    """The paired permutation test of the mean, which decides."""
    adjusted_p: float
    """The same, corrected for the other evaluators or categories; as it is for the evaluator that decides."""
    detectable: float | None
    """The least true difference that so many cases find with 80 % probability."""
    finding: Finding


class ResourceDifference(Model):
    """What the answers took, candidate minus baseline, over the cases where both sides know it; less is better."""

    resource: Resource
    cases: int
    clusters: int | None = None
    baseline: float
    """Mean over these cases, of each case over its answers."""
    candidate: float
    difference: float
    low: float | None
    """The interval of the difference, by Student's t over cases or clusters; None for fewer than two."""
    high: float | None
    ratio: float | None
    """Candidate over baseline, with Fieller's interval; None where it has none."""
    ratio_low: float | None
    ratio_high: float | None
    p: float
    """The paired permutation test of the mean; of thousands of cases Student's t, which then says the same."""
    adjusted_p: float
    """The same, corrected for the other resources."""
    finding: Finding


class Flip(Model):
    """A case whose mean score changed."""

    direction: Literal["better", "worse"]
    case_id: str
    category: str | None
    baseline: float
    candidate: float
    baseline_index: int
    """The case's place in the baseline's case set, from 0."""
    candidate_index: int


class Coverage(Model):
    """Cases with a score by the evaluator that decides."""

    both: int
    baseline_only: int
    candidate_only: int


class Differences(Model):
    """Everything that two agents' scores tell."""

    finding: Finding
    sentence: str
    """The finding and why, in plain words."""
    scores: tuple[ScoreDifference, ...]
    """By evaluator, the one that decides first."""
    categories: tuple[ScoreDifference, ...]
    """By category, of the evaluator that decides."""
    coverage: Coverage
    resources: tuple[ResourceDifference, ...] = ()
    """What the answers took; a finding about it is none about the scores."""


class ComparedAgent(Model):
    run_id: str
    run_name: str
    agent_id: str
    coverage: float | None
    """Share of the agent's questions that were answered and scored, 0..1."""
    trials: int
    case_set: str | None
    """sha256 of the cases asked."""


class Comparison(Differences):
    """A comparison as it is kept: of what was recorded at that moment."""

    comparison_id: str
    project_id: str = DEFAULT_PROJECT
    created_at: datetime
    baseline: ComparedAgent
    candidate: ComparedAgent
    terms: Terms
    mismatches: tuple[Mismatch, ...]
    made_of: tuple[FieldDifference, ...] = ()
    """Every field in which the manifests of the two runs differ, of these two agents; nothing where one has none."""
