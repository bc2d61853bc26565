"""The lines a child process writes: answers, strays, last words."""

import json
from dataclasses import dataclass
from typing import Any, cast

import orjson

from adapters.network.evidence import printable

TAIL = 2048


@dataclass(frozen=True)
class Line:
    """A line as it came, its JSON if it is any, and whom it answers if it says so."""

    content: bytes
    body: object = None
    flaw: str | None = None
    id: str | None = None


def line_of(content: bytes) -> Line:
    """A line that is not quite JSON (NaN, half characters) still tells by its `id` whose answer it spoils."""
    try:
        body: object = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return Line(content, flaw=f"it is not JSON: {error}", id=_id(_leniently(content)))
    return Line(content, body=body, id=_id(body))


def _leniently(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _id(body: object) -> str | None:
    name = cast("dict[str, Any]", body).get("id") if isinstance(body, dict) else None
    return str(name) if isinstance(name, str | int) else None


class Tail:
    """The end of what came, printable."""

    def __init__(self) -> None:
        self._content = b""

    def add(self, content: bytes) -> None:
        self._content = (self._content + content)[-TAIL:]

    def text(self) -> str:
        return printable(self._content.strip())
