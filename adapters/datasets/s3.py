"""The source `s3`: an object of a bucket that the operator allows, read with the service's own credentials."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import Field

from adapters.datasets.content import DOWNLOAD_LIMIT, Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.source import DatasetContext, Table
from core.errors import InvalidDataset, InvalidInput
from core.plugins import Plugin


class S3Settings(Layout):
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    key: str = Field(min_length=1, max_length=1024)
    """The object's key."""


class S3Source:
    keeps: tuple[str, ...] = ()

    def __init__(self, settings: S3Settings, context: DatasetContext) -> None:
        self._settings = settings
        if not any(_covers(entry, settings.bucket, settings.key) for entry in context.buckets):
            raise InvalidInput(
                f"s3://{settings.bucket}/{settings.key} is not in a bucket that datasets may be read from; the "
                "service's operator allows buckets with BENCHMARK_DATASET_BUCKETS.",
                pointer="/dataset/source/bucket",
            )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        """Raises NotFound, InvalidDataset, ServiceUnavailable."""
        with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
            path = Path(folder) / "content"
            await asyncio.to_thread(self._fetch, path)
            yield [table(Content.on_disk(self._settings.key, path), self._settings)]

    def _fetch(self, path: Path) -> None:
        # boto3 takes long to import, and few datasets need it.
        from adapters.storage.s3 import S3Bucket

        # Every plugin is imported to know its settings; boto3 is for those who read a bucket.

        with path.open("wb") as sink:
            size = S3Bucket(self._settings.bucket).download(self._settings.key, sink, limit=DOWNLOAD_LIMIT)
        if size > DOWNLOAD_LIMIT:
            raise InvalidDataset(f"{self._settings.key!r} has more than {DOWNLOAD_LIMIT // 1024**3} GiB.")


def _covers(entry: str, bucket: str, key: str) -> bool:
    allowed, _, prefix = entry.partition("/")
    return allowed == bucket and (not prefix or key == prefix or key.startswith(prefix.rstrip("/") + "/"))


plugin = Plugin(S3Settings, S3Source, summary="An object of a bucket that the operator allows.")
