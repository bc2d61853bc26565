"""How far a judge agrees with people: what is asked of a calibration, what it found, and what may be demanded of it."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from core.benchmarks import DatasetSpec, Evaluation
from core.ids import DEFAULT_PROJECT
from core.metrics import Proportion
from core.model import Model, Name
from core.runs import RunStatus
from core.verdicts import Spent


class CalibrationRequest(Model):
    """A judge and a dataset of texts that people have judged already."""

    name: Name
    judge: Evaluation
    """The evaluator as it stands in a benchmark: `kind: judge` and its settings."""
    dataset: DatasetSpec
    """`fields.input` is the question that was answered; the columns named below are kept by themselves."""
    answer: str = Field(min_length=1)
    """The column with the text to judge; the other text of a pair is the judge's `against`."""
    people: tuple[str, ...] = Field(min_length=1, max_length=20)
    """The columns with people's verdicts, one column for each of them."""
    meanings: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)
    """What people wrote in the judge's own words: `{"1": answer, "2": other, "0": tie}`; default: the same words."""


class Kappa(Model):
    """Agreement beyond chance with its 95 % interval: 1 is perfect, 0 is what chance gives."""

    value: float
    low: float
    high: float
    n: int
    """Texts judged."""


class PositionBias(Model):
    """What swapping the places of a pair did to a judge's verdicts."""

    stable: Proportion
    """Verdicts that stayed the same."""
    first: int
    """Pairs in which it named whoever stood first, both times."""
    second: int


class LengthBias(Model):
    """Whether a judge likes longer texts better than people do, over pairs of unlike length that nobody calls a tie."""

    judge_prefers_longer: Proportion
    people_prefer_longer: Proportion
    difference: float
    low: float
    high: float
    """95 % interval of the difference, paired by text."""


class LengthCorrelation(Model):
    """Spearman's correlation of a text's length with how much better the judge rates it than people do."""

    value: float
    p_value: float
    n: int


class CalibrationReport(Model):
    labels: tuple[str, ...]
    """From the worst to the best."""
    items: int
    """Texts that people judged, by majority; those on which they are evenly split are left out."""
    split: int
    """Texts on which people were evenly split."""
    judged: int
    """Of `items`: those the judge gave a verdict on."""
    abstained: int
    missing: int
    """Of `items`: those on which no judge could be had."""
    confusion: dict[str, dict[str, int]]
    """By people's verdict, then by the judge's: how many texts."""
    agreement: Proportion | None
    kappa: Kappa | None
    """Cohen's kappa of the judge with people's majority; None where it is not defined."""
    weighted_kappa: Kappa | None
    """The same with quadratic weights: on a scale a near miss is half a hit."""
    people_kappa: Kappa | None
    """Fleiss' kappa of people among themselves: no judge can be asked for more."""
    joint_kappa: Kappa | None
    """Fleiss' kappa with the judge as one more person."""
    position: PositionBias | None
    length: LengthBias | None
    length_correlation: LengthCorrelation | None
    spent: Spent
    models: tuple[str, ...]
    """The models that served, by the providers' own names."""


class JudgeIdentity(Model):
    """What makes a judge judge as it does: two judges of one digest are the same judge."""

    digest: str
    version: str
    """Of the evaluator."""
    prompt: str
    """sha256 of the prompt's fixed parts."""
    judges: tuple[dict[str, JsonValue], ...]
    """Agents by kind and settings."""
    settings: dict[str, JsonValue]


class Calibration(Model):
    calibration_id: str
    project_id: str = DEFAULT_PROJECT
    run_id: str
    """The run in which the judge judges; its items hold every ballot."""
    status: RunStatus
    identity: JudgeIdentity
    request: CalibrationRequest
    report: CalibrationReport | None
    """None until the run has ended."""
    created_at: datetime


class CalibrationLevel(Model):
    """What a gate may demand of a judge."""

    statistic: Literal["kappa", "weighted_kappa"] = "kappa"
    min_kappa: float = Field(default=0.6, ge=-1, le=1)
    """The lower end of the interval must reach it: 0.6 is where "substantial" begins for Landis and Koch (1977)."""
    min_judged: int = Field(default=50, ge=2)
    max_age_days: float | None = Field(default=None, gt=0)
    max_position_bias: float | None = Field(default=None, ge=0, le=1)
    """The share of pairs on which it may change its mind with the places."""
    same_models: bool = True
    """The models that serve the judge in the run must have served it in the calibration: behind one name a provider may
    put another model, which then was never compared with people."""
