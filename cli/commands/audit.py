"""`benchmark audit`: who did what, and whether the log of it is whole."""

from typing import Annotated

import typer

from cli.commands.options import Api, Json, Limit


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Who did what, and whether the log of it is whole.")
    group.command("list")(list_)
    group.command()(verify)
    app.add_typer(group, name="audit")


def list_(
    who: Annotated[str | None, typer.Option(help="Only what the key of this name did, or operator.")] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(metavar="ACTION", help="Only these actions, such as api_key.revoke; may be repeated."),
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Only what was done to this id or name.")] = None,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """List who did what, the newest first."""
    from cli.audit import list_events

    list_events(api, who=who, actions=action, subject=subject, limit=limit, as_json=as_json)


def verify(
    known: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head of an earlier check: it must still be in the log.")
    ] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Check that no row of the log was changed, added or removed past the service; exit code 1 when one was."""
    from cli.audit import verify_log

    verify_log(api, known, as_json=as_json)
