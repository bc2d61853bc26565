"""The limit a provider keeps to itself: a token bucket, told of by refusals only."""

from dataclasses import dataclass


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
