"""The senders there are, by the kind of webhook."""

from collections.abc import Mapping, Sequence

from adapters.network.transport import HttpPool
from adapters.webhooks.notify import NotifySender
from adapters.webhooks.post import PostSender
from adapters.webhooks.sender import Sender


def senders(http: HttpPool, network_allow: Sequence[str]) -> Mapping[str, Sender]:
    return {"webhook": PostSender(http), "notify": NotifySender(network_allow)}
