"""Testing criteria: graders as they are sent, and the evaluators they are here."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from typing import Annotated, Final, Literal, cast

from pydantic import Field, JsonValue, field_validator

from api.openai_evals.content import Messages
from api.openai_evals.sent import Sent
from core.benchmarks import AgentSpec, Evaluation
from evaluators.graders.text_similarity import Measure

EMBEDDINGS: Final = "text-embedding-3-large"
"""The model that OpenAI's `cosine` asks."""
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class GraderSampling(Sent):
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_completions_tokens: int | None = None
    """Spelled so by OpenAI."""
    max_completion_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None

    def settings(self) -> dict[str, JsonValue]:
        told = self.model_dump(exclude_none=True)
        most = told.pop("max_completions_tokens", None)
        return told if most is None else {"max_completion_tokens": most} | told


class StringCheck(Sent):
    type: Literal["string_check"]
    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]


class TextSimilarity(Sent):
    type: Literal["text_similarity"]
    name: str
    input: str
    reference: str
    evaluation_metric: Measure
    pass_threshold: float | None = None


class LabelModel(Sent):
    type: Literal["label_model"]
    name: str
    model: str
    input: Messages
    labels: tuple[str, ...] = Field(min_length=1)
    passing_labels: tuple[str, ...] = Field(min_length=1)
    sampling_params: GraderSampling = GraderSampling()


class ScoreModel(Sent):
    type: Literal["score_model"]
    name: str
    model: str
    input: Messages
    range: tuple[float, float] = (0.0, 1.0)
    pass_threshold: float | None = None
    sampling_params: GraderSampling = GraderSampling()


class PythonGrader(Sent):
    type: Literal["python"]
    name: str
    source: str
    image_tag: str | None = None
    pass_threshold: float | None = None


Single = Annotated[StringCheck | TextSimilarity | LabelModel | ScoreModel | PythonGrader, Field(discriminator="type")]


class Multi(Sent):
    type: Literal["multi"]
    name: str
    graders: dict[str, Single] = Field(min_length=1)
    """By their names in the formula. A list of graders is taken by their own names."""
    calculate_output: str
    pass_threshold: float | None = None

    @field_validator("graders", mode="before")
    @classmethod
    def _by_name(cls, graders: object) -> object:
        if isinstance(graders, dict) and "type" in graders:
            graders = [cast("object", graders)]
        if not isinstance(graders, list):
            return cast("object", graders)
        found: dict[str, object] = {}
        for each in cast("list[object]", graders):
            name = cast("dict[str, object]", each).get("name") if isinstance(each, dict) else None
            if not isinstance(name, str):
                raise ValueError("`graders` are objects with a `name` each, by which the formula names them")
            if name in found:
                raise ValueError(f"two of the `graders` are called {name!r}; each needs its own name")
            found[name] = cast("object", each)
        return found


Criterion = Annotated[
    StringCheck | TextSimilarity | LabelModel | ScoreModel | PythonGrader | Multi, Field(discriminator="type")
]
Agents = Callable[[str, dict[str, JsonValue]], AgentSpec]
"""Who answers for a model's name, with these sampling settings."""


def evaluations_of(criteria: Sequence[Criterion], agents: Agents) -> tuple[Evaluation, ...]:
    """In order; the first decides what counts as correct in our figures."""
    labels = labels_of(criteria)
    return tuple(
        Evaluation.model_validate({"name": label, **_spec(each, agents)})
        for label, each in zip(labels, criteria, strict=True)
    )


def labels_of(criteria: Sequence[Criterion]) -> list[str]:
    """Names that evaluators may have, each given once."""
    labels: list[str] = []
    for number, each in enumerate(criteria, 1):
        plain = as_name(each.name, otherwise=f"criterion {number}")
        numbered = (f"{plain[:90]} {further}" for further in count(number))
        labels.append(next(label for label in chain((plain,), numbered) if label not in labels))
    return labels


def as_name(text: str, *, otherwise: str) -> str:
    """What people wrote, as names here are written."""
    plain = re.sub(r"[^A-Za-z0-9 ._:/@+-]+", " ", text)
    return re.sub(r"\s+", " ", plain).lstrip(" ._:/@+-")[:100].strip() or otherwise


def models_in(criteria: Sequence[Criterion]) -> set[str]:
    """The models that graders ask."""
    singles = [inner for each in criteria for inner in (each.graders.values() if isinstance(each, Multi) else (each,))]
    return {each.model for each in singles if isinstance(each, LabelModel | ScoreModel)}


def _spec(criterion: Criterion, agents: Agents) -> Mapping[str, JsonValue]:
    if isinstance(criterion, Multi):
        inner: dict[str, JsonValue] = {name: dict(_spec(each, agents)) for name, each in criterion.graders.items()}
        told = criterion.model_dump(mode="json", include={"calculate_output", "pass_threshold"}, exclude_none=True)
        return {"kind": "multi", "graders": inner, **told}
    besides = {"type", "name", "model", "input", "sampling_params", "image_tag"}
    told = criterion.model_dump(mode="json", exclude=besides, exclude_none=True)
    if isinstance(criterion, LabelModel | ScoreModel):
        asked = agents(criterion.model, criterion.sampling_params.settings())
        told["model"] = asked.model_dump(mode="json", exclude_defaults=True)
        told["input"] = [each.message.model_dump(mode="json") for each in criterion.input]
    elif not isinstance(criterion, PythonGrader):
        told["input"] = criterion.input
    if isinstance(criterion, TextSimilarity) and criterion.evaluation_metric == "cosine":
        told["embeddings"] = {"model": EMBEDDINGS}
    return {"kind": criterion.type, **told}
