"""What a run would do and cost, told before it starts: in ranges, and with everything that was assumed."""

from typing import Literal

from pydantic import Field

from core.model import Model
from core.prices import KnownPrice

Role = Literal["agent", "judge", "embeddings"]
MILLION = 1_000_000


class Range(Model):
    """About `expected`; hardly less than `low`, and no more than `high`, as far as anything is known."""

    low: float
    expected: float
    high: float | None
    """None: nothing bounds it."""

    def plus(self, other: "Range") -> "Range":
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(low=self.low + other.low, expected=self.expected + other.expected, high=high)

    def times(self, other: "Range") -> "Range":
        high = None if self.high is None or other.high is None else self.high * other.high
        return Range(low=self.low * other.low, expected=self.expected * other.expected, high=high)

    def scaled(self, factor: float) -> "Range":
        high = None if self.high is None else self.high * factor
        return Range(low=self.low * factor, expected=self.expected * factor, high=high)


NOTHING = Range(low=0, expected=0, high=0)


class TrackRecord(Model):
    """What is recorded of earlier calls with the same settings."""

    runs: int
    answers: int
    input_tokens: float | None
    """Mean of a call; None where nobody said."""
    output_tokens: float | None
    output_low: float | None = None
    """A quarter of the answers had fewer output tokens."""
    output_most: float | None = None
    latency_s: float | None = None
    """Mean of a call; None where it was not measured."""
    same_questions: bool = False
    """The calls asked the same questions in the same words."""


class Part(Model):
    """One agent, judge or embedding model of the run."""

    name: str
    role: Role
    calls: Range
    """Each counted once: calls that fail, and replies without a verdict, are asked again, and are not in here."""
    input_tokens: Range
    output_tokens: Range
    price: KnownPrice | None
    """None: nobody knows it."""
    usd: Range | None
    """None: the price is not known."""
    seconds: float | None
    """By its concurrency and the latency of its earlier calls; None where there were none."""
    record: TrackRecord | None = None
    """None: it was never asked here."""


class Estimate(Model):
    """What a run would do. Nothing was started."""

    name: str
    cases: int
    agents: int
    trials: int
    calls: int
    """Of agents: `cases x agents x trials`."""
    judging_calls: Range
    input_tokens: Range
    output_tokens: Range
    usd: Range | None
    """Of all parts together; None as soon as the price of one is not known, which is not the same as free."""
    seconds: float | None
    """At least so long, by what is known of latencies and limits; None where nothing is."""
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()
    """What would stop the run: a budget that does not reach, a price that nobody knows."""
    assumptions: tuple[str, ...]
    dry_run: Literal[True] = Field(default=True)


def priced(price: KnownPrice | None, input_tokens: Range, output_tokens: Range) -> Range | None:
    """US dollars; input tokens are taken to be new to the provider's cache."""
    if price is None:
        return None
    return input_tokens.scaled(price.input / MILLION).plus(output_tokens.scaled(price.output / MILLION))
