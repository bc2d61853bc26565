"""`benchmark report`: a run as a page to be read, kept or sent."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Api, Json, Run


def declare(app: typer.Typer) -> None:
    app.command()(report)


def report(
    run: Run = "latest",
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; `-` is standard output. Default: RUN.html"
        ),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="AGENT", help="The agent to hold the others against; default: the first.")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Write a run's report: one HTML file with the answer, intervals, differences, costs and telling questions.

    The file needs no network and runs no code, so it can be sent by mail. --json prints the stored figures instead.
    """
    from cli.report_file import print_report, write_report

    if as_json:
        print_report(api, run)
    elif output == "-":
        write_report(api, run, None, baseline=baseline, open_it=False)
    else:
        write_report(api, run, Path(output) if output else Path(), baseline=baseline, open_it=open_it)
