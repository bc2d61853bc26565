"""Cursors come from outside: whatever they hold, a query sees a sort key of the right types and sizes."""

import base64

import pytest

from adapters.database.cursors import Cursor, Place
from core.errors import InvalidInput

NUMBERS = Cursor("numbers", tuple[Place, Place])


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_cursor_gives_back_the_key_it_was_made_of() -> None:
    assert NUMBERS.decode(NUMBERS.encode((3, 2**31 - 1))) == (3, 2**31 - 1)
    assert NUMBERS.decode(None) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "ä",
        "a",
        encoded(""),
        encoded("null"),
        encoded("[]"),
        encoded('{"numbers": 1}'),
        encoded('["others", 1, 2]'),
        encoded('["numbers", 1]'),
        encoded('["numbers", 1, 2, 3]'),
        encoded('["numbers", 1, 2147483648]'),
        encoded('["numbers", -1, 2]'),
        encoded(f'["numbers", 1, {"9" * 5000}]'),
        encoded('["numbers", 1, "x"]'),
        encoded("[" * 2000),
        encoded('["numbers", 1, NaN]'),
    ],
)
def test_anything_else_is_refused_as_invalid_input(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="next_cursor"):
        NUMBERS.decode(cursor)


def test_a_nul_character_never_reaches_a_query() -> None:
    names = Cursor("names", tuple[str])
    with pytest.raises(InvalidInput):
        names.decode(encoded('["names", "a\\u0000"]'))
