"""What a provider key may be asked for, what its askers want of it, and what each of them may do next.

A provider key is an origin, the identity of the credential sent there and, where the provider counts by model, the
model. All workers of the service share its limits; `core.sharing` says how. Times are seconds on one clock.
"""

from contextvars import ContextVar
from typing import Literal, NamedTuple, TypeVar

from pydantic import Field

from core.model import Model

N = TypeVar("N", int, float)
TroubleKind = Literal["unavailable", "timeout", "credential", "quota"]
"""No connection or a failure on their side (5xx); no answer in time; the credential is refused; nothing is left of the
account."""


class Limits(Model):
    """What is allowed at most; None does not limit."""

    in_flight: int | None = Field(default=None, ge=1, le=100_000)
    """Calls at once, over all runs and workers."""
    requests_per_minute: float | None = Field(default=None, gt=0, le=10_000_000)
    tokens_per_minute: float | None = Field(default=None, gt=0, le=1e12)
    """Input and output tokens together."""

    def narrowed(self, other: "Limits") -> "Limits":
        """The stricter of both, limit by limit."""
        return Limits(
            in_flight=_least(self.in_flight, other.in_flight),
            requests_per_minute=_least(self.requests_per_minute, other.requests_per_minute),
            tokens_per_minute=_least(self.tokens_per_minute, other.tokens_per_minute),
        )


NO_LIMITS = Limits()


class ProviderKey(Model):
    key_id: str
    """`key_` and a keyed hash: says nothing of the secret, and is the same for the same secret."""
    origin: str
    credential: str | None = None
    """What people call it: a stored credential's name, an environment variable's, or None where no key is sent."""
    model: str | None = None
    """None where one limit holds for all models."""

    @property
    def label(self) -> str:
        """How sentences name it."""
        parts = [self.origin, *(part for part in (self.credential, self.model) if part)]
        return " ".join(parts)


class Asker(Model):
    """Who wants calls: a run, which shares with the others of its project by weight, as projects share evenly."""

    run_id: str
    project_id: str
    weight: float = Field(default=1.0, gt=0)
    limits: Limits = NO_LIMITS
    """What the run itself asks to keep to; the strictest of all who ask holds for the key."""


_NOBODY = Asker(run_id="", project_id="")
JUDGED_FOR: ContextVar[Asker] = ContextVar("judged for", default=_NOBODY)
"""Whose answers are judged: evaluators that ask others know nothing of runs."""


class Demand(Model):
    """One process's part of a run, as it stands when it reports."""

    asker: Asker
    waiting: int = 0
    """Calls that wait for admission."""
    in_flight: int = 0
    used: int = 0
    """Calls that began since the last report."""
    unused: int = 0
    """Granted by the last answer, and given back."""
    waited_s: float = 0.0
    """How long the oldest of those that wait has waited."""

    @property
    def wanted(self) -> float:
        """Calls it could begin before it reports again."""
        return self.waiting + 2 * self.used + 1 if self.waiting else 1.25 * self.used + 1


class Trouble(Model):
    """Calls in a row that failed alike, since the last one that did not."""

    kind: TroubleKind
    count: int = Field(ge=1)
    detail: str


class Told(NamedTuple):
    """What the headers of an answer say of the limits; None for what they do not."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    empty_for_s: float | None = None
    """Nothing is left; seconds until there is again."""


class Report(Model):
    """What one process saw of a key since its last report, and what it wants."""

    owner: str
    demands: tuple[Demand, ...] = ()
    epoch: int = 0
    """The last one the process knew; `accepted` and `throttled` count calls that were admitted in it."""
    accepted: int = 0
    throttled: int = 0
    told_to_wait_s: float = 0.0
    """The longest wait that a refusal asked for."""
    empty_for_s: float = 0.0
    """The longest time for which an answer's headers said that nothing is left."""
    tokens: int = 0
    answers: int = 0
    """Answers of any kind that show the provider is well."""
    trouble: Trouble | None = None
    probing: bool = False
    """The probe of a broken circuit is still out."""
    requests_per_minute: float | None = None
    """As the provider's headers tell."""
    tokens_per_minute: float | None = None
    exhausted: str | None = None
    """Why the account has nothing left."""


class Grant(Model):
    calls: int | None = None
    """Calls that may begin before the next report; None for any number."""
    in_flight: int | None = None
    """Calls that may be out at once; None for any number."""


class Allowance(Model):
    """What one process may do until it reports again."""

    epoch: int = 0
    free: bool = False
    """Nothing limits: no call waits."""
    interval_s: float
    """When to report again."""
    wait_s: float = 0.0
    """Nothing may begin before, as far as is known."""
    reason: str | None = None
    """Why nothing may begin, in a sentence; None when it is only their turn that calls wait for."""
    broken: bool = False
    """The circuit is open; a call that is granted all the same shall find out whether the provider is back."""
    exhausted: str | None = None
    """Nothing may begin before somebody has decided: why."""
    proven: bool = False
    """The key was answered before: trouble with it will pass."""
    grants: dict[str, Grant] = Field(default_factory=dict[str, Grant])
    """By run."""


def _least(one: N | None, other: N | None) -> N | None:
    return other if one is None else one if other is None else min(one, other)
