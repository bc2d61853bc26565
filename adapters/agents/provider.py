"""Who provides an agent, as far as its limits go: agents that ask somebody over the network tell it."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


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
