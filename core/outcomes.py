"""How one question to one agent ended. A failure is an outcome with a cause, never a wrong answer."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from core.cases import Reply
from core.model import Model

Cause = Literal["agent", "refused", "throttled", "timeout", "infrastructure", "budget", "cancelled", "unknown"]
"""agent: it sent something that is no answer; refused: it rejected the request, or the request could not be made;
throttled, timeout, infrastructure: it could not be had in time; unknown: a crash hid what happened."""


class ItemKey(NamedTuple):
    """Which question this is: the trial, and the case's place in the run's case set, both from 0."""

    trial: int
    case_index: int


class Answered(Model):
    status: Literal["answered"] = "answered"
    reply: Reply


class Failed(Model):
    status: Literal["failed"] = "failed"
    cause: Cause
    detail: str
    raw: str | None = None
    """What the agent sent, if it sent anything: printable, cut to a few KiB."""


Outcome = Annotated[Answered | Failed, Field(discriminator="status")]


class Item(Model):
    """One result as it is recorded: exactly one per (run, agent, case, trial)."""

    key: ItemKey
    case_id: str
    category: str | None
    cluster: str | None = None
    outcome: Outcome
    queue_s: float = 0.0
    """Seconds the question waited for a free place before its last call."""
