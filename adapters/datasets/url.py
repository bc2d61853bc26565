"""The source `url`: a file behind an https or http address."""

import hashlib
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field

from adapters.datasets.content import DOWNLOAD_LIMIT, Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.source import DatasetContext, Table
from adapters.network.target import HttpUrl
from core.errors import InvalidDataset
from core.plugins import Plugin


class UrlSettings(Layout):
    url: HttpUrl
    """Where the file is; public, or allowed by the service's operator."""
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """The file's digest; a run does not start when the file has changed."""


class UrlSource:
    keeps: tuple[str, ...] = ()

    def __init__(self, settings: UrlSettings, context: DatasetContext) -> None:
        self._settings = settings
        self._download = context.download

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        """Raises InvalidDataset, TargetRefused, NotFound, Unavailable, TimedOut."""
        name = unquote(urlsplit(self._settings.url).path.rsplit("/", 1)[-1]) or "download"
        with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
            path = Path(folder) / "content"
            with path.open("wb") as sink:
                await self._download(self._settings.url, sink, limit=DOWNLOAD_LIMIT)
            self._verify(path)
            yield [table(Content.on_disk(name, path), self._settings)]

    def _verify(self, path: Path) -> None:
        if not self._settings.sha256:
            return
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != self._settings.sha256:
            raise InvalidDataset(
                f"The file has changed: its sha256 is {digest}, not {self._settings.sha256}.",
                pointer="/dataset/source/sha256",
            )


plugin = Plugin(UrlSettings, UrlSource, summary="A file behind an https or http address.")
