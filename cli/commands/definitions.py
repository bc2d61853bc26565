"""`benchmark validate|schema`: benchmark files, checked and described without any service."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Json


def declare(app: typer.Typer) -> None:
    app.command()(validate)
    app.command()(schema)


def validate(
    files: Annotated[list[Path], typer.Argument(help="Benchmark files (YAML or JSON).", exists=True, dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Check benchmark files: every key, every kind and its settings, and the data where it is a file or in the file.

    Exit code 2 names what is wrong, and where.
    """
    from cli.definitions import validate_files

    raise typer.Exit(validate_files(files, as_json=as_json))


def schema() -> None:
    """Print the JSON Schema of a benchmark file, for editors."""
    from cli.definitions import print_schema

    print_schema()
