"""`benchmark preferences`: agents head to head."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

File = Annotated[Path | None, typer.Argument(metavar="FILE", help="A file with the judge (YAML or JSON).")]
Sides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN[:AGENT]",
        help="Who takes part, if the file does not say; a run alone: all its agents.",
        autocompletion=completion.run_ids,
    ),
]


Judged = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Its run's id; `latest` is the newest one.", autocompletion=completion.preferences
    ),
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Agents head to head: whose answers judges prefer.")
    group.command()(start)
    group.command("list")(list_)
    group.command()(show)
    app.add_typer(group, name="preferences")


def start(
    file: File = None,
    sides: Sides = None,
    baseline: Annotated[str | None, typer.Option(help="Hold the others against this one alone.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Judge at most this many cases.")] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: draw them at random by this seed.")] = None,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Follow it to its end.")] = True,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the file instead.")] = False,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Have judges compare recorded answers pair by pair; no agent is asked.

    Exit codes: 0 done, 2 the file is wrong, 4 its run failed or was cancelled, 5 the API does not answer, 130 Ctrl-C.
    """
    from cli.exits import CommandError
    from cli.preferences import Wanted, print_schema
    from cli.preferences import start as start_

    if schema:
        print_schema()
    elif file is None:
        raise CommandError("Name a file with the judge; `benchmark preferences start --schema` describes one.")
    else:
        wanted = Wanted(file, tuple(sides or ()), baseline, limit, seed)
        raise typer.Exit(start_(api, wanted, watch_it=watch, as_json=as_json))


def list_(limit: Limit = 20, api: Api = None, as_json: Json = False) -> None:
    """List comparisons head to head, the newest first."""
    from cli.preferences import list_preferences

    list_preferences(api, limit=limit, as_json=as_json)


def show(run: Judged = "latest", api: Api = None, as_json: Json = False) -> None:
    """Show whose answers the judges prefer."""
    from cli.preferences import show_preference

    show_preference(api, run, as_json=as_json)
