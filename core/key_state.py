"""What is kept of a provider key: what is known of it, and what each process that uses it was granted."""

from core.circuit import WELL, Circuit
from core.limits import NO_LIMITS, Asker, Limits
from core.model import Model
from core.pacing import Pace
from core.tokens import Spending


class Stake(Model):
    """One process's part of a run: what it wants, and what it was granted."""

    owner: str
    asker: Asker
    wanted: float = 0.0
    waiting: int = 0
    in_flight: int = 0
    most_in_flight: int | None = None
    """What it may have out at once, where calls at once are limited."""
    carried: float = 0.0
    """Parts of calls it has a right to."""
    granted_at: float = 0.0
    """When it last got one of the places that do not divide evenly."""
    seen_at: float = 0.0
    waiting_since: float | None = None


class KeyState(Model):
    """What is known of a key."""

    limits: Limits = NO_LIMITS
    """The operator's."""
    told: Limits = NO_LIMITS
    """The provider's, by its headers."""
    pace: Pace = Pace()
    spending: Spending = Spending()
    circuit: Circuit = WELL
    exhausted: str | None = None
    exhausted_until: float = 0.0
    answered_at: float | None = None
    throttled: int = 0
    """Refusals for too many requests, ever."""
