"""Parquet files."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from adapters.datasets.content import Content
from adapters.datasets.source import Row
from core.errors import InvalidDataset

# The package has no types.
ParquetFile = cast("Any", pq).ParquetFile
ArrowError = cast("type[Exception]", cast("Any", pa).ArrowException)
BATCH = 256
"""Rows held at once."""


def parquet_rows(content: Content) -> Iterator[Row]:
    """Raises InvalidDataset for a broken file, and for a value that JSON cannot hold."""
    with content.seekable() as file:
        try:
            reader = ParquetFile(file)
            number = 0
            for batch in reader.iter_batches(batch_size=BATCH):
                for row in cast("list[dict[str, Any]]", batch.to_pylist()):
                    number += 1
                    yield Row(number, {name: _plain(value, name, number) for name, value in row.items()})
        except (ArrowError, OSError) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise InvalidDataset(f"{content.name!r} is not a readable Parquet file: {reason}.") from error


def _plain(value: Any, column: str, number: int) -> Any:
    match value:
        case None | bool() | int() | str() | Decimal():
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case list():
            return [_plain(item, column, number) for item in cast("list[Any]", value)]
        case dict():
            items = cast("dict[object, Any]", value).items()
            return {str(key): _plain(item, column, number) for key, item in items}
        case _:
            raise InvalidDataset(
                f"Item {number}: the column {column!r} holds {type(value).__name__}, which is no text, number or list."
            )
