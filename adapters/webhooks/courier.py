"""One attempt to deliver: what is to be sent is opened, sent by the sender of its kind, and recorded."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.database.deliveries import DeliveryRepository, Outgoing
from adapters.secrets import Sealer
from adapters.webhooks.sender import Sender
from core.errors import AgentUnusable, InvalidInput
from core.webhooks import Parcel, Sent, Tried

SECRET_OF: Final = "webhook secret"
URL_OF: Final = "webhook URL"
"""What a sealed text is, so that one is never opened as the other."""
LONGEST_WAIT_S: Final = 6 * 3600.0
"""However long a receiver asks us to stay away."""


class Courier:
    """Implements `core.ports.Couriers`."""

    def __init__(self, deliveries: DeliveryRepository, sealer: Sealer, senders: Mapping[str, Sender]) -> None:
        self._deliveries = deliveries
        self._sealer = sealer
        self._senders = senders

    async def deliver(self, delivery_id: str, *, pause_s: float | None) -> Tried:
        outgoing = await self._deliveries.outgoing(delivery_id)
        if outgoing is None:
            return Tried(status="failed", said="there is nothing to send any more")
        started_at, began = datetime.now(UTC), time.monotonic()
        sent = await self._sent(outgoing)
        wait_s = pause_s
        if pause_s is not None and sent.retry_after_s is not None:
            wait_s = min(max(pause_s, sent.retry_after_s), LONGEST_WAIT_S)
        return await self._deliveries.record(
            delivery_id, sent, started_at=started_at, seconds=time.monotonic() - began, wait_s=wait_s
        )

    async def _sent(self, outgoing: Outgoing) -> Sent:
        try:
            parcel = self._opened(outgoing)
        except (AgentUnusable, InvalidInput) as error:
            return Sent(str(error))
        return await self._senders[outgoing.kind].send(parcel)

    def _opened(self, outgoing: Outgoing) -> Parcel:
        """Raises AgentUnusable or InvalidInput when the keys it was sealed with are not there."""
        project_id, name = outgoing.project_id, outgoing.webhook_id

        def opened(sealed: str, origin: str) -> str:
            return self._sealer.open(sealed, project_id=project_id, name=name, origin=origin)

        url = outgoing.url if outgoing.sealed_url is None else opened(outgoing.sealed_url, URL_OF)
        secrets = tuple(opened(each, SECRET_OF) for each in outgoing.sealed_secrets)
        return Parcel(outgoing.delivery_id, outgoing.event, url, secrets)
