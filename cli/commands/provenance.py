"""`benchmark reproduce` and `benchmark manifest`: what a run was made of, and the same once more."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Run


def declare(app: typer.Typer) -> None:
    app.command()(reproduce)
    app.command()(manifest)


def reproduce(
    run: Run,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Do it again although this is otherwise by now: evaluator (its version)."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Follow it to its end.")] = True,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Do a run again over the very cases that it asked, and tell in what the two differ once it has completed.

    Its configuration is the same in all: prompts, agents with their settings and seeds, evaluators with their versions.
    Exit codes: 0 submitted (with --watch: completed from the same things), 1 something differs, 4 the new run failed,
    5 the API does not answer, 130 Ctrl-C.
    """
    from cli.provenance import reproduce_run

    raise typer.Exit(reproduce_run(api, run, allow=allow or (), watch_it=watch, as_json=as_json))


def manifest(
    run: Run,
    against: Annotated[
        str | None,
        typer.Option(help="List in what it differs from this run instead.", autocompletion=completion.run_ids),
    ] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Show what a run was made of: cases, prompts, models that served, evaluators, code, prices."""
    from cli.provenance import show_manifest

    show_manifest(api, run, against=against, as_json=as_json)
