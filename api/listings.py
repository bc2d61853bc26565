"""What every listing has in common: `limit` and `cursor` in, a page with `next_cursor` and a `Link` header out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response

from core.model import Model
from core.pages import Page

T = TypeVar("T")
S = TypeVar("S")

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
CursorParameter = Annotated[
    str | None,
    Query(alias="cursor", max_length=1024, description="The `next_cursor` of the page before; opaque."),
]
Version = Annotated[int | None, Query(ge=1, lt=2**31, description="The newest without one.")]


class Listing(Model, Generic[T]):
    """One page. There is more as long as `next_cursor` is not null."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Excerpt:
    """Which part of a list was asked for, and how it is answered."""

    request: Request
    response: Response
    limit: int
    cursor: str | None

    def of(self, page: Page[S], view: Callable[[S], T]) -> Listing[T]:
        """The page as it is sent, with `Link: <...>; rel="next"` where there is a next one."""
        if page.next_cursor is not None:
            following = self.request.url.include_query_params(cursor=page.next_cursor)
            self.response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return Listing[Any](items=tuple(view(one) for one in page.items), next_cursor=page.next_cursor)


async def _excerpt(request: Request, response: Response, limit: Limit = 50, cursor: CursorParameter = None) -> Excerpt:
    return Excerpt(request, response, limit, cursor)


Part = Annotated[Excerpt, Depends(_excerpt)]
"""The parameter of a route that lists: `part.limit`, `part.cursor`, and `part.of(page, view)` for its answer."""
