"""The format `parquet`: the table with its types, compressed, for data frames."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final, cast

import orjson

from adapters.exports.columns import Column, Type, columns_of
from adapters.exports.outflow import Outflow
from adapters.exports.settings import NoSettings
from core.exports import ExportedItem, Pages
from core.plugins import Plugin
from core.runs import Run

GROUP_ROWS: Final = 4000
GROUP_CHARACTERS: Final = 16 * 1024**2
"""Of questions and answers. A group of rows is held in memory, and written once it has so many of either."""


class ParquetExporter:
    media_type = "application/vnd.apache.parquet"
    suffix = "parquet"
    one_agent = False

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        # pyarrow takes long to import and much memory, and few exports need it.
        import pyarrow.parquet as pq  # type: ignore[import-untyped]

        columns = columns_of(run)
        schema = _schema(columns, run)
        sink = Outflow()
        with cast("Any", pq).ParquetWriter(sink, schema, compression="zstd") as writer:
            group: list[ExportedItem] = []
            size = 0
            async for page in pages:
                group += page
                size += sum(_size(item) for item in page)
                if len(group) >= GROUP_ROWS or size >= GROUP_CHARACTERS:
                    await asyncio.to_thread(_write, writer, columns, schema, group)
                    group, size = [], 0
                    yield sink.taken()
            if group:
                await asyncio.to_thread(_write, writer, columns, schema, group)
        yield sink.taken()


def _schema(columns: Sequence[Column], run: Run) -> Any:
    """Each column with its meaning, the file with its run."""
    import pyarrow as pa  # type: ignore[import-untyped]

    arrow = cast("Any", pa)
    types: dict[Type, Any] = {
        "text": arrow.string(),
        "json": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "time": arrow.timestamp("us", tz="UTC"),
    }
    fields = [arrow.field(each.name, types[each.type], metadata={"description": each.meaning}) for each in columns]
    return arrow.schema(fields, metadata={"run_id": run.run_id, "name": run.name})


def _write(writer: Any, columns: Sequence[Column], schema: Any, group: Sequence[ExportedItem]) -> None:
    writer.write_table(_table(columns, schema, group))


def _table(columns: Sequence[Column], schema: Any, group: Sequence[ExportedItem]) -> Any:
    import pyarrow as pa  # type: ignore[import-untyped]

    told = {column.name: [_value(column, item) for item in group] for column in columns}
    return cast("Any", pa).Table.from_pydict(told, schema=schema)


def _value(column: Column, item: ExportedItem) -> Any:
    value = column.of(item)
    return orjson.dumps(value).decode() if column.type == "json" and value is not None else value


def _size(item: ExportedItem) -> int:
    return len(item.case.input) + len(item.record.text or "")


plugin = Plugin(NoSettings, ParquetExporter, summary="The table with its types, compressed.")
