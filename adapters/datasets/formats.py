"""Files of every format as tables of rows."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Literal, get_args

from pydantic import Field

from adapters.datasets.content import Content
from adapters.datasets.delimited import delimited_rows
from adapters.datasets.documents import document_rows, is_lines
from adapters.datasets.json_lines import json_line_rows
from adapters.datasets.source import Row, Table
from core.errors import InvalidDataset, listed
from core.plugins import PluginSettings

Format = Literal["jsonl", "json", "csv", "tsv", "parquet"]
ENDINGS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}


class Layout(PluginSettings):
    """How to read a file, where its name does not tell."""

    format: Format | None = None
    """Default: by the file's ending; `.gz` after it, or gzip data under any name, is unpacked."""
    list: str | None = None
    """JSON: the key of the list of rows, when the file is an object. Default: the only list of objects in it."""
    header: bool = True
    """CSV and TSV: the first line names the columns."""
    columns: tuple[str, ...] = Field(default=(), max_length=1000)
    """CSV and TSV without a header: the columns' names. Default: `column_1`, `column_2`, ..."""
    quotes: bool | None = None
    """CSV and TSV: values may be quoted with `"`. Default: yes in CSV, no in TSV."""


def format_of(content: Content, layout: Layout) -> Format:
    """Raises InvalidDataset for a name that does not tell."""
    if layout.format:
        return layout.format
    name = content.name.lower().removesuffix(".gz")
    found = ENDINGS.get(PurePosixPath(name).suffix)
    if not found:
        raise InvalidDataset(
            f"The name {content.name!r} does not tell its format; end it in one of {listed(list(ENDINGS))} "
            f"(and .gz), or set `format` to one of {listed(get_args(Format))}."
        )
    # Several publishers name JSON lines .json.
    return "jsonl" if found == "json" and is_lines(content) else found


def table(content: Content, layout: Layout) -> Table:
    """The file's rows, read as they are asked for."""
    format_ = format_of(content, layout)
    rows: dict[Format, Callable[[], Iterator[Row]]] = {
        "jsonl": lambda: json_line_rows(content),
        "json": lambda: document_rows(content, layout.list),
        "csv": lambda: delimited_rows(
            content, ",", header=layout.header, columns=layout.columns, quotes=layout.quotes is not False
        ),
        "tsv": lambda: delimited_rows(
            content, "\t", header=layout.header, columns=layout.columns, quotes=layout.quotes is True
        ),
        "parquet": lambda: _parquet_rows(content),
    }
    return Table(content.stem, rows[format_](), "item" if format_ in {"json", "parquet"} else "line")


def _parquet_rows(content: Content) -> Iterator[Row]:
    # pyarrow takes long to import and much memory, and few datasets need it.
    from adapters.datasets.parquet import parquet_rows

    return parquet_rows(content)
