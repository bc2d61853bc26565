"""The evaluator `label_model`: a model gives the answer one of some labels, and some of them pass."""

from pydantic import Field, model_validator

from core.cases import Case, Reply
from core.plugins import Plugin
from core.ports import EvaluatorContext
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from evaluators.graders.model import (
    Grader,
    ModelSettings,
    asked_by,
    at_once_of,
    field_in,
    held_to,
    meaning_of,
    rationale_of,
)


class LabelModelSettings(ModelSettings):
    labels: tuple[str, ...] = Field(min_length=1, max_length=100)
    """What the model may say."""
    passing_labels: tuple[str, ...] = Field(min_length=1)
    """Those that pass; the rest fail."""

    @model_validator(mode="after")
    def _known(self) -> "LabelModelSettings":
        if unknown := [each for each in self.passing_labels if each not in self.labels]:
            raise ValueError(f"`passing_labels` names {unknown[0]!r}, which is none of the `labels`")
        return self


class LabelModel:
    def __init__(self, settings: LabelModelSettings, context: EvaluatorContext) -> None:
        self._settings = settings
        schema = held_to("label", {"type": "string", "enum": list(settings.labels)})
        self._grader = Grader(settings, context.agents, schema)

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        graded = await self._grader.grade(case, reply, self._label)
        if isinstance(graded, Unscored):
            return graded
        passed = float(graded.grade in self._settings.passing_labels)
        verdict = self._settings.verdict(passed, answer=graded.grade, reason=rationale_of(graded.details))
        details = verdict.details | graded.details | {"label": graded.grade}
        return verdict.model_copy(update={"details": details, "spent": graded.spent})

    def _label(self, text: str) -> str | None:
        said = field_in(text, "label", "result")
        if not isinstance(said, str):
            return None
        folded = {label.strip().casefold(): label for label in self._settings.labels}
        return folded.get(said.strip().strip("\"'.").casefold())


plugin = Plugin(
    LabelModelSettings,
    LabelModel,
    version="1",
    summary="A model gives the answer one of some labels, and some of them pass.",
    connected=True,
    meaning=meaning_of,
    at_once=at_once_of,
    asks=asked_by,
)
