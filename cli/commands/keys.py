"""`benchmark keys`: who may use the service, and what for."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="The key's id, or its name.", autocompletion=completion.api_keys)
]
SCOPES = "benchmark:read, benchmark:write, results:read or admin:full"
Scopes = Annotated[
    list[str], typer.Option("--scope", metavar="SCOPE", help=f"What it is for: {SCOPES}; may be repeated.")
]
OtherScopes = Annotated[
    list[str] | None, typer.Option("--scope", metavar="SCOPE", help=f"All that it is for from now on: {SCOPES}.")
]
Expires = Annotated[
    str | None,
    typer.Option(metavar="WHEN", help="When it ends: 90d from now, a time such as 2027-06-30, or never."),
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="API keys: who may use the service, and what for.")
    group.command("list")(list_)
    group.command()(create)
    group.command()(show)
    group.command()(update)
    group.command()(rotate)
    group.command()(revoke)
    app.add_typer(group, name="keys")


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List API keys, the newest first, those that were revoked too."""
    from cli.keys import list_keys

    list_keys(api, limit=limit, as_json=as_json)


def create(
    name: Annotated[str, typer.Argument(help="Whose it is or what it is for, as the audit log tells it.")],
    scope: Scopes,
    expires: Expires = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Make an API key, and show it once: only its hash is kept."""
    from cli.keys import create_key

    create_key(api, name, scope, expires=expires, as_json=as_json)


def show(key: Key, api: Api = None, as_json: Json = False) -> None:
    """Show what a key may do, until when, and when it was used last."""
    from cli.keys import show_key

    show_key(api, key, as_json=as_json)


def update(
    key: Key,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    scope: OtherScopes = None,
    expires: Expires = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Change a key: only what is said."""
    from cli.keys import update_key

    update_key(api, key, name=name, scopes=scope, expires=expires, as_json=as_json)


def rotate(
    key: Key,
    keep: Annotated[
        str | None, typer.Option(help="How long the former secret still holds: 0s, 1h, 7d; default 1d.")
    ] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Make another secret for a key, and show it once."""
    from cli.keys import rotate_key

    rotate_key(api, key, keep=keep, as_json=as_json)


def revoke(key: Key, api: Api = None, as_json: Json = False) -> None:
    """End a key for good, everywhere within a second."""
    from cli.keys import revoke_key

    revoke_key(api, key, as_json=as_json)
