"""Webhooks: who is told of events as they happen, and what became of every delivery."""

from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints

from core.events import Event, EventType
from core.ids import DEFAULT_PROJECT
from core.model import Model

WebhookKind = Literal["webhook", "notify"]
"""webhook: a signed POST; notify: a message to people (mail, Slack, ...), by a URL of the library apprise."""
WebhookStatus = Literal["active", "disabled"]
DeliveryStatus = Literal["pending", "delivered", "failed"]

TEST_EVENT: Final = "webhook.test"
"""Sent to one webhook when somebody tries it; no event of the outbox."""
ONLY_WHEN_NAMED: Final = frozenset({EventType.RUN_PROGRESS})
"""Types that a webhook which names none does not get: they come every two seconds."""
DAY_S: Final = 86_400
TOO_MANY: Final = 429

Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2048),
    Field(examples=["https://hooks.example.com/benchmark"]),
]
"""An http or https URL; with `kind: notify` a URL of apprise, which is kept secret."""
Types = Annotated[tuple[EventType, ...], Field(max_length=100, examples=[["run.completed", "run.failed"]])]
Description = Annotated[str, StringConstraints(max_length=500)]
Position = Annotated[int, Field(ge=0, lt=2**63)]


class NewWebhook(Model):
    """What is posted to be told of events."""

    kind: WebhookKind = "webhook"
    url: Address
    events: Types = ()
    """Which types; without any, all but `run.progress`."""
    description: Description = ""
    after: Position | None = None
    """The id of the event after which it begins; without one, it begins now."""


class WebhookChange(Model):
    """What is to be otherwise; absent fields stay as they are."""

    url: Address | None = None
    events: Types | None = None
    description: Description | None = None
    enabled: bool | None = None
    """False: nothing more is sent to it. True: it goes on where it stopped, or after `after`."""
    after: Position | None = None
    """The id of the event after which it goes on. Events that were tried before are not sent again by this."""


class Rotation(Model):
    keep_s: int = Field(default=DAY_S, ge=0, le=7 * DAY_S)
    """For so many seconds deliveries are signed with the old secret as well."""


class Webhook(Model):
    """A webhook as people see it."""

    webhook_id: str
    project_id: str = DEFAULT_PROJECT
    kind: WebhookKind
    url: str
    """Of `notify` only how it begins: the rest is a secret."""
    events: tuple[EventType, ...]
    description: str
    status: WebhookStatus
    disabled_reason: str | None
    after: int
    """Up to this event, all that it wants are delivered, on their way or given up."""
    pending: int
    """Deliveries on their way."""
    failing_since: datetime | None
    """When a delivery failed and none has succeeded since."""
    former_until: datetime | None = None
    """Until then deliveries are signed with the secrets before the last rotation as well."""
    created_at: datetime
    updated_at: datetime
    revision: int
    """Another one with every change somebody makes; `If-Match` names it."""


class WebhookWithSecret(Webhook):
    """What is answered once, when the secret is made."""

    secret: str | None
    """`whsec_...`, to check signatures with. Never shown again: a repeated request is answered without it, and
    `notify` has none."""


class DeliveryAttempt(Model):
    """One try to deliver an event."""

    number: int
    started_at: datetime
    seconds: float
    http_status: int | None
    response: str | None
    """How the receiver's answer begins."""
    error: str | None
    """Why it does not count as delivered, in a sentence."""


class WebhookDelivery(Model):
    """One event on its way to one webhook."""

    delivery_id: str
    """Sent as `webhook-id`, the same with every attempt: a receiver that has seen it need not act again."""
    webhook_id: str
    event: Event
    status: DeliveryStatus
    reason: str | None
    """Why it was given up."""
    attempts: tuple[DeliveryAttempt, ...]
    """The last ones, oldest first."""
    next_attempt_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


class Parcel(NamedTuple):
    """What a sender needs to deliver an event once."""

    delivery_id: str
    event: Event
    url: str
    secrets: tuple[str, ...]
    """The present one first, then those that still hold."""


class Sent(NamedTuple):
    """What came of sending."""

    error: str | None = None
    """None: it was taken."""
    http_status: int | None = None
    response: str | None = None
    retry_after_s: float | None = None
    gone: bool = False
    """The receiver wants nothing more, ever."""

    @property
    def holds_back(self) -> bool:
        """Whether the receiver asked not to be sent this for a while."""
        return self.retry_after_s is not None or self.http_status == TOO_MANY


class Tried(Model):
    """What an attempt means for the delivery's workflow."""

    status: DeliveryStatus
    wait_s: float | None = None
    """Until the next attempt; None when the delivery is settled."""
    said: str
    """For people: `HTTP 503`, `delivered`, ..."""
