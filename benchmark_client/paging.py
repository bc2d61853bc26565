"""Lists, page after page, each asked for when the one before is used up."""

from typing import TypeVar

from benchmark_client.answering import answered
from benchmark_client.models.answer import Page
from benchmark_client.patience import Patience
from benchmark_client.requests import Call
from benchmark_client.steps import Emit, Flow

T = TypeVar("T")


def paged(call: Call[Page[T]], most: int | None, patience: Patience) -> Flow[None]:
    """Hands out the first `most` things of the list, all for None. Raises ClientError."""
    left = float("inf") if most is None else most
    while left > 0:
        page = yield from answered(call, patience)
        for item in page.items[: None if most is None else int(left)]:
            yield Emit(item)
        left -= len(page.items)
        if page.next_cursor is None:
            return
        call = Call(call.request.asking(cursor=page.next_cursor), call.answer)
