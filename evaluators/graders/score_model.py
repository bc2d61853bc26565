"""The evaluator `score_model`: a model gives the answer a number within a range."""

import math
from contextlib import suppress

from pydantic import model_validator

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


class ScoreModelSettings(ModelSettings):
    range: tuple[float, float] = (0.0, 1.0)
    """The lowest and the highest score; the value is where the score lies between them."""

    @model_validator(mode="after")
    def _ascends(self) -> "ScoreModelSettings":
        low, high = self.range
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"`range` has the lower number first, such as [0, 1], not {list(self.range)}")
        return self


class ScoreModel:
    def __init__(self, settings: ScoreModelSettings, context: EvaluatorContext) -> None:
        self._settings = settings
        low, high = settings.range
        # Bounds stand in the description, for not every provider takes them in a schema.
        schema = held_to("result", {"type": "number", "description": f"From {low:g} to {high:g}."})
        self._grader = Grader(settings, context.agents, schema)

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        graded = await self._grader.grade(case, reply, self._score)
        if isinstance(graded, Unscored):
            return graded
        low, high = self._settings.range
        reason = rationale_of(graded.details)
        verdict = self._settings.verdict(graded.grade, low=low, high=high, answer=f"{graded.grade:g}", reason=reason)
        return verdict.model_copy(update={"details": verdict.details | graded.details, "spent": graded.spent})

    def _score(self, text: str) -> float | None:
        said = field_in(text, "result", "score")
        low, high = self._settings.range
        if isinstance(said, str | int | float) and not isinstance(said, bool):
            with suppress(ValueError):
                score = float(said)
                return score if low <= score <= high else None
        return None


plugin = Plugin(
    ScoreModelSettings,
    ScoreModel,
    version="1",
    summary="A model gives the answer a number within a range.",
    connected=True,
    meaning=meaning_of,
    at_once=at_once_of,
    asks=asked_by,
)
