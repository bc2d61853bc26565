"""The source `uploaded`: a dataset that was uploaded to the service."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from pydantic import Field

from adapters.datasets.content import Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.source import DatasetContext, Table
from core.model import Name
from core.plugins import Plugin


class UploadedSettings(Layout):
    name: Name
    """The dataset's name."""
    version: int | None = Field(default=None, ge=1)
    """Default: the newest when the run is accepted; its record names the one it was."""


class UploadedSource:
    keeps: tuple[str, ...] = ()

    def __init__(self, settings: UploadedSettings, context: DatasetContext) -> None:
        self._settings = settings
        self._context = context

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        """Raises NotFound for a name or version that does not exist."""
        settings = self._settings
        found = await self._context.stored.find(self._context.project_id, settings.name, settings.version)
        content = Content.in_memory(found.name, await self._context.storage.get(found.object_key))
        layout = settings.model_copy(update={"format": settings.format or found.format})
        yield [table(content, layout)]


plugin = Plugin(UploadedSettings, UploadedSource, summary="A dataset uploaded to the service.")
