"""`benchmark export`: runs for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Api, Run


def declare(app: typer.Typer) -> None:
    app.command()(export)


def export(
    run: Run = "latest",
    format: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="csv, jsonl, parquet, junit, inspect, lm-eval, every-eval-ever, or an installed one."
        ),
    ] = "csv",
    agent: Annotated[str | None, typer.Option(help="Only this agent; some formats have room for one.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: standard output.", dir_okay=False)
    ] = None,
    api: Api = None,
) -> None:
    """Take a run that has ended elsewhere: as a table, for CI, or as a log or results of another tool.

    Exit codes: 2 no such format, --agent is missing, the run has not ended, or FILE cannot be written; 5 no API.
    """
    from cli.exporting import export as export_

    export_(api, run, format=format, agent=agent, output=output)
