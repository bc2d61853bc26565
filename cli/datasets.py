"""Stored datasets: listed, uploaded, looked at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.data_columns import mapped
from cli.exits import CommandError
from cli.figures import counted
from cli.output import put_json, say, show


def list_datasets(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/datasets", most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("No dataset is stored; `benchmark datasets upload FILE` stores one.")
    else:
        show(_table(found))


def upload_dataset(api: str | None, file: Path, *, name: str | None, as_json: bool) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
    with connect(api) as client:
        stored = client.upload("/v1/datasets", content, name=name or file.name.split(".")[0], filename=file.name)
    if as_json:
        put_json(stored)
    else:
        say(f"Stored dataset {stored['name']!r}, version {stored['version']}: {counted(stored['row_count'], 'row')}.")
        show(Text(usage(stored["name"], stored["version"], stored["fields"])))


def usage(name: str, version: int, columns: Sequence[str]) -> str:
    """How a benchmark file asks the questions of a stored dataset."""
    source = {"kind": "uploaded", "name": name, "version": version}
    fields = mapped(columns)
    lines = yaml.safe_dump({"dataset": {"source": source, **({"fields": fields} if fields else {})}}, sort_keys=False)
    return (
        f"A benchmark file asks its questions with these lines (without `version`, the newest one's):\n\n{lines}\n"
        f"Its columns: {', '.join(columns)}. A case has `input` and `expected` from columns of these names; "
        "`fields` names other ones."
    )


def show_dataset(api: str | None, dataset: str, *, as_json: bool) -> None:
    with connect(api) as client:
        found = client.get(f"/v1/datasets/{path_part(dataset)}")
    if as_json:
        put_json(found)
    else:
        show(_table([found]))


def _table(found: list[Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("name", "version", "format", "rows", "bytes", "fields"):
        table.add_column(column, overflow="fold")
    for dataset in found:
        cells = [dataset["name"], dataset["version"], dataset["format"], dataset["row_count"], dataset["size_bytes"]]
        table.add_row(*(Text(str(cell)) for cell in cells), Text(", ".join(dataset["fields"])))
    return table
