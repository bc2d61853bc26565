"""Answers of the API about judges, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import DatasetSpec, Evaluation
from benchmark_client.models.metrics import Proportion, VerdictsSpent


class CalibrationLinks(Answer):
    self: str
    run: str
    items: str


class Kappa(Answer):
    """Agreement beyond chance with its 95 % interval: 1 is perfect, 0 is what chance gives."""

    value: float
    low: float
    high: float
    n: int


class LengthBias(Answer):
    """Whether a judge likes longer texts better than people do, over pairs of unlike length that nobody calls a tie."""

    judge_prefers_longer: Proportion
    people_prefer_longer: Proportion
    difference: float
    low: float
    high: float


class LengthCorrelation(Answer):
    """Spearman's correlation of a text's length with how much better the judge rates it than people do."""

    value: float
    p_value: float
    n: int


class PositionBias(Answer):
    """What swapping the places of a pair did to a judge's verdicts."""

    stable: Proportion
    first: int
    second: int


class CalibrationReport(Answer):
    labels: tuple[str, ...]
    items: int
    split: int
    judged: int
    abstained: int
    missing: int
    confusion: dict[str, dict[str, int]]
    agreement: Proportion | None = None
    kappa: Kappa | None = None
    weighted_kappa: Kappa | None = None
    people_kappa: Kappa | None = None
    joint_kappa: Kappa | None = None
    position: PositionBias | None = None
    length: LengthBias | None = None
    length_correlation: LengthCorrelation | None = None
    spent: VerdictsSpent
    models: tuple[str, ...]


class CalibrationRequest(Answer):
    """A judge and a dataset of texts that people have judged already."""

    name: str
    judge: Evaluation
    dataset: DatasetSpec
    answer: str
    people: tuple[str, ...]
    meanings: dict[str, str] = Field(default_factory=dict)


class JudgeIdentity(Answer):
    """What makes a judge judge as it does: two judges of one digest are the same judge."""

    digest: str
    version: str
    prompt: str
    judges: tuple[dict[str, JsonValue], ...]
    settings: dict[str, JsonValue]


class CalibrationView(Answer):
    calibration_id: str
    project_id: str = "default"
    run_id: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str
    identity: JudgeIdentity
    request: CalibrationRequest
    report: CalibrationReport | None = None
    created_at: datetime
    links: CalibrationLinks


class Contestant(Answer):
    """An agent's answers in one run, and the name they go by here."""

    name: str
    run_id: str
    agent_id: str


class LengthControlled(Answer):
    """The win rate if both texts had the same length, with its 95 % interval (`evaluators.preferences.length`)."""

    value: float
    low: float
    high: float
    pull: float


class WinRate(Answer):
    """The mean over cases of the share of pairs won, ties half, with its 95 % interval."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int


class Match(Answer):
    """Two contestants, and what the judges said of their answers. All figures are the first one's."""

    agent_id: str
    first: str
    second: str
    pairs: int
    wins: int
    ties: int
    losses: int
    unanswered: int
    undecided: int
    missing: int
    win_rate: WinRate | None = None
    bootstrap: tuple[float, float] | None = None
    length_controlled: LengthControlled | None = None
    sign_p: float
    adjusted_p: float
    position: PositionBias | None = None
    finding: Literal["first", "second", "cannot_tell"] | str
    sentence: str


class PreferenceLinks(Answer):
    self: str
    run: str
    items: str


class PreferencesStanding(Answer):
    """One contestant among all."""

    contestant: Contestant
    pairs: int
    win_rate: float | None = None
    rating: float | None = None
    low: float | None = None
    high: float | None = None


class PreferenceReport(Answer):
    sentence: str
    standings: tuple[PreferencesStanding, ...]
    matches: tuple[Match, ...]
    unrated: str | None = None
    cases: int
    position: PositionBias | None = None
    spent: VerdictsSpent
    models: tuple[str, ...]


class PreferenceView(Answer):
    run_id: str
    name: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str
    contestants: tuple[Contestant, ...]
    judge: Evaluation
    report: PreferenceReport | None = None
    links: PreferenceLinks
