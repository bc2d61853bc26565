"""What an agent's workflow is given and told, and what it answers: small models with references."""

from typing import Literal

from core.model import Model
from core.work import Share
from workflows.batches import Span


class AgentWork(Model):
    """The whole state of an agent's part, so that it can continue as new."""

    share: Share
    name: str
    total: int
    concurrency: int
    cursor: int = 0
    unfinished: tuple[Span, ...] = ()
    answered: int = 0
    failed: int = 0
    evaluated: int = 0
    absent: int = 0
    paused: bool = False
    asks: bool = True
    """False when stored answers are only judged."""
    stops: bool = False
    """Whether asking may end early, at a decision."""
    decision: str | None = None


class Retune(Model):
    concurrency: int


class AgentProgress(Model):
    total: int
    answered: int
    failed: int
    evaluated: int
    paused: bool
    batches_in_flight: int


class AgentOutcome(Model):
    status: Literal["completed", "failed", "cancelled"]
    answered: int
    failed: int
    error: str | None = None
    decision: str | None = None
    """Why no more needed to be asked."""
