"""From a grader's score to a verdict: the score on its scale, and whether it passes."""

import math
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import PluginSettings
from core.verdicts import Scored
from evaluators.extraction import excerpt
from evaluators.graders.placeholders import Nowhere, Values, parts_of, rendered

PASSED = "passed"
SCORE = "score"


def _readable(source: str) -> str:
    parts_of(source)
    return source


Template = Annotated[str, Field(max_length=65_536), AfterValidator(_readable)]
"""A text with places such as `{{ item.answer }}` and `{{ sample.output_text }}`."""


class Passing(PluginSettings):
    pass_threshold: float | None = None
    """The score from which on an answer passes; by default the middle of the scale."""

    def verdict(
        self,
        score: float,
        *,
        low: float = 0.0,
        high: float = 1.0,
        answer: str | None = None,
        reason: str | None = None,
        **details: JsonValue,
    ) -> Scored:
        """The value is where the score lies between `low` and `high`; `passed` and the score itself are its details.

        Raises CannotJudge for a score that is no number.
        """
        if not math.isfinite(score):
            raise CannotJudge(f"The score is {score}, which is no number to grade by.")
        mark = (low + high) / 2 if self.pass_threshold is None else self.pass_threshold
        passed = score >= mark or math.isclose(score, mark, rel_tol=1e-12)
        value = min(max((score - low) / (high - low), 0.0), 1.0)
        shown = None if answer is None else excerpt(answer)
        return Scored(value=value, answer=shown, reason=reason, details={PASSED: passed, SCORE: score, **details})


def filled(template: str, values: Values, case: Case) -> str:
    """Raises CannotJudge where the case lacks what the template names."""
    try:
        return rendered(template, values)
    except Nowhere as error:
        raise CannotJudge(f"Case {case.id!r}: {error}") from error


def compared(case: Case, expected: str) -> Case:
    """The case as an evaluator sees it that compares an answer with a text."""
    return case.model_copy(update={"expected": expected, "choices": ()})


def saying(reply: Reply, text: str) -> Reply:
    return reply.model_copy(update={"text": text})
