"""`benchmark judges`: models that judge, held against people."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a calibration file instead.")]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Models that judge, held against people.")
    group.command()(calibrate)
    group.command("list")(list_)
    group.command()(show)
    app.add_typer(group, name="judges")


def calibrate(
    file: Annotated[Path | None, typer.Argument(help="A calibration file (YAML or JSON).")] = None,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Follow it to its end.")] = True,
    schema: Schema = False,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Let a judge judge what people have judged, and hold it against them: kappa, confusion, place and length bias.

    Exit codes: 0 done, 2 the file is wrong, 4 its run failed or was cancelled, 5 the API does not answer, 130 Ctrl-C.
    """
    from cli.exits import CommandError
    from cli.judges import calibrate as calibrate_
    from cli.judges import print_schema

    if schema:
        print_schema()
    elif file is None:
        raise CommandError("Name a calibration file; `benchmark judges calibrate --schema` describes one.")
    else:
        raise typer.Exit(calibrate_(api, file, watch_it=watch, as_json=as_json))


def list_(limit: Limit = 20, api: Api = None, as_json: Json = False) -> None:
    """List calibrations, the newest first."""
    from cli.judges import list_calibrations

    list_calibrations(api, limit=limit, as_json=as_json)


def show(
    calibration: Annotated[
        str, typer.Argument(help="A calibration's id.", autocompletion=completion.calibrations)
    ] = "latest",
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Show how a judge agrees with people."""
    from cli.judges import show_calibration

    show_calibration(api, calibration, as_json=as_json)
