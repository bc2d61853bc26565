"""The port of those who deliver: one takes addresses of its kind, and brings an event there."""

from typing import Protocol

from core.webhooks import Parcel, Sent


class Sender(Protocol):
    """Implemented once for each `core.webhooks.WebhookKind`."""

    async def check(self, url: str) -> None:
        """Raises InvalidInput for an address it could not send to, with the pointer `/url`."""
        ...

    def shown(self, url: str) -> str:
        """The address as people may see it."""
        ...

    async def send(self, parcel: Parcel) -> Sent:
        """Tries once; whatever goes wrong on the way is told in what it returns."""
        ...
