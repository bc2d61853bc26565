"""Many answers, one by one: the things of a list, or the events of a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from benchmark_client.following import Follower
from benchmark_client.models.answer import Page
from benchmark_client.models.events import Event
from benchmark_client.paging import paged
from benchmark_client.patience import Patience
from benchmark_client.requests import Call, Request
from benchmark_client.steps import Flow

T = TypeVar("T")
PAGE: Final = 100
"""Things asked for at once; the service gives 500 at most."""


@dataclass(frozen=True)
class Series(Generic[T]):
    first: Call[Any]
    """What it begins with."""
    flow: Callable[[Patience], Flow[None]]
    """Hands out the answers."""


def listing(answer: type[Page[T]], request: Request, most: int | None) -> Series[T]:
    """The first `most` things of a list; all of them for None."""
    first = Call(request.asking(limit=PAGE if most is None else max(1, min(most, PAGE))), answer)
    return Series(first, partial(paged, first, most))


def stream(request: Request, after: int | None, away_s: float | None) -> Series[Event]:
    """Events after this number, as they happen; from where the service begins for None. While the service is away it is
    waited for, so many seconds without a sign of it at most."""
    return Series(Call(request, Page[Event]), lambda patience: Follower(request, patience, after, away_s).events())
