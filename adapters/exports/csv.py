"""The format `csv`: one line an item, for spreadsheets and whoever reads tables.

RFC 4180 in UTF-8. A text that a spreadsheet would run as a formula begins with an apostrophe, as OWASP recommends:
answers are written by models, and opened by people. JSON lines and Parquet have texts as they are.
"""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Final

import orjson

from adapters.exports.columns import columns_of
from adapters.exports.settings import NoSettings
from core.exports import Pages
from core.plugins import Plugin
from core.runs import Run

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                  "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
"""What a cell that is run begins with, in some spreadsheet."""


class CsvExporter:
    media_type = "text/csv"
    suffix = "csv"
    one_agent = False

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        columns = columns_of(run)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(harmless(column.name) for column in columns)
        async for page in pages:
            writer.writerows([_cell(column.of(item)) for column in columns] for item in page)
            yield _taken(text)
        yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode()


def _cell(value: Any) -> Any:
    match value:
        case str():
            return harmless(value)
        case datetime():
            return value.isoformat()
        case list() | dict():
            return orjson.dumps(value).decode()
        case _:
            return value


def harmless(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


plugin = Plugin(NoSettings, CsvExporter, summary="A table: one line for each question to each agent.")
