"""How several verdicts on one answer make one.

A verdict that a member could not give is unknown, as in Kleene's three-valued logic: `all` of a wrong one and an
unknown one is wrong, `all` of a right one and an unknown one is unknown.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Literal

from pydantic import Field

from core.verdicts import Scored, Spent, Unscored
from evaluators.grading import Grading

Verdicts = Mapping[str, Scored | Unscored]
"""By the member's label, in the order in which they were given; the last one may have settled the matter."""


class Combination(Grading):
    """`threshold` is for `weighted`: the mean from which on an answer is right."""

    rule: Literal["all", "any", "weighted", "first"]
    """`all`: right if every member says so; `any`: if one does; `weighted`: the mean by weight; `first`: the verdict of
    the first member that can judge."""
    passing: float = Field(default=1.0, gt=0, le=1)
    """For `all` and `any`: the score from which on a member says "right"."""

    def settles(self, verdict: Scored | Unscored) -> bool:
        """Whether this verdict decides, whatever those behind it would say."""
        match self.rule, verdict:
            case "all", Scored(value=value):
                return value < self.passing
            case "any", Scored(value=value):
                return value >= self.passing
            case ("first", Scored()) | ("weighted", Unscored()):
                return True
            case _:
                return False

    def combined(self, found: Verdicts, weights: Sequence[float]) -> Scored | Unscored:
        """The verdict of verdicts that are complete, or end with one that settles it."""
        label, last = list(found.items())[-1]
        settled, answer = self.settles(last), last.answer if isinstance(last, Scored) else None
        match self.rule:
            case "all" if settled:
                return Scored(value=0, answer=answer, reason=f"{label} says no")
            case "any" if settled:
                return Scored(value=1, answer=answer, reason=f"{label} says yes")
            case "first":
                return last.model_copy(update={"reason": _because(label, last)})
            case "all":
                return _unknown(found) or Scored(value=1, answer=answer)
            case "any":
                return _unknown(found) or Scored(value=0, answer=answer, reason="no member says yes")
            case "weighted":
                return _unknown(found) or self.verdict(_mean(found, weights), answer)


def _because(label: str, last: Scored | Unscored) -> str:
    if isinstance(last, Unscored):
        return f"no member can judge; {label}: {last.reason}"
    return f"{label}: {last.reason}" if last.reason else f"{label} judged"


def _unknown(found: Verdicts) -> Unscored | None:
    """Why there is no verdict: the first member that could not judge."""
    for label, verdict in found.items():
        if isinstance(verdict, Unscored):
            return Unscored(reason=f"{label}: {verdict.reason}", cause=verdict.cause)
    return None


def _mean(found: Verdicts, weights: Sequence[float]) -> float:
    values = [verdict.value for verdict in found.values() if isinstance(verdict, Scored)]
    return sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)


def spent_on(found: Verdicts) -> Spent | None:
    """What the verdicts cost together; None where none of them cost anything."""
    parts = [verdict.spent for verdict in found.values() if verdict.spent]
    return reduce(Spent.plus, parts) if parts else None
