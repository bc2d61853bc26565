"""Text and JSON as PostgreSQL can hold them."""

import math
from typing import Any, cast

import orjson

DEEPEST = 100
"""Levels of nesting that are kept."""
LARGEST_JSON = 1024 * 1024
"""Bytes of one value: what an evaluator tells besides its verdict must not outweigh the answers."""
NUL = b"\\u0000"


def storable(text: str | None) -> str | None:
    """The text with NUL characters and lone surrogates escaped: a message that quotes them must not cost its row."""
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return text.replace("\x00", "\\u0000").encode(errors="backslashreplace").decode()


def storable_json(value: object) -> str:
    """The value as JSON that PostgreSQL takes, whatever an evaluator put into it.

    Texts are escaped as `storable` does; what JSON has no number for and integers of more than 64 bits become texts;
    of what is nested too deep, too large or no JSON at all there remains a note.
    """
    try:
        plain = orjson.dumps(value)
        if NUL in plain or b"null" in plain:
            plain = orjson.dumps(_tidy(value))
    except (TypeError, RecursionError):
        plain = orjson.dumps(_tidy(value))
    if len(plain) > LARGEST_JSON:
        plain = orjson.dumps({"left_out": f"{len(plain):,} bytes; at most {LARGEST_JSON:,} are kept"})
    return plain.decode()


def _tidy(value: object, levels: int = DEEPEST) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return storable(value)
        case int():
            # Decimal digits of a huge number take long, hexadecimal ones do not.
            return value if -(2**63) <= value < 2**64 else str(value) if value.bit_length() < 4096 else hex(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case dict() if levels:
            members = cast("dict[object, object]", value).items()
            return {storable(str(name)): _tidy(part, levels - 1) for name, part in members}
        case list() | tuple() if levels:
            return [_tidy(part, levels - 1) for part in cast("list[object]", value)]
        case _:
            return f"{type(value).__name__} left out"
