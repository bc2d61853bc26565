"""Whether a verb blocks or is awaited: told to the type checker alone, so that every verb is written once."""

from typing import Any, Generic, Protocol

from typing_extensions import TypeVar

from benchmark_client.patience import Patience
from benchmark_client.steps import Flow


class Sync:
    """Marks what belongs to `Client`."""


class Async:
    """Marks what belongs to `AsyncClient`."""


M = TypeVar("M", bound=Sync | Async, default=Sync)


class Port(Protocol):
    """Does what a flow asks for. A blocking one gives the result, another one what is to be awaited or iterated."""

    patience: Patience

    def perform(self, flow: Flow[Any]) -> Any:
        """The flow's result."""

    def iterate(self, flow: Flow[Any]) -> Any:
        """What the flow hands out on its way."""


class Bound(Generic[M]):
    """Something with verbs, and with nothing else: a noun of a client, or an answer that knows whose it is."""

    _port: Port


# Beside the class, and not in it: verbs are all that people shall see of a noun.
def bind(bound: Bound[Any], port: Port) -> None:
    """From now on its verbs are done by this port."""
    bound._port = port  # pyright: ignore[reportPrivateUsage]


def port_of(bound: Bound[Any]) -> Port:
    return bound._port  # pyright: ignore[reportPrivateUsage]
