"""What the client's logic asks of whoever does the input and output, a step at a time.

The logic is generators (`Flow`): they yield steps, are sent what came of each, and return their result. A request that
got no answer comes back as `Unreachable`, raised where the step was yielded. `transport` does the steps.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from benchmark_client.requests import Request

T = TypeVar("T")


@dataclass(frozen=True)
class Received:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Send:
    """Comes back as `Received`."""

    request: Request


@dataclass(frozen=True)
class Open:
    """An answer that is read piece by piece; comes back as `Received` without content. Closes the one before."""

    request: Request


@dataclass(frozen=True)
class Read:
    """Comes back as the next bytes of what was opened; none at its end."""


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Emit:
    """Hands out one thing of many."""

    item: Any


Step = Send | Open | Read | Pause | Emit
Flow = Generator[Step, Any, T]


def sent(request: Request) -> Flow[Received]:
    """Raises Unreachable."""
    return (yield Send(request))


def opened(request: Request) -> Flow[Received]:
    """Raises Unreachable."""
    return (yield Open(request))


def read() -> Flow[bytes]:
    """Raises Unreachable."""
    return (yield Read())


def opened_if_good(request: Request) -> Flow[Received]:
    """A success to be read piece by piece, or a refusal that is read. Raises Unreachable."""
    answer = yield from opened(request)
    if answer.is_success:
        return answer
    content = b""
    while chunk := (yield from read()):
        content += chunk
    return replace(answer, content=content)
