"""Webhooks: events brought to programs and to people, and the log of what was delivered."""

from collections.abc import Sequence

from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.webhooks import Webhook, WebhookDelivery, WebhookWithSecret
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, delete, following, get, given, name, patch, post
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Webhooks(Noun[M]):
    @Verb
    def create(
        self,
        url: str,
        *,
        events: Sequence[str] | None = None,
        kind: str | None = None,
        description: str | None = None,
        after: int | None = None,
    ) -> Call[WebhookWithSecret]:
        """Has events of these types posted to `url`, signed; with `kind="notify"` people get a message instead.

        The answer tells the secret once: None if the first answer was lost and this is that of a second try; `rotate`
        makes another one then. It begins now, or after the event of the number `after`.
        """
        body = given(url=url, events=events, kind=kind, description=description, after=after)
        return Call(post("/v1/webhooks", body), WebhookWithSecret)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[Webhook]:
        """The oldest first, never their secrets."""
        return listing(Page[Webhook], get("/v1/webhooks"), most)

    @Verb
    def get(self, webhook_id: str) -> Call[Webhook]:
        """How far it got, what is on its way, and since when it fails. Raises NotFound."""
        return Call(get(_path(webhook_id)), Webhook)

    @Verb
    def change(self, webhook_id: str, changes: Body, *, revision: int | None = None) -> Call[Webhook]:
        """Only what is said changes: `url`, `events`, `description`, `enabled`, `after`."""
        return Call(following(patch(_path(webhook_id), changes), revision), Webhook)

    @Verb
    def delete(self, webhook_id: str, *, revision: int | None = None) -> Call[None]:
        """With its log; what is on its way is not sent any more."""
        return Call(following(delete(_path(webhook_id)), revision), type(None))

    @Verb
    def try_out(self, webhook_id: str) -> Call[WebhookDelivery]:
        """Sends it an event `webhook.test` now, and tells how that went."""
        return Call(post(f"{_path(webhook_id)}/test"), WebhookDelivery)

    @Verb
    def rotate(
        self, webhook_id: str, *, keep_s: int | None = None, revision: int | None = None
    ) -> Call[WebhookWithSecret]:
        """Makes another secret; for `keep_s` seconds the former one holds as well."""
        request = post(f"{_path(webhook_id)}/rotate", given(keep_s=keep_s))
        return Call(following(request, revision), WebhookWithSecret)

    @ListVerb
    def deliveries(
        self, webhook_id: str, *, status: str | None = None, most: int | None = None
    ) -> Series[WebhookDelivery]:
        """The newest first, with every attempt."""
        return listing(Page[WebhookDelivery], get(f"{_path(webhook_id)}/deliveries", status=status), most)

    @Verb
    def delivery(self, webhook_id: str, delivery_id: str) -> Call[WebhookDelivery]:
        """One event on its way. Raises NotFound."""
        return Call(get(f"{_path(webhook_id)}/deliveries/{name(delivery_id)}"), WebhookDelivery)

    @Verb
    def redeliver(self, webhook_id: str, delivery_id: str) -> Call[WebhookDelivery]:
        """At once, also what was delivered or given up."""
        return Call(post(f"{_path(webhook_id)}/deliveries/{name(delivery_id)}/redeliver"), WebhookDelivery)


def _path(webhook_id: str) -> str:
    return f"/v1/webhooks/{name(webhook_id)}"
