"""What a run's workflow is told and asked, and what it answers: small models with references."""

from typing import Literal

from core.ids import RunId
from core.model import Model
from core.runs import RunStatus

Phase = Literal["preparing", "asking", "aggregating", "ended"]


class RunInput(Model):
    run_id: RunId


class Progress(Model):
    status: RunStatus
    phase: Phase
    agents: dict[str, RunStatus]
    """By the agent's name; its counts are its own workflow's to tell."""
    waits_for: str | None = None
    """Why it is paused, if nobody paused it."""


class RunOutcome(Model):
    status: RunStatus
    report_key: str | None = None
    validity: str | None = None


class Retry(Model):
    round: int
    """What the record asks for in this round is done: failures of earlier rounds asked again, trials or agents that
    were added, stored answers judged anew."""


class Decision(Model):
    """What a run has paused for is settled: there is a new budget, say."""

    kind: Literal["budget", "quota"]


class Concurrency(Model):
    """Calls in flight at once, from now on, by agent number."""

    agents: dict[int, int]
