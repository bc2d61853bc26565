"""How many requests each caller may send: a bucket for every key and address, in bounded memory."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MOST_CALLERS: Final = 10_000
"""Buckets of one policy; beyond, the one that was used longest ago is forgotten, which by then is full as a rule."""


@dataclass(frozen=True)
class Policy:
    """So many requests in a window; they may come at once, and what was used comes back evenly over the window."""

    name: str
    quota: int
    window_s: float

    @property
    def header(self) -> str:
        """The value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        return f'"{self.name}";q={self.quota};w={self.window_s:.0f}'


@dataclass(frozen=True)
class Standing:
    """Of one caller, after a request was counted or refused."""

    allowed: bool
    remaining: int
    full_in_s: float
    """Until all of the quota is back."""
    next_in_s: float
    """Until one more request is allowed; 0 when one is."""

    def header(self, policy: Policy) -> str:
        """The value of `RateLimit`."""
        return f'"{policy.name}";r={self.remaining};t={math.ceil(self.full_in_s)}'


class Buckets:
    """The callers of one policy. Times are in seconds of any clock that only goes forward."""

    def __init__(self, policy: Policy, *, most: int = MOST_CALLERS) -> None:
        self.policy = policy
        self._most = most
        self._rate = policy.quota / policy.window_s
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By caller: how much of the quota was used, and when that was so."""

    def __len__(self) -> int:
        return len(self._used)

    def take(self, caller: str, now: float) -> Standing:
        """Counts a request of this caller, if it is allowed one."""
        used, at = self._used.get(caller, (0.0, now))
        used = max(0.0, used - self._rate * (now - at))
        allowed = used + 1 <= self.policy.quota
        used += allowed
        self._used[caller] = used, now
        self._used.move_to_end(caller)
        if len(self._used) > self._most:
            self._used.popitem(last=False)
        left = self.policy.quota - used
        return Standing(allowed, max(0, math.floor(left)), used / self._rate, max(0.0, 1 - left) / self._rate)
