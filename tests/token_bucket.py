"""The limit a provider keeps to itself: a token bucket, told of by refusals only."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from tests.providers import Asked, Status


@dataclass
class TokenBucket:
    """`per_s` requests a second, and `capacity` at once after a rest. Times are seconds on the caller's clock."""

    per_s: float
    capacity: float
    level: float | None = None
    at: float = 0.0

    def take(self, now: float, *, cost: float = 1.0) -> float | None:
        """None if the request is let in; else how long until one would be."""
        held = self.capacity if self.level is None else self.level
        self.level = min(self.capacity, held + max(now - self.at, 0.0) * self.per_s)
        self.at = now
        if self.level >= cost:
            self.level -= cost
            return None
        return (cost - self.level) / self.per_s


@dataclass
class Refusing:
    """An answer function of `tests.providers.Provider` that keeps to a hidden bucket, and remembers who got what."""

    bucket: TokenBucket
    answer: Callable[[Asked], str]
    retry_after: bool = True
    let_in: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """When, and which model was asked for."""
    refused: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    def __call__(self, asked: Asked) -> str | Status:
        wait_s = self.bucket.take(asked.at)
        seen = (asked.at, asked.body["messages"][0]["content"])
        if wait_s is None:
            self.let_in.append(seen)
            return self.answer(asked)
        self.refused.append(seen)
        headers = {"Retry-After": str(ceil(wait_s))} if self.retry_after else {}
        return Status(429, "Slow down.", code="rate_limit_exceeded", headers=headers)

    def during(self, start: float, stop: float) -> tuple[Counter[str], int]:
        """Calls let in, by who asked, and calls refused, in seconds after the first one."""
        first = min(at for at, _ in self.let_in)
        let_in = Counter(who for at, who in self.let_in if start <= at - first < stop)
        return let_in, sum(start <= at - first < stop for at, _ in self.refused)
