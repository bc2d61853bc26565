"""The evaluator `length`: the answer is neither too long nor too short."""

from typing import Literal

from pydantic import Field, model_validator

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.extraction import Extraction
from evaluators.text_scores import AS_WRITTEN


class LengthSettings(PluginSettings):
    unit: Literal["words", "characters", "lines", "tokens"] = "words"
    """Words are parted by white space; lines that say nothing do not count; tokens are the provider's count of the
    whole reply, thinking included."""
    min: int | None = Field(default=None, ge=0)
    """The least that is right. At least one of `min` and `max` must be given."""
    max: int | None = Field(default=None, ge=0)
    """The most that is right."""
    extract: Extraction = AS_WRITTEN
    """What of the reply is measured; by default all of it, without thinking and outer spaces."""

    @model_validator(mode="after")
    def _bounded(self) -> "LengthSettings":
        if self.min is None and self.max is None:
            raise ValueError("give `min`, `max` or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` must not exceed `max`")
        return self


class Length:
    def __init__(self, settings: LengthSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        count, unit = self._count(reply), self._settings.unit
        short = self._settings.min is not None and count < self._settings.min
        long = self._settings.max is not None and count > self._settings.max
        reason = f"fewer than {self._settings.min} {unit}" if short else f"more than {self._settings.max} {unit}"
        return Scored(
            value=float(not short and not long),
            answer=f"{count} {unit}",
            reason=reason if short or long else None,
            details={unit: count},
        )

    def _count(self, reply: Reply) -> int:
        if self._settings.unit == "tokens":
            if reply.usage.output_tokens is None:
                raise CannotJudge("The provider did not say how many tokens this answer has; count words instead.")
            return reply.usage.output_tokens
        text = self._settings.extract.first(reply.text) or ""
        match self._settings.unit:
            case "words":
                return len(text.split())
            case "characters":
                return len(text)
            case "lines":
                return sum(1 for line in text.splitlines() if line.strip())


plugin = Plugin(LengthSettings, Length, version="1", summary="The answer's length lies within bounds.")
