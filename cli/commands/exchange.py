"""`benchmark export|import`: runs for other programs, and benchmarks from theirs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Api, Json, Run


def declare(app: typer.Typer) -> None:
    app.command()(export)
    app.command("import")(import_)


def export(
    run: Run = "latest",
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="csv, jsonl, parquet, junit, inspect, lm-eval, every-eval-ever, mlflow, or an installed one.",
        ),
    ] = "csv",
    agent: Annotated[str | None, typer.Option(help="Only this agent; some formats have room for one.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: standard output.", dir_okay=False)
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Of mlflow: the tracking server. [default: MLFLOW_TRACKING_URI]"),
    ] = None,
    api: Api = None,
) -> None:
    """Take a run that has ended elsewhere: as a table, for CI, or as a log or results of another tool.

    Exit codes: 2 no such format, --agent is missing, the run has not ended, or FILE cannot be written; 5 no API.
    """
    from cli.exporting import export as export_
    from cli.exporting import track

    if format == "mlflow":
        track(api, run, to=to)
        return
    if to is not None:
        raise typer.BadParameter(
            "only runs of the format mlflow are sent somewhere; others take --output.", param_hint="--to"
        )
    export_(api, run, format=format, agent=agent, output=output)


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder of rows.")],
    kind: Annotated[
        str | None, typer.Option("--from", help="promptfoo, inspect, rows, or an installed one; else it is found out.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the benchmark is called. Default: the file's name.")] = None,
    folder: Annotated[Path, typer.Option(help="Where its files go.", file_okay=False)] = Path(),
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="Of rows: which column is the input, expected, choices, category."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Make a benchmark file of a promptfoo configuration, a log of Inspect AI, or rows as Hugging Face has them.

    Tells everything that could not be carried over. What it writes is right, and runs with `benchmark dev`.
    """
    from cli.importing import import_file

    import_file(path, kind=kind, name=name, folder=folder, columns=column or (), overwrite=overwrite, as_json=as_json)
