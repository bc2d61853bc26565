"""Values of columns as the text of a case."""

import json
from decimal import Decimal
from typing import Any

LONGEST_ID = 256
LONGEST_CATEGORY = 200


def as_text(value: Any) -> str | None:
    """Text as it is, numbers and truth values as JSON writes them, lists and objects as JSON; None for null."""
    match value:
        case str() | None:
            return value
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def trouble(text: str) -> str | None:
    """Why PostgreSQL and providers would refuse the text; None when they take it."""
    if "\0" in text:
        return "holds the character NUL (\\u0000), which cannot be stored; remove it"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds half of a surrogate pair, which is no character; remove it"
    return None


def trouble_within(value: Any) -> str | None:
    """As `trouble`, for everything in a JSON value, keys included."""
    match value:
        case str():
            return trouble(value)
        case dict():
            parts = [part for item in value.items() for part in item]  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            parts = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return None
    return next((found for part in parts if (found := trouble_within(part))), None)  # pyright: ignore[reportUnknownVariableType]
