"""JSON documents: a list of objects, or an object with such a list in it."""

from collections.abc import Iterator
from typing import Any, cast

import orjson

from adapters.datasets.content import LINE_LIMIT, UTF8_BOM, Content
from adapters.datasets.json_lines import kind
from adapters.datasets.json_text import parsed
from adapters.datasets.source import Columns, Row
from core.errors import InvalidDataset, listed

DOCUMENT_LIMIT = 256 * 1024**2
"""Bytes of a document, which must be held whole; JSON lines have no such bound."""


def document_rows(content: Content, list_name: str | None) -> Iterator[Row]:
    """Raises InvalidDataset, naming the line of broken JSON, or the item."""
    for number, item in enumerate(_items(_document(content), list_name, content.name), 1):
        if not isinstance(item, dict):
            raise InvalidDataset(f"Item {number}: it is {kind(item)}; every item must be a JSON object.")
        yield Row(number, cast("Columns", item))


def is_lines(content: Content) -> bool:
    """Whether a file named .json holds JSON lines: its first line is an object, and there is more after it."""
    with content.unpacked() as stream:
        first = stream.readline(LINE_LIMIT).removeprefix(UTF8_BOM)
        if not first.lstrip().startswith(b"{"):
            return False
        try:
            orjson.loads(first)
        except ValueError:
            return False
        return any(not line.isspace() for line in iter(lambda: stream.readline(LINE_LIMIT), b""))


def _document(content: Content) -> Any:
    with content.unpacked() as stream:
        text = stream.read(DOCUMENT_LIMIT + 1)
    if len(text) > DOCUMENT_LIMIT:
        size = DOCUMENT_LIMIT // 1024**2
        raise InvalidDataset(f"{content.name!r} has more than {size} MiB; write it as JSON lines (.jsonl).")
    try:
        return parsed(text.removeprefix(UTF8_BOM))
    except UnicodeDecodeError as error:
        raise _not_utf8(text, error) from error
    except ValueError as error:
        try:
            text.decode()
        except UnicodeDecodeError as encoding:
            raise _not_utf8(text, encoding) from encoding
        reason = str(error).split(": line ")[0]
        line = getattr(error, "lineno", 1)
        raise InvalidDataset(f"{content.name!r} is not JSON here: {reason}.", line=line) from error


def _not_utf8(text: bytes, error: UnicodeDecodeError) -> InvalidDataset:
    return InvalidDataset("it is not UTF-8; save the file as UTF-8.", line=text.count(b"\n", 0, error.start) + 1)


def _items(document: Any, list_name: str | None, name: str) -> list[Any]:
    if isinstance(document, list):
        if list_name:
            raise InvalidDataset(f"{name!r} is a list itself: leave `list` out.", pointer="/dataset/source/list")
        return cast("list[Any]", document)
    if not isinstance(document, dict):
        raise InvalidDataset(f"{name!r} is {kind(document)}; it must be a list of objects, or hold one.")
    members = cast("dict[str, Any]", document)
    lists = {key: cast("list[Any]", value) for key, value in members.items() if isinstance(value, list)}
    if list_name:
        if list_name not in lists:
            raise InvalidDataset(
                f"{name!r} has no list {list_name!r}; its lists are: {listed(list(lists))}.",
                pointer="/dataset/source/list",
            )
        return lists[list_name]
    tables = [key for key, value in lists.items() if value and isinstance(value[0], dict)]
    if len(tables) != 1:
        raise InvalidDataset(
            f"{name!r} is an object; name the list of rows in it with `list`. Its lists are: {listed(list(lists))}.",
            pointer="/dataset/source/list",
        )
    return lists[tables[0]]
