"""Webhooks as the API makes and changes them: addresses are checked, secrets made, sealed, and told once."""

from typing import Any

from adapters.database.revisions import Expected
from adapters.database.webhooks import Subscription
from adapters.webhooks.courier import SECRET_OF, URL_OF, Courier
from adapters.webhooks.signing import new_secret
from api.services import Services
from core.errors import Conflict, InvalidInput
from core.webhooks import TEST_EVENT, NewWebhook, Rotation, Webhook, WebhookChange, WebhookDelivery, WebhookWithSecret


async def made(services: Services, wanted: NewWebhook, *, webhook_id: str, project_id: str) -> WebhookWithSecret:
    """Raises InvalidInput for an address that cannot be sent to, or where nothing can be kept secret."""
    sender = services.senders[wanted.kind]
    await sender.check(wanted.url)
    secret = new_secret() if wanted.kind == "webhook" else None
    subscription = Subscription(
        webhook_id=webhook_id,
        project_id=project_id,
        kind=wanted.kind,
        url=sender.shown(wanted.url),
        sealed_url=_sealed_url(services, wanted.url, wanted.kind, project_id, webhook_id),
        sealed_secret=None if secret is None else _sealed(services, secret, SECRET_OF, project_id, webhook_id),
        events=[each.value for each in dict.fromkeys(wanted.events)],
        description=wanted.description,
        position=await _position(services, wanted.after, project_id),
    )
    return _told(await services.webhooks.add(subscription), secret)


async def changed(
    services: Services, webhook: Webhook, wanted: WebhookChange, *, expected: Expected | None = None
) -> Webhook:
    """Raises InvalidInput, StaleRevision."""
    project_id, webhook_id = webhook.project_id, webhook.webhook_id
    changes: dict[str, Any] = {}
    if wanted.url is not None:
        sender = services.senders[webhook.kind]
        await sender.check(wanted.url)
        changes["url"] = sender.shown(wanted.url)
        changes["sealed_url"] = _sealed_url(services, wanted.url, webhook.kind, project_id, webhook_id)
    if wanted.events is not None:
        changes["events"] = [each.value for each in dict.fromkeys(wanted.events)]
    if wanted.description is not None:
        changes["description"] = wanted.description
    if wanted.after is not None:
        changes["position"] = await _position(services, wanted.after, project_id)
    return await services.webhooks.change(project_id, webhook_id, changes, enabled=wanted.enabled, expected=expected)


async def rotated(
    services: Services, webhook: Webhook, wanted: Rotation, *, expected: Expected | None = None
) -> WebhookWithSecret:
    """Raises Conflict for a notification, which signs nothing, and StaleRevision."""
    project_id, webhook_id = webhook.project_id, webhook.webhook_id
    if webhook.kind != "webhook":
        raise Conflict("A notification is not signed and has no secret; change its `url` instead.")
    secret = new_secret()
    sealed = _sealed(services, secret, SECRET_OF, project_id, webhook_id)
    webhook = await services.webhooks.rotate(project_id, webhook_id, sealed, keep_s=wanted.keep_s, expected=expected)
    return _told(webhook, secret)


async def tried(services: Services, webhook: Webhook) -> WebhookDelivery:
    """Sends it an event of no consequence, once, and tells how that went."""
    project_id, webhook_id = webhook.project_id, webhook.webhook_id
    courier = Courier(services.deliveries, services.sealer, services.senders)
    delivery_id = await services.deliveries.add_trial(project_id, webhook_id, TEST_EVENT, {"url": webhook.url})
    await courier.deliver(delivery_id, pause_s=None)
    return await services.deliveries.get(project_id, webhook_id, delivery_id)


async def _position(services: Services, after: int | None, project_id: str) -> int:
    """Raises InvalidInput for an event that there is not yet."""
    newest = await services.feed.events.newest(project_id)
    if after is not None and after > newest:
        raise InvalidInput(f"There is no event {after}; the newest is {newest}.", pointer="/after")
    return newest if after is None else after


def _sealed_url(services: Services, url: str, kind: str, project_id: str, webhook_id: str) -> str | None:
    return _sealed(services, url, URL_OF, project_id, webhook_id) if kind == "notify" else None


def _sealed(services: Services, text: str, what: str, project_id: str, webhook_id: str) -> str:
    return services.sealer.seal(text, project_id=project_id, name=webhook_id, origin=what)


def _told(webhook: Webhook, secret: str | None) -> WebhookWithSecret:
    return WebhookWithSecret(**dict(webhook), secret=secret)
