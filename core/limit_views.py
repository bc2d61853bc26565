"""Provider keys as operators see them, and what a run waits for at one."""

from datetime import datetime

from pydantic import Field, computed_field

from core.circuit import CircuitState
from core.limits import Limits
from core.model import Model


class LimitRule(Model):
    """Limits of the keys that match: those of an origin, or only of one credential or model there."""

    rule_id: str
    origin: str
    credential: str | None = None
    model: str | None = None
    limits: Limits
    created_at: datetime
    revision: int
    """Another one with every change; a change may name the one it knows (`If-Match`)."""


class KeyUse(Model):
    """What one run has at a key, over all workers."""

    run_id: str
    waiting: int
    """Calls that wait for admission."""
    in_flight: int
    workers: int
    """Processes that ask for it."""
    waiting_since: datetime | None = None


class KeyView(Model):
    key_id: str
    origin: str
    credential: str | None
    """Its name: a stored credential's or an environment variable's."""
    model: str | None
    limits: Limits
    """The operator's; of the rule that says most about this key."""
    told: Limits
    """The provider's, as the headers of its answers tell."""
    calls_per_second: float | None
    """The rate that is tried; None while nothing was refused."""
    waits_until: datetime | None
    """The provider asked for silence until then."""
    breaker: CircuitState
    failures_in_a_row: int
    last_failure: str | None
    tried_again_at: datetime | None
    """When one call finds out whether an open breaker may close."""
    exhausted: str | None
    """Why nothing is left of the account."""
    answered_at: datetime | None
    throttled: int
    """Answers of "too many requests", ever."""
    seen_at: datetime
    runs: tuple[KeyUse, ...] = ()


class LimitWait(Model):
    """What a run waits for at one provider key."""

    key_id: str
    origin: str
    credential: str | None
    model: str | None
    calls: int = Field(ge=1)
    since: datetime
    until: datetime | None = None
    """When calls may go on, as far as is known."""
    reason: str | None = None
    """None when the calls only wait for their turn."""

    @computed_field
    @property
    def said(self) -> str:
        """All of it in a sentence."""
        where = " ".join(part for part in (self.origin, self.model) if part)
        calls = f"{self.calls:,} call{'' if self.calls == 1 else 's'}"
        why = self.reason.rstrip(".") if self.reason else "their turn, within the limits of the key"
        until = f" Until {self.until:%H:%M:%S} at least (UTC)." if self.until else ""
        return f"{calls} to {where} wait since {self.since:%H:%M:%S} (UTC): {why}.{until}"
