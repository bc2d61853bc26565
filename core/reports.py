"""A run's report: what it has shown, in numbers that tables and charts alike are made of."""

from datetime import datetime
from typing import Literal

from core.baselines import BaselineCheck
from core.calibrations import Calibration
from core.comparisons import Differences
from core.gates import Gate
from core.leaderboards import Standing
from core.manifests import KeptManifest
from core.model import Model
from core.outcomes import Cause
from core.preferences import Preference
from core.runs import Run

Tone = Literal["found", "open", "missing"]
"""found: the figures tell something beyond chance; open: they do not; missing: there is nothing yet to tell."""


class Answer(Model):
    """What the run says, for somebody who reads nothing else."""

    tone: Tone
    headline: str
    detail: str | None = None
    cautions: tuple[str, ...] = ()
    """Why it may be believed less than it reads."""


class Curve(Model):
    """How many of an agent's answers were there after so many seconds."""

    agent_id: str
    points: tuple[tuple[float, float], ...]
    """(seconds, share of the answers that took no longer), both growing; at most 200 of them."""
    n: int
    """Answers that were timed."""


class Histogram(Model):
    """An agent's scores by the evaluator that decides."""

    agent_id: str
    counts: tuple[int, ...]
    """By bin, of equal width over 0..1; a score of 1 is in the last one."""
    n: int


class Steadiness(Model):
    """How many of its trials an agent got right, case by case."""

    agent_id: str
    trials: int
    cases: tuple[int, ...]
    """By the number of right answers, 0 to `trials`: how many cases. Cases with fewer scored trials are left out."""


class Crossing(Model):
    """Cases that both sides have a score for, by whether all of their answers were right."""

    both: int
    baseline_only: int
    candidate_only: int
    neither: int


class Contest(Model):
    """One agent held against the one that the report takes for the baseline, case by case."""

    baseline: str
    candidate: str
    differences: Differences
    """The finding and `adjusted_p` of its first score are corrected for the number of contests (Holm)."""
    crossing: Crossing | None
    """None where scores are graded rather than right or wrong."""


class ShownAnswer(Model):
    """What one agent answered, as far as it is shown."""

    agent_id: str
    item_id: str
    text: str | None
    """None of a question without an answer; cut where it is long."""
    length: int
    """Characters of the whole answer."""
    score: float | None
    """None: the answer was not scored, or there is none."""
    reason: str | None
    """What the evaluator said, or why there is no answer."""
    cause: Cause | None
    mean: float | None = None
    """Of a case that was asked several times: the mean score over its trials; the text is that of the first."""


class ShownCase(Model):
    """A question that tells more than others, and why it was chosen."""

    case_id: str
    category: str | None
    chosen: Literal["disagreement", "all wrong", "wrong"]
    input: str | None
    expected: str | None
    answers: tuple[ShownAnswer, ...]
    left_out: int = 0
    """Agents whose answers are not shown."""


class ShownFailure(Model):
    """Questions of one agent that got no answer for one cause, and the first of them."""

    agent_id: str
    cause: Cause
    count: int
    detail: str | None


class Findings(Model):
    """What is computed from all of a run's items."""

    contests: tuple[Contest, ...] = ()
    standings: tuple[Standing, ...] = ()
    """Of three agents or more, the best first."""
    latency: tuple[Curve, ...] = ()
    scores: tuple[Histogram, ...] = ()
    """Empty where every score is right or wrong."""
    steadiness: tuple[Steadiness, ...] = ()
    cases: tuple[ShownCase, ...] = ()
    failures: tuple[ShownFailure, ...] = ()


class JudgeCard(Model):
    """A judge of the run, and how it did against people."""

    label: str
    served: tuple[str, ...]
    """The models that judged."""
    calibration: Calibration | None
    """The newest of the same judge."""
    drifted: bool
    """Whether other models judged than in the calibration."""


class Report(Model):
    """Everything that the page shows."""

    made_at: datetime
    run: Run
    """With each agent's figures as of now, where the run has not ended."""
    answer: Answer
    findings: Findings
    judges: tuple[JudgeCard, ...]
    preference: Preference | None
    """What judges prefer, of a run that compares agents head to head."""
    gate: Gate | None
    """The last judgement by a policy."""
    check: BaselineCheck | None
    """How it did against its baseline."""
    manifest: KeptManifest | None
