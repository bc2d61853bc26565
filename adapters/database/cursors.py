"""Opaque cursors: the sort key of the last row of a page, in base64, checked before it reaches a query."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from core.errors import InvalidInput
from core.pages import Page

Place = Annotated[int, Field(ge=0, lt=2**31)]
"""A number that fits an integer column."""
K = TypeVar("K", bound=tuple[Any, ...])
T = TypeVar("T")


class Cursor(Generic[K]):
    """The cursors of one listing: `kind` keeps others out, `key` is the tuple type of its sort key."""

    def __init__(self, kind: str, key: type[K]) -> None:
        self._kind = kind
        self._key = TypeAdapter[K](key)

    def encode(self, key: K) -> str:
        content = orjson.dumps([self._kind, *key])
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    def decode(self, cursor: str | None) -> K | None:
        """The sort key to go on after. Raises InvalidInput."""
        if cursor is None:
            return None
        try:
            content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            kind, *key = cast("list[object]", orjson.loads(content))
            if kind != self._kind or b"\\u0000" in content:
                raise ValueError("not of this listing")
            return self._key.validate_json(orjson.dumps(key))
        except (binascii.Error, ValueError, TypeError, ValidationError) as error:
            raise InvalidInput(
                "This cursor is none of this listing; take the `next_cursor` of the page before, unchanged.",
                pointer="cursor",
            ) from error

    def page(self, rows: Sequence[T], limit: int, key: Callable[[T], K]) -> Page[T]:
        """A page of the first `limit` of `rows`, which hold one more than the page if there is more."""
        kept = tuple(rows[:limit])
        return Page(kept, self.encode(key(kept[-1])) if len(rows) > limit else None)
