"""Who provides an agent, as far as its limits and its price go: agents that ask somebody over the network tell it."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from core.prices import KnownPrice


@dataclass(frozen=True)
class Provider:
    origin: str
    credential: str | None = None
    """What people call the secret: the stored credential's name, or the environment variable's."""
    secret: str | None = field(default=None, repr=False)
    model: str | None = None


@runtime_checkable
class Provided(Protocol):
    """An agent with a provider."""

    async def provider(self) -> Provider:
        """Raises AgentUnusable, as a call would."""
        ...


@runtime_checkable
class Priced(Protocol):
    """An agent that knows what it costs before it is asked."""

    async def price(self) -> KnownPrice | None:
        """None where nobody says."""
        ...
