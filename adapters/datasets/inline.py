"""The source `inline`: rows written in the definition itself."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from pydantic import Field, JsonValue

from adapters.datasets.source import DatasetContext, Row, Table
from core.plugins import Plugin, PluginSettings


class InlineSettings(PluginSettings):
    rows: tuple[dict[str, JsonValue], ...] = Field(min_length=1, max_length=10_000)
    """One object a row; its keys are the columns."""


class InlineSource:
    keeps: tuple[str, ...] = ()

    def __init__(self, settings: InlineSettings, context: DatasetContext) -> None:
        self._rows = settings.rows

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        yield [Table("inline", (Row(number, row) for number, row in enumerate(self._rows, 1)), "item")]


plugin = Plugin(InlineSettings, InlineSource, summary="Rows written in the definition.")
