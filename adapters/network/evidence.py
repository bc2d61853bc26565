"""What an agent sent, judged and made safe to store and show."""

from collections.abc import Iterator, Sequence
from typing import cast

LIMIT = 4096
"""Bytes kept."""


def printable(content: bytes) -> str:
    """The first 4 KiB as text: what is not UTF-8 or not printable (`\\u0000` above all) is shown escaped."""
    text = content[:LIMIT].decode("utf-8", errors="backslashreplace")
    shown = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
    return shown if len(content) <= LIMIT else f"{shown} ... ({len(content)} bytes)"


def flaw(text: str) -> str | None:
    """Why a text cannot be stored, for the end of a sentence; None when it can."""
    if "\x00" in text:
        return r"contains \u0000, which cannot be stored as text"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains half a character (a lone surrogate)"
    return None


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON-like value, names of fields included."""
    match value:
        case str():
            yield value
        case dict():
            for name, item in cast("dict[object, object]", value).items():
                yield from texts(name)
                yield from texts(item)
        case list() | tuple():
            for item in cast("Sequence[object]", value):
                yield from texts(item)
        case _:
            return
