"""`benchmark benchmarks|evaluators`: what there is to choose from."""

import typer

from cli.commands.options import Api, Json, Limit


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Ready-made benchmarks, and those stored by name.")
    group.command("list")(benchmarks)
    app.add_typer(group, name="benchmarks")
    group = typer.Typer(no_args_is_help=True, help="The kinds of evaluators that are installed here.")
    group.command("list")(evaluators)
    app.add_typer(group, name="evaluators")


def benchmarks(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List ready-made benchmarks, and those stored in the service."""
    from cli.catalogue import list_benchmarks

    list_benchmarks(api, limit=limit, as_json=as_json)


def evaluators(as_json: Json = False) -> None:
    """List the kinds of evaluators installed here, with their settings."""
    from cli.catalogue import list_kinds

    list_kinds("evaluators", as_json=as_json)
