"""The bytes of one dataset file, wherever they lie, unpacked within limits."""

import gzip
import io
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import InvalidDataset

UNPACKED_LIMIT = 2 * 1024**3
"""Bytes of one file after decompression."""
DOWNLOAD_LIMIT = 1024**3
"""Bytes of one file as it is fetched."""
LINE_LIMIT = 16 * 1024**2
"""Bytes of one line."""
GZIP = b"\x1f\x8b"
UTF8_BOM = b"\xef\xbb\xbf"
OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "a zip archive", b"7z": "a 7-Zip archive"}


@dataclass(frozen=True)
class Content:
    """A file: its name as people know it, and a way to its raw bytes."""

    name: str
    open_raw: Callable[[], IO[bytes]]

    @staticmethod
    def in_memory(name: str, content: bytes) -> "Content":
        return Content(name, lambda: io.BytesIO(content))

    @staticmethod
    def on_disk(name: str, path: Path) -> "Content":
        return Content(name, lambda: path.open("rb"))

    @property
    def stem(self) -> str:
        """`folder/test.jsonl.gz` is `test`."""
        return PurePosixPath(self.name).name.split(".", 1)[0] or self.name

    @contextmanager
    def unpacked(self) -> Generator[IO[bytes]]:
        """Its bytes, unpacked when they are gzip. Reading raises InvalidDataset for broken or endless data."""
        with self.open_raw() as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=raw) as file, io.BufferedReader(_Bounded(file, self.name)) as reader:
                    yield reader
            else:
                yield raw

    @contextmanager
    def seekable(self) -> Generator[IO[bytes]]:
        """Its unpacked bytes as a file one can move about in."""
        with self.unpacked() as stream:
            if stream.seekable():
                yield stream
                return
            with tempfile.TemporaryFile() as spool:
                while chunk := stream.read(1024 * 1024):
                    spool.write(chunk)
                spool.seek(0)
                yield spool


class _Bounded(io.RawIOBase):
    """An unpacking stream with an end."""

    def __init__(self, packed: gzip.GzipFile, name: str) -> None:
        self._packed = packed
        self._name = name
        self._left = UNPACKED_LIMIT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._packed.read1(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidDataset(f"{self._name!r} is broken gzip data: {error}.") from error
        self._left -= len(chunk)
        if self._left < 0:
            raise InvalidDataset(
                f"{self._name!r} unpacks to more than {UNPACKED_LIMIT // 1024**3} GiB; split it into several files."
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)


def text_lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """The lines, without a leading byte order mark. Raises InvalidDataset for what is not UTF-8 text at all."""
    first = stream.readline(LINE_LIMIT + 1)
    for mark, kind in OTHER_MARKS.items():
        if first.startswith(mark):
            raise InvalidDataset(f"{name!r} is {kind}; a dataset is UTF-8 text or Parquet, packed by gzip or not.")
    line, number = first.removeprefix(UTF8_BOM), 1
    while line:
        if len(line) > LINE_LIMIT:
            raise InvalidDataset(f"it is longer than {LINE_LIMIT // 1024**2} MiB.", line=number)
        yield line
        line, number = stream.readline(LINE_LIMIT + 1), number + 1


def decoded(line: bytes, number: int) -> str:
    """The line as text. Raises InvalidDataset, naming the byte."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidDataset(
            f"it is not UTF-8: byte {error.object[error.start]:#04x} at column {error.start + 1}; "
            "save the file as UTF-8.",
            line=number,
        ) from error
