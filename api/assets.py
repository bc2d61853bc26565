"""Static files under addresses that name their content, so that browsers and CDNs may keep them for good."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    name: str
    content: bytes
    media_type: str

    @cached_property
    def url(self) -> str:
        return f"/static/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.name}"

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)


@cache
def assets() -> dict[str, Asset]:
    """Every file that is served, by its path under `static/`."""
    return {
        path.relative_to(FOLDER).as_posix(): Asset(
            path.relative_to(FOLDER).as_posix(), path.read_bytes(), TYPES[path.suffix]
        )
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in TYPES
    }


def url(name: str) -> str:
    """The address of the file `static/{name}`."""
    return assets()[name].url
