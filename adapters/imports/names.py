"""Names as a benchmark may have them, made of whatever another tool allows."""

import re
from pathlib import Path
from typing import Final

NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9 ._:/@+-]+")
LONGEST: Final = 100


def named(text: object, otherwise: str) -> str:
    name = NOT_IN_NAMES.sub("-", str(text or "")).strip(" ._:/@+-")[:LONGEST].rstrip()
    return name or otherwise


def name_of(path: Path) -> str:
    """Of a benchmark, after its file or folder."""
    return named(path.resolve().stem, "imported")
