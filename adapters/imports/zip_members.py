"""Members of a zip, also of those packed with Zstandard, which Inspect AI writes and Python 3.11 cannot read."""

import struct
from pathlib import Path
from typing import Any, Final, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

ZSTANDARD: Final = 93
"""Its number in the zip specification (APPNOTE 4.4.5)."""
LOCAL_HEADER: Final = struct.Struct("<26xHH")
"""Of a member, before its name: the lengths of name and extra field (APPNOTE 4.3.7)."""
LARGEST: Final = 1024**3
"""Bytes of a member when it is unpacked."""
MOST: Final = 16 * LARGEST
"""Bytes of all of them: a log of millions of samples has less, and what was made to unpack for ever has more."""


class ZipMembers:
    def __init__(self, path: Path) -> None:
        """Raises BadZipFile."""
        self._path = path
        with ZipFile(path) as file:
            # A name that is there twice: the last one counts.
            self._members = {info.filename: info for info in file.infolist()}
        if (size := sum(info.file_size for info in self._members.values())) > MOST:
            raise BadZipFile(f"its members have {size:,} bytes when they are unpacked, more than {MOST:,}")

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """Raises KeyError, BadZipFile."""
        info = self._members[name]
        if info.file_size > LARGEST:
            raise BadZipFile(f"{name} has {info.file_size:,} bytes, more than {LARGEST:,}")
        if info.compress_type in (ZIP_STORED, ZIP_DEFLATED):
            with ZipFile(self._path) as file:
                return file.read(info)
        if info.compress_type != ZSTANDARD:
            raise BadZipFile(f"{name} is packed in the way {info.compress_type}, which is not known here")
        return _unpacked(self._packed(info), info)

    def _packed(self, info: ZipInfo) -> bytes:
        with self._path.open("rb") as file:
            file.seek(info.header_offset)
            lengths = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
            file.seek(sum(lengths), 1)
            return file.read(info.compress_size)


def _unpacked(packed: bytes, info: ZipInfo) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]

    arrow = cast("Any", pa)
    try:
        with arrow.CompressedInputStream(arrow.BufferReader(packed), "zstd") as stream:
            return stream.read(info.file_size)
    except (OSError, arrow.ArrowException) as error:
        raise BadZipFile(f"{info.filename} cannot be unpacked: {error}") from error
