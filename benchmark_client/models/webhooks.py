"""Answers of the API about webhooks, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from benchmark_client.models.answer import Answer
from benchmark_client.models.events import Event


class DeliveryAttempt(Answer):
    """One try to deliver an event."""

    number: int
    started_at: datetime
    seconds: float
    http_status: int | None = None
    response: str | None = None
    error: str | None = None


class EventType(Answer):
    """Every type of event with its meaning; a new one is one more line here."""


class Webhook(Answer):
    """A webhook as people see it."""

    webhook_id: str
    project_id: str = "default"
    kind: Literal["webhook", "notify"] | str
    url: str
    events: tuple[EventType, ...]
    description: str
    status: Literal["active", "disabled"] | str
    disabled_reason: str | None = None
    after: int
    pending: int
    failing_since: datetime | None = None
    former_until: datetime | None = None
    created_at: datetime
    updated_at: datetime
    revision: int


class WebhookDelivery(Answer):
    """One event on its way to one webhook."""

    delivery_id: str
    webhook_id: str
    event: Event
    status: Literal["pending", "delivered", "failed"] | str
    reason: str | None = None
    attempts: tuple[DeliveryAttempt, ...]
    next_attempt_at: datetime | None = None
    created_at: datetime
    ended_at: datetime | None = None


class WebhookWithSecret(Webhook):
    """What is answered once, when the secret is made."""

    secret: str | None = None
