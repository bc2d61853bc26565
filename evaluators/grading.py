"""From a score between 0 and 1 to a verdict: the score itself, or right and wrong by a threshold."""

import math

from pydantic import Field, JsonValue

from core.plugins import SettingsPart
from core.verdicts import Scored
from evaluators.extraction import excerpt


class Grading(SettingsPart):
    threshold: float | None = Field(default=None, ge=0, le=1)
    """The score from which on an answer is right: then the value is 1 or 0. Without it the value is the score."""

    def verdict(self, score: float, answer: str | None, **details: JsonValue) -> Scored:
        """What a score that is 0 to 1, rounding errors aside, says of the answer."""
        shown = None if answer is None else excerpt(answer)
        score = min(max(score, 0.0), 1.0)
        if self.threshold is None:
            return Scored(value=score, answer=shown, details=details)
        # A score that equals the threshold but for the last bit reaches it.
        reached = score >= self.threshold or math.isclose(score, self.threshold, rel_tol=1e-12)
        return Scored(value=float(reached), answer=shown, details={"score": score, **details})
