"""How long to go on asking when nobody answers, or who answers says: not now."""

import logging
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from benchmark_client.errors import Problem, Unreachable

MOST_DOUBLINGS: Final = 60
"""Far beyond any longest pause; more of them would be no number."""
SERVERS: Final = 500
"""From this status on it is the service that is not well."""

logger = logging.getLogger("benchmark_client")


@dataclass(frozen=True)
class Patience:
    """Pauses double from `first_s` to `longest_s`, are never shorter than the service asks for (`Retry-After`), and
    differ at random, so that clients who were sent away together do not come back together."""

    tries: int = 10
    """How often a request is sent at most; 1 never sends one again."""
    total_s: float = 60.0
    """Seconds that the pauses of one request may add up to. A longer `Retry-After` is raised, not waited for."""
    first_s: float = 0.25
    longest_s: float = 8.0
    for_absent: bool = True
    """Whether a service that is away is waited for; otherwise only one that says when to come back (`Retry-After`)."""
    told: Callable[[Problem | Unreachable, float], None] | None = field(default=None, repr=False)
    """Is told of what went wrong before each pause, and how many seconds that is. Without it, the first pause of a
    request is logged (`logging`, `benchmark_client`): as a warning, but for what asks to be patient."""
    chance: Callable[[], float] = field(default=random.random, repr=False)
    """A number in [0, 1)."""

    def pause(self, complaint: Problem | Unreachable, tries: int, waited_s: float) -> float | None:
        """Seconds to wait after so many tries and so long a wait; None when it is enough."""
        asked_s = complaint.retry_after if isinstance(complaint, Problem) else None
        if tries >= self.tries or (asked_s is None and not self.for_absent):
            return None
        own = min(self.longest_s, self.first_s * 2 ** min(tries - 1, MOST_DOUBLINGS))
        # Down to half of its own, but not under what was asked for.
        pause = own * (0.5 + self.chance() / 2) if asked_s is None else asked_s + min(own, 1.0) * self.chance() / 2
        if waited_s + pause > self.total_s:
            return None
        if self.told is not None:
            self.told(complaint, pause)
        elif tries == 1:
            self._log(complaint)
        return pause

    def lasting(self, total_s: float | None) -> "Patience":
        """With the same pauses, however many, for so long; without end for None."""
        return replace(self, tries=sys.maxsize, total_s=math.inf if total_s is None else total_s)

    def _log(self, complaint: Problem | Unreachable) -> None:
        busy = isinstance(complaint, Problem) and complaint.status < SERVERS
        how_long = "without end" if self.total_s == math.inf else f"for {self.total_s:.0f} s at most"
        logger.log(logging.INFO if busy else logging.WARNING, "%s Trying again, %s.", complaint, how_long)
