"""Blobs as files of a local directory: for one machine, or a mounted share."""

import asyncio
import os
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from adapters.storage.keys import checked
from core.errors import NotFound, ServiceUnavailable

INCOMING = ".incoming"
"""Where files are written before they get their name; keys cannot start with a dot."""
ABANDONED_S = 3600.0
"""A file that waits for its name this long was left by a process that was killed: writing takes seconds."""


class DirectoryStorage:
    """Implements core.ports.ObjectStorage. A blob is there whole or not at all, also after a power cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sweep()

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self._get, checked(key))

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None:
        await asyncio.to_thread(self._put, checked(key), content)

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread((self._folder / checked(key)).is_file)

    async def remove(self, folder: str) -> None:
        await asyncio.to_thread(self._remove, checked(folder))

    async def check(self) -> None:
        """Raises ServiceUnavailable when nothing can be stored."""
        await asyncio.to_thread(self._put, "check", b"")

    def _get(self, key: str) -> bytes:
        try:
            return (self._folder / key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotFound(f"Object storage has no {key!r}.") from error
        except OSError as error:
            raise ServiceUnavailable(f"Object storage cannot read {key!r}: {error.strerror}.") from error

    def _remove(self, folder: str) -> None:
        try:
            shutil.rmtree(self._folder / folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise ServiceUnavailable(f"Object storage cannot remove {folder!r}: {error.strerror}.") from error

    def _sweep(self) -> None:
        """Removes what killed processes left half written; others may be writing beside us, and sweeping too."""
        before = time.time() - ABANDONED_S
        with suppress(OSError):
            for draft in (self._folder / INCOMING).iterdir():
                with suppress(FileNotFoundError):
                    if draft.stat().st_mtime < before:
                        draft.unlink()

    def _put(self, key: str, content: bytes) -> None:
        target = self._folder / key
        draft = self._folder / INCOMING / uuid.uuid4().hex
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write(draft, content)
                target.parent.mkdir(parents=True, exist_ok=True)
                draft.replace(target)
                _sync(target.parent)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise ServiceUnavailable(f"Object storage cannot write {key!r}: {error.strerror}.") from error


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    # A rename is durable once its directory is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
