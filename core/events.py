"""What happened, told to whoever wants to know: the types of events, and an event as it is sent (CloudEvents 1.0)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from core.model import Model


class EventType(StrEnum):
    """Every type of event with its meaning; a new one is one more line here."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    RUN_QUEUED = "run.queued", "a run was accepted"
    RUN_STARTED = "run.started", "the cases of a round are known, and the asking begins"
    RUN_PROGRESS = "run.progress", "more of it is done: at most every two seconds, and only when a whole percent is new"
    RUN_PAUSED = "run.paused", "nothing more is asked until somebody decides; `reason` says why, if nobody asked for it"
    RUN_RESUMED = "run.resumed", "a paused run goes on"
    RUN_STALLED = "run.stalled", "it does not move, or lost its workflow: `cause` and `reason` say why"
    RUN_RECOVERED = "run.recovered", "a stalled run moves again"
    RUN_COMPLETED = "run.completed", "a run ended with its figures"
    RUN_FAILED = "run.failed", "a run ended without figures; `error` says why"
    RUN_CANCELLED = "run.cancelled", "a run was cancelled; what was answered has its figures"
    RUN_RETRIED = "run.retried", "what failed is asked again, in another round"
    RUN_RETUNED = "run.retuned", "a run got another concurrency or budget"
    RUN_EXTENDED = "run.extended", "a run got more trials or agents, in another round"
    RUN_RESCORED = "run.rescored", "stored answers are judged by other evaluators, in another round"
    BUDGET_REACHED = "budget.reached", "a budget is spent, and the run has paused"
    QUOTA_REACHED = "quota.reached", "nothing is left of an account with a provider, and the run has paused"
    GATE_PASSED = "gate.passed", "a gate let a run pass"
    GATE_FAILED = "gate.failed", "a gate did not let a run pass"
    GATE_INCONCLUSIVE = "gate.inconclusive", "too little was asked for a gate to decide"
    SCHEDULE_LATE = "schedule.late", "a time of a schedule has passed and its run is not there yet; `reason` says why"
    SCHEDULE_MISSED = "schedule.missed", "a schedule's times came to no run, and never will; `reason` says why"
    SCHEDULE_FAILING = "schedule.failing", "a schedule's run was refused or failed: the n-th `in_a_row`"
    SCHEDULE_RECOVERED = "schedule.recovered", "a schedule's run completed after others had failed"
    REGRESSION_FOUND = "regression.found", "a run is worse than its baseline: `effect`, `low`, `high`, what differed"
    BASELINE_UNUSABLE = "baseline.unusable", "a run cannot be held against its baseline; `reason` says why"
    WEBHOOK_DISABLED = (
        "webhook.disabled",
        "nothing more is sent to a webhook: it is gone or failed for days; see `reason`",
    )


class Event(Model):
    """One event, in the JSON form of CloudEvents 1.0.

    Events of a project are numbered from 1, in the order in which they came true: whoever has seen number n has seen
    all before it, and the next one is n + 1.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    """Its number within the project, in decimal digits; of `webhook.test`, which has none, the delivery's id."""
    type: str
    """One of `EventType`; clients ignore those they do not know."""
    source: str
    """The path of this API where the thing is that it happened to."""
    subject: str
    """The id of that thing: a run's, as a rule."""
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any]

    @property
    def position(self) -> int:
        return int(self.id)
