"""What an evaluator says of a reply."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import Field, JsonValue

from core.model import Model

UnscoredCause = Literal["case", "evaluator", "judge", "undecided"]
"""case: nothing to judge by; evaluator: it broke, hung or ran out of memory; judge: somebody it asks could not be had
or gave no verdict, and judging again may help; undecided: the judges abstained or did not agree."""


class Spent(Model):
    """What judging one answer cost: never a part of what the agent cost. None is "nobody said"."""

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None

    def plus(self, other: "Spent") -> "Spent":
        """The sum of what is known."""
        return Spent(
            calls=self.calls + other.calls,
            input_tokens=_sum(self.input_tokens, other.input_tokens),
            output_tokens=_sum(self.output_tokens, other.output_tokens),
            cost_usd=_sum(self.cost_usd, other.cost_usd),
        )


N = TypeVar("N", int, float)


def _sum(one: N | None, other: N | None) -> N | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


class Scored(Model):
    status: Literal["scored"] = "scored"
    value: float = Field(ge=0, le=1)
    answer: str | None = None
    """What the evaluator took for the answer; None when it found none."""
    reason: str | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    spent: Spent | None = None


class Unscored(Model):
    """Kept apart from a zero: the evaluator gave up, the agent did not fail."""

    status: Literal["unscored"] = "unscored"
    reason: str
    cause: UnscoredCause = "case"
    details: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    spent: Spent | None = None


Verdict = Annotated[Scored | Unscored, Field(discriminator="status")]
COUNTS = "counts"
"""The place in `details` where an evaluator leaves what its plugin's `figures` adds up: numbers by name."""
Counts = Mapping[str, float]


class UnitCounts(NamedTuple):
    """The counts of one score."""

    unit: int
    """What is independent of all others: the case, or the cluster it is one of."""
    counts: Mapping[str, object]
    """Numbers, if its evaluator keeps to that."""


class Counted(NamedTuple):
    """A figure of a whole corpus, 0..1, and how many things it is a figure of."""

    value: float
    n: float


Figures = Callable[[Counts], Mapping[str, Counted]]
"""From the sums of all counts, and `answers`, how many there are, to figures by name; pure. One that has no meaning,
for it would divide by 0, is left out."""
Earlier = Mapping[str, Scored | Unscored]
"""The verdicts that other evaluators of the run gave on the same answer, by label."""
NOTHING_EARLIER: Earlier = MappingProxyType({})
