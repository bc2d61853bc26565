"""What is kept for clients that speak OpenAI's Evals API: all else of it is in runs, datasets and benchmarks."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from core.ids import DEFAULT_PROJECT
from core.model import Model

Order = Literal["asc", "desc"]
Object = dict[str, JsonValue]


class EvalRecord(Model):
    """A data source's schema and its graders, as they were sent and checked."""

    eval_id: str
    project_id: str = DEFAULT_PROJECT
    name: str
    metadata: dict[str, str] | None
    data_source_config: Object
    testing_criteria: tuple[Object, ...]
    created_at: datetime
    updated_at: datetime


class EvalRunRecord(Model):
    """Which of our runs is a run of which eval, and what was sent to start it."""

    run_id: str
    eval_id: str
    project_id: str = DEFAULT_PROJECT
    name: str
    metadata: dict[str, str] | None
    model: str
    data_source: Object


class FileRecord(Model):
    """A file that was uploaded, which is a version of one of our datasets."""

    file_id: str
    project_id: str = DEFAULT_PROJECT
    dataset_id: str
    filename: str
    purpose: str
    size_bytes: int
    created_at: datetime


ItemState = Literal["pass", "fail", "error"]
"""error: it has no answer, or a grader gave no grade."""


class CriterionCounts(Model):
    passed: int = 0
    failed: int = 0


class ModelUsage(Model):
    model: str
    invocations: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int


class EvalFigures(Model):
    """What came of a run so far."""

    states: dict[ItemState, int] = Field(default_factory=dict[ItemState, int])
    criteria: dict[str, CriterionCounts] = Field(default_factory=dict[str, CriterionCounts])
    """By the label of the evaluator."""
    usage: tuple[ModelUsage, ...] = ()
