"""`/v1/webhooks`: events brought to programs and to people, and the log of what was delivered."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from api.examples import WEBHOOKS
from api.idempotency import IDEMPOTENT, keep_instead, new_webhook_id
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.security import Principal, Reader, Writer
from api.services import Services, ServicesDep
from api.subscribing import changed, made, rotated, tried
from core.webhooks import (
    DeliveryStatus,
    NewWebhook,
    Rotation,
    Webhook,
    WebhookChange,
    WebhookDelivery,
    WebhookWithSecret,
)

router = APIRouter(tags=["webhooks"], route_class=GuardedRoute)
WebhookId = Annotated[str, Path(max_length=100, description="Its id.", examples=["hook_01k9rjw1qye8xs5vt1m4ywk0a4"])]
DeliveryId = Annotated[str, Path(max_length=100, description="Its id.", examples=["msg_01k9rjw1qye8xs5vt1m4ywk0a5"])]
Status = Annotated[DeliveryStatus | None, Query(description="Only those that stand like this.")]
A_DAY = Rotation()
READING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 422, 503)
ASKING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 409, 413, 415, 422, 503)
CHANGING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503)


@router.post(
    "/v1/webhooks",
    operation_id="create_webhook",
    summary="Be told of events",
    status_code=201,
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def create_webhook(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[NewWebhook, Body(openapi_examples=WEBHOOKS)],
) -> WebhookWithSecret:
    """Every event of these types is posted to `url` within a second or two, signed as Standard Webhooks says.

    What is not answered with 2xx in 15 seconds is tried again for three days, with growing pauses. The answer tells the
    `secret` to check signatures with, once. With `kind: notify` people get a message instead: `url` is one of apprise,
    and a secret.
    """
    webhook = await made(services, body, webhook_id=new_webhook_id(request), project_id=principal.project_id)
    await _told(services, principal, "webhook.create", webhook.webhook_id, url=webhook.url)
    keep_instead(request, webhook.model_copy(update={"secret": None}))
    response.headers["Location"] = f"/v1/webhooks/{webhook.webhook_id}"
    mark(response, webhook.revision)
    return webhook


@router.get("/v1/webhooks", operation_id="list_webhooks", summary="List webhooks", responses=READING)
async def list_webhooks(services: ServicesDep, principal: Reader, part: Part) -> Listing[Webhook]:
    """The oldest first, never their secrets."""
    page = await services.webhooks.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)


@router.get("/v1/webhooks/{webhook_id}", operation_id="get_webhook", summary="Look at a webhook", responses=READING)
async def get_webhook(response: Response, services: ServicesDep, principal: Reader, webhook_id: WebhookId) -> Webhook:
    """Where it stands: how far it got, what is on its way, and since when it fails."""
    webhook = await services.webhooks.get(principal.project_id, webhook_id)
    mark(response, webhook.revision)
    return webhook


@router.patch(
    "/v1/webhooks/{webhook_id}",
    operation_id="change_webhook",
    summary="Change a webhook",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def change_webhook(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    webhook_id: WebhookId,
    body: WebhookChange,
    expected: ExpectedRevision,
) -> Webhook:
    """Only what is said changes. One that is enabled again goes on where it stopped, or after the event `after`."""
    webhook = await services.webhooks.get(principal.project_id, webhook_id)
    view = await changed(services, webhook, body, expected=expected)
    mark(response, view.revision)
    await _told(services, principal, "webhook.change", webhook_id, fields=", ".join(sorted(body.model_fields_set)))
    return view


@router.delete(
    "/v1/webhooks/{webhook_id}",
    operation_id="delete_webhook",
    summary="Delete a webhook",
    status_code=204,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def delete_webhook(
    services: ServicesDep, principal: Writer, webhook_id: WebhookId, expected: ExpectedRevision
) -> Response:
    """With its log; what is on its way is not sent any more."""
    await services.webhooks.remove(principal.project_id, webhook_id, expected=expected)
    await _told(services, principal, "webhook.delete", webhook_id)
    return Response(status_code=204)


@router.post(
    "/v1/webhooks/{webhook_id}/test",
    operation_id="test_webhook",
    summary="Try a webhook",
    responses=ASKING,
    openapi_extra=IDEMPOTENT,
)
async def test_webhook(services: ServicesDep, principal: Writer, webhook_id: WebhookId) -> WebhookDelivery:
    """Sends an event `webhook.test` now, once, and answers how that went. Works for a disabled one, too."""
    webhook = await services.webhooks.get(principal.project_id, webhook_id)
    delivery = await tried(services, webhook)
    await _told(services, principal, "webhook.test", webhook_id, status=delivery.status)
    return delivery


@router.post(
    "/v1/webhooks/{webhook_id}/rotate",
    operation_id="rotate_webhook_secret",
    summary="Make another secret",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def rotate_webhook_secret(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    webhook_id: WebhookId,
    expected: ExpectedRevision,
    body: Rotation = A_DAY,
) -> WebhookWithSecret:
    """Told once, as the first. For `keep_s` seconds deliveries bear a signature of each secret, the new one first, so
    that receivers can change to it in their own time."""
    found = await services.webhooks.get(principal.project_id, webhook_id)
    webhook = await rotated(services, found, body, expected=expected)
    mark(response, webhook.revision)
    await _told(services, principal, "webhook.rotate", webhook_id, keep_s=str(body.keep_s))
    keep_instead(request, webhook.model_copy(update={"secret": None}))
    return webhook


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries",
    operation_id="list_deliveries",
    summary="List what was delivered",
    responses=READING,
)
async def list_deliveries(
    services: ServicesDep, principal: Reader, webhook_id: WebhookId, part: Part, status: Status = None
) -> Listing[WebhookDelivery]:
    """The newest first, with every attempt: when, how long, the HTTP status, how the answer begins, and what is next.
    Kept for 30 days."""
    await services.webhooks.get(principal.project_id, webhook_id)
    page = await services.deliveries.page(
        principal.project_id, webhook_id, limit=part.limit, cursor=part.cursor, status=status
    )
    return part.of(page, lambda one: one)


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
    operation_id="get_delivery",
    summary="Look at a delivery",
    responses=READING,
)
async def get_delivery(
    services: ServicesDep, principal: Reader, webhook_id: WebhookId, delivery_id: DeliveryId
) -> WebhookDelivery:
    """One event on its way, with every attempt."""
    return await services.deliveries.get(principal.project_id, webhook_id, delivery_id)


@router.post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver",
    summary="Deliver again",
    status_code=202,
    responses=ASKING,
    openapi_extra=IDEMPOTENT,
)
async def redeliver(
    response: Response, services: ServicesDep, principal: Writer, webhook_id: WebhookId, delivery_id: DeliveryId
) -> WebhookDelivery:
    """At once, with the same `webhook-id`, and again for three days if need be: also what was delivered or given up."""
    delivery = await services.deliveries.redeliver(principal.project_id, webhook_id, delivery_id)
    await _told(services, principal, "webhook.redeliver", webhook_id, delivery=delivery_id)
    response.headers["Location"] = f"/v1/webhooks/{webhook_id}/deliveries/{delivery_id}"
    return delivery


async def _told(services: Services, principal: Principal, action: str, subject: str, **data: str) -> None:
    """In the record of who did what."""
    await services.audit.record(principal.project_id, principal.name, action, subject, data)
