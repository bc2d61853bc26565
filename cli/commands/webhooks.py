"""`benchmark webhooks`: events brought to programs and to people."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

ALL = "all"
Webhook = Annotated[
    str, typer.Argument(metavar="WEBHOOK", help="The webhook's id.", autocompletion=completion.webhooks)
]
Delivery = Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id, as `deliveries` lists it.")]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="TYPE",
        help="A type of event, such as run.completed; may be repeated. Without any, all but run.progress.",
    ),
]
OtherEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="TYPE",
        help="A type of event that it gets from now on, in place of those before; may be repeated. "
        f"{ALL!r}: all but run.progress.",
    ),
]
Description = Annotated[str | None, typer.Option(help="For people.")]
After = Annotated[
    int | None,
    typer.Option(min=0, help="The id of the event after which it begins; 0: from the first. Without it, now."),
]
OtherAfter = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="The id of the event after which it goes on; 0: from the first. What was tried before is not sent again.",
    ),
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Events brought to programs and to people.")
    group.command("list")(list_)
    group.command()(create)
    group.command()(show)
    group.command()(update)
    group.command()(delete)
    group.command("test")(try_)
    group.command()(deliveries)
    group.command()(redeliver)
    group.command()(rotate)
    app.add_typer(group, name="webhooks")


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List webhooks and how they fare."""
    from cli.webhooks import list_webhooks

    list_webhooks(api, limit=limit, as_json=as_json)


def create(
    url: Annotated[str, typer.Argument(help="Where to: http(s)://..., or with --notify a URL of apprise.")],
    event: Events = None,
    description: Description = None,
    after: After = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell people: by mail (mailtos://...), Slack (slack://...) and the like.")
    ] = False,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Have events posted to a URL, signed. The secret to check signatures with is shown once."""
    from cli.webhooks import create_webhook

    kind = "notify" if notify else "webhook"
    create_webhook(
        api, {"kind": kind, "url": url, "events": event, "description": description, "after": after}, as_json=as_json
    )


def show(webhook: Webhook, api: Api = None, as_json: Json = False) -> None:
    """Show a webhook: what it gets, how far it got, and since when it fails."""
    from cli.webhooks import show_webhook

    show_webhook(api, webhook, as_json=as_json)


def update(
    webhook: Webhook,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    event: OtherEvents = None,
    description: Description = None,
    enabled: Annotated[
        bool | None,
        typer.Option(
            "--enable/--disable", help="Whether anything is sent. Enabled again, it goes on where it stopped."
        ),
    ] = None,
    after: OtherAfter = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Change a webhook: what is not said stays as it is."""
    from cli.webhooks import update_webhook

    changes = {
        "url": url,
        "events": [] if event == [ALL] else event,
        "description": description,
        "enabled": enabled,
        "after": after,
    }
    update_webhook(api, webhook, changes, as_json=as_json)


def delete(webhook: Webhook, api: Api = None) -> None:
    """Delete a webhook and its log."""
    from cli.webhooks import delete_webhook

    delete_webhook(api, webhook)


def try_(webhook: Webhook, api: Api = None, as_json: Json = False) -> None:
    """Send it an event of no consequence, and tell how that went; exit code 4 when it was not taken."""
    from cli.webhooks import try_webhook

    try_webhook(api, webhook, as_json=as_json)


def deliveries(
    webhook: Webhook,
    status: Annotated[str | None, typer.Option(help="Only those that are pending, delivered or failed.")] = None,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """List what was delivered, the newest first, with every attempt."""
    from cli.webhooks import list_deliveries

    list_deliveries(api, webhook, status=status, limit=limit, as_json=as_json)


def redeliver(webhook: Webhook, delivery: Delivery, api: Api = None, as_json: Json = False) -> None:
    """Deliver again, at once."""
    from cli.webhooks import redeliver as deliver_again

    deliver_again(api, webhook, delivery, as_json=as_json)


def rotate(
    webhook: Webhook,
    keep: Annotated[str | None, typer.Option(help="How long the old secret still signs: 1h, 1d; default 1d.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Make another secret, and show it once."""
    from cli.webhooks import rotate_secret

    rotate_secret(api, webhook, keep=keep, as_json=as_json)
