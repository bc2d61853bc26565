"""`benchmark export`: a run as a file of another format."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cli.connection import connect
from cli.exits import CommandError
from cli.output import say
from cli.steering import run_id_of

BINARY: Final = frozenset({"inspect", "parquet"})
"""Formats that no terminal can show."""


def export(api: str | None, run: str, *, format: str, agent: str | None, output: Path | None) -> None:
    """Raises CommandError. A file is there whole, or as it was before."""
    if output is None and format in BINARY and sys.stdout.isatty():
        raise CommandError(f"A file of the format {format!r} is nothing to read: give --output FILE.")
    with connect(api) as client:
        run_id = run_id_of(client, run)
        pieces = client.download(f"/v1/runs/{run_id}/export", format=format, agent=agent)
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        size = _written(output, pieces)
    say(f"{output} has the run {run_id} as {format}, {size:,} bytes.")


def _written(path: Path, pieces: Iterator[bytes]) -> int:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            size = file.tell()
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return size
