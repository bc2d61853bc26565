"""Webhooks and their deliveries, made and looked at through the API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.figures import NOT_KNOWN
from cli.listings import moment
from cli.output import put_json, say, show
from cli.schedules import seconds_of
from core.webhooks import DeliveryAttempt, Webhook, WebhookDelivery

STATES: Final = {"active": "green", "disabled": "red", "pending": "yellow", "delivered": "green", "failed": "red"}


def list_webhooks(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/webhooks", most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("There is no webhook yet; make one with `benchmark webhooks create URL --event run.completed`.")
    else:
        show(_table([Webhook.model_validate(data, extra="ignore") for data in found]))


def create_webhook(api: str | None, wanted: Mapping[str, Any], *, as_json: bool) -> None:
    with connect(api) as client:
        _tell(client.post("/v1/webhooks", given(wanted)), as_json=as_json)


def show_webhook(api: str | None, webhook: str, *, as_json: bool) -> None:
    with connect(api) as client:
        _tell(client.get(_path(webhook)), as_json=as_json)


def update_webhook(api: str | None, webhook: str, changes: Mapping[str, Any], *, as_json: bool) -> None:
    """Raises CommandError."""
    body = given(changes)
    if not body:
        raise CommandError("Say what is to change; `benchmark webhooks update --help` lists what can.")
    with connect(api) as client:
        _tell(client.patch(_path(webhook), body), as_json=as_json)


def delete_webhook(api: str | None, webhook: str) -> None:
    with connect(api) as client:
        client.delete(_path(webhook))
    say(f"Deleted the webhook {webhook} and its log.")


def try_webhook(api: str | None, webhook: str, *, as_json: bool) -> None:
    """Raises CommandError when it was not taken."""
    with connect(api) as client:
        data = client.post(f"{_path(webhook)}/test")
    delivery = _delivery(data)
    if as_json:
        put_json(data)
    else:
        show(_told(delivery))
    if delivery.status != "delivered":
        raise CommandError(f"It was not taken: {delivery.reason}", code=Exit.FAILED)


def list_deliveries(api: str | None, webhook: str, *, status: str | None, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing(f"{_path(webhook)}/deliveries", most=limit, status=status))
    if as_json:
        put_json(found)
    elif not found:
        say("There is no such delivery." if status else "Nothing was delivered yet.")
    else:
        for data in found:
            show(_told(_delivery(data)))


def redeliver(api: str | None, webhook: str, delivery: str, *, as_json: bool) -> None:
    with connect(api) as client:
        data = client.post(f"{_path(webhook)}/deliveries/{path_part(delivery)}/redeliver")
    if as_json:
        put_json(data)
    else:
        say(f"It is sent again; see `benchmark webhooks deliveries {webhook}`.")


def rotate_secret(api: str | None, webhook: str, *, keep: str | None, as_json: bool) -> None:
    body = {} if keep is None else {"keep_s": seconds_of(keep)}
    with connect(api) as client:
        _tell(client.post(f"{_path(webhook)}/rotate", body), as_json=as_json)


def given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was said.

    >>> given({"url": "https://hooks.example.com", "events": None})
    {'url': 'https://hooks.example.com'}
    """
    return {name: value for name, value in wanted.items() if value is not None}


def _path(webhook: str) -> str:
    return f"/v1/webhooks/{path_part(webhook)}"


def _delivery(data: Any) -> WebhookDelivery:
    return WebhookDelivery.model_validate(data, extra="ignore")


def _tell(data: Any, *, as_json: bool) -> None:
    if as_json:
        put_json(data)
        return
    found = Webhook.model_validate(data, extra="ignore")
    show(Text.assemble((found.url, "bold"), "  ", (found.status, STATES[found.status]), f"  {found.webhook_id}"))
    if found.disabled_reason:
        show(Text(f"  why       {found.disabled_reason}", "red"))
    if found.description:
        show(Text(f"  for       {found.description}"))
    show(Text(f"  events    {_events(found)}"))
    show(Text(f"  so far    up to event {found.after}, {found.pending} on their way"))
    if found.failing_since:
        show(Text(f"  failing   since {moment(found.failing_since)}", "yellow"))
    if found.former_until:
        show(Text(f"  rotated   the former secret signs as well until {_second(found.former_until)}", "yellow"))
    if data.get("secret"):
        show(Text(f"  secret    {data['secret']}"))
        say("The secret is shown this once: keep it where the receiver finds it.")


def _events(webhook: Webhook) -> str:
    return ", ".join(webhook.events) or "all but run.progress"


def _table(webhooks: Sequence[Webhook]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("webhook", "url", "events", "status", "pending", "failing since"):
        table.add_column(column, overflow="fold", no_wrap=column == "webhook")
    for each in webhooks:
        failing = NOT_KNOWN if each.failing_since is None else moment(each.failing_since)
        status = Text(each.status, STATES[each.status])
        table.add_row(each.webhook_id, Text(each.url), _events(each), status, str(each.pending), failing)
    return table


def _told(delivery: WebhookDelivery) -> Text:
    """A delivery with its event, a line for each of its attempts, and what is next."""
    event = f"{delivery.event.type} of {delivery.event.subject}"
    status = (delivery.status, STATES[delivery.status])
    lines = [Text.assemble(delivery.delivery_id, "  ", status, f"  {event}, {_second(delivery.event.time)}")]
    lines += [
        Text(f"  attempt {each.number}  {_second(each.started_at)}  {_answer(each)}") for each in delivery.attempts
    ]
    if delivery.next_attempt_at is not None:
        lines.append(Text(f"  next       {_second(delivery.next_attempt_at)}", "yellow"))
    return Text("\n").join(lines)


def _answer(attempt: DeliveryAttempt) -> str:
    """How an attempt was answered, and how soon."""
    answered = f"HTTP {attempt.http_status}" if attempt.http_status else "no answer"
    # What only repeats the status says nothing more.
    why = "" if attempt.error in (None, f"{answered}.") else attempt.error
    parts = [f"{answered} in {attempt.seconds:.2f} s", why, (attempt.response or "").strip()[:80]]
    return ": ".join(part for part in parts if part)


def _second(at: datetime) -> str:
    """To the second, for the first attempts follow within seconds of each other; in the reader's zone, named."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
