"""`benchmark version|openapi`: what this program is and what it serves."""

from importlib.metadata import version as installed_version

import typer

from cli.commands.options import Api, Json
from cli.output import put_json, put_text


def declare(app: typer.Typer) -> None:
    app.command()(version)
    app.command()(openapi)


def version(as_json: Json = False) -> None:
    """Tell the version."""
    number = installed_version("ai-benchmark-service")
    if as_json:
        put_json({"version": number})
    else:
        put_text(number)


def openapi(api: Api = None) -> None:
    """Print the OpenAPI description of the API that answers."""
    from cli.connection import connect

    with connect(api) as client:
        put_json(client.get("/openapi.json"))
