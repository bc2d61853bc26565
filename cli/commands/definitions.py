"""`benchmark init|validate|schema`: benchmark files, written, checked and described without any service."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Json
from cli.completion import agents


def declare(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(validate)
    app.command()(schema)


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("benchmark.yaml"),
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take what is said here, else the usual.")
    ] = False,
    name: Annotated[str, typer.Option(help="What the benchmark is called.")] = "my benchmark",
    data: Annotated[str | None, typer.Option(metavar="FILE", help="Questions; default: three examples.")] = None,
    input: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Of the data: the questions, if their column has another name.")
    ] = None,
    expected: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Of the data: the right answers, likewise.")
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option(metavar="KIND:MODEL", help="Whom to ask; default: one that is played.", autocompletion=agents),
    ] = None,
    evaluator: Annotated[
        str, typer.Option(help="What decides what is right: contains, exact, numeric, ...")
    ] = "contains",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write a first benchmark file, question by question, with a schema for your editor.

    What it writes is right, and runs with `benchmark dev`. Exit code 2: it cannot be written so.
    """
    from cli.wizard import PLAYED, Answers
    from cli.wizard import init as init_

    answers = Answers(name, data, input, expected, agent or PLAYED, evaluator)
    init_(file, answers, ask=not yes, overwrite=overwrite)


def validate(
    files: Annotated[list[Path], typer.Argument(help="Benchmark files (YAML or JSON).", exists=True, dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Check benchmark files: every key, every kind and its settings, and the data where it is a file or in the file.

    Exit code 2 names what is wrong, and where.
    """
    from cli.definitions import validate_files

    raise typer.Exit(validate_files(files, as_json=as_json))


def schema(
    of: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OF]...",
            help="A kind of file (benchmark, policy, calibration, preference), or a command such as `runs list`: what "
            "it prints with --json. Default: benchmark.",
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what there is a schema of.")] = False,
) -> None:
    """Print a JSON Schema: of a file you write, for editors, or of what a command prints with --json."""
    from cli.schemas import list_schemas, print_schema

    if listed:
        list_schemas()
    else:
        print_schema(" ".join(of or ["benchmark"]))
