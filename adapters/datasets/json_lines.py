"""JSON lines: one object a line."""

from collections.abc import Iterator
from typing import cast

from adapters.datasets.content import Content, decoded, text_lines
from adapters.datasets.json_text import parsed
from adapters.datasets.source import Columns, Row
from core.errors import InvalidDataset

KINDS: dict[type[object], str] = {
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def json_line_rows(content: Content) -> Iterator[Row]:
    """Raises InvalidDataset, naming the line."""
    with content.unpacked() as stream:
        for number, line in enumerate(text_lines(stream, content.name), 1):
            if line.isspace():
                continue
            try:
                value = parsed(line.rstrip())
            except ValueError as error:
                decoded(line, number)
                reason = str(error).split(": line 1 column")[0]
                column = getattr(error, "colno", None)
                where = f" at column {column}" if column else ""
                raise InvalidDataset(f"it is not JSON: {reason}{where}.", line=number) from error
            if not isinstance(value, dict):
                raise InvalidDataset(f"it is {kind(value)}; every line must be a JSON object.", line=number)
            yield Row(number, cast("Columns", value))


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    return KINDS.get(type(value), "an object")
