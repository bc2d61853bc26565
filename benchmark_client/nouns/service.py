"""The service itself: its events, who did what, its secrets, and whether it is well."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from benchmark_client.models.administration import AuditCheck, AuditEvent, Whoami
from benchmark_client.models.answer import Page
from benchmark_client.models.credentials import Credential
from benchmark_client.models.events import Event
from benchmark_client.models.service import Health, Readiness, VersionView
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, delete, following, get, name, post
from benchmark_client.series import Series, listing, stream
from benchmark_client.verbs import ListVerb, Verb


class Events(Noun[M]):
    @ListVerb
    def follow(
        self, *, after: int | None = None, types: Sequence[str] = (), away_s: float | None = None
    ) -> Series[Event]:
        """Everything that happens, without end; from now on, or after the number of an event that is known.

        Goes on where it was when the service restarts: no event is missed or told twice. However long the service is
        away, it is waited for; with `away_s`, raises Unreachable (or Unavailable) when pauses would add up to more.
        """
        return stream(get("/v1/events", type=types), after, away_s)

    @ListVerb
    def list(self, *, after: int = 0, types: Sequence[str] = (), most: int | None = None) -> Series[Event]:
        """What has happened by now, the oldest first."""
        return listing(Page[Event], get("/v1/events", after=after, type=types), most)


class AuditEvents(Noun[M]):
    @ListVerb
    def list(
        self,
        *,
        principal: str | None = None,
        action: Sequence[str] = (),
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        most: int | None = None,
    ) -> Series[AuditEvent]:
        """Who did what, the newest first: by a key of this name, of these actions, to this id or name, from a time on
        and before another."""
        wanted = {"principal": principal, "action": action, "subject": subject, "since": since, "until": until}
        return listing(Page[AuditEvent], get("/v1/audit-events", **wanted), most)

    @Verb
    def verify(self, *, known: str | None = None) -> Call[AuditCheck]:
        """Whether every row is as it was recorded; `known` is a `head` of an earlier check that must still be there."""
        return Call(get("/v1/audit-events/verification", known=known), AuditCheck)


class Credentials(Noun[M]):
    @Verb
    def put(self, credential: str, *, origin: str, secret: str, revision: int | None = None) -> Call[Credential]:
        """Stored encrypted, in place of one of that name; sent to `origin` only, and never shown."""
        body = {"name": credential, "origin": origin, "secret": secret}
        return Call(following(post("/v1/credentials", body), revision), Credential)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[Credential]:
        """Names and origins."""
        return listing(Page[Credential], get("/v1/credentials"), most)

    @Verb
    def get(self, credential: str) -> Call[Credential]:
        """Its origin and revision. Raises NotFound."""
        return Call(get(f"/v1/credentials/{name(credential)}"), Credential)

    @Verb
    def delete(self, credential: str, *, revision: int | None = None) -> Call[None]:
        """Agents that name it can no longer ask. Raises NotFound."""
        return Call(following(delete(f"/v1/credentials/{name(credential)}"), revision), type(None))


class Service(Noun[M]):
    @Verb
    def whoami(self) -> Call[Whoami]:
        """What the key is called that this client sends, what it may do, and until when."""
        return Call(get("/v1/whoami"), Whoami)

    @Verb
    def health(self) -> Call[Health]:
        """Whether the process lives."""
        return Call(get("/health"), Health)

    @Verb
    def readiness(self, *, require: Sequence[str] = ()) -> Call[Readiness]:
        """Whether all it needs answers. Raises Unavailable after a while if these parts do not."""
        return Call(get("/ready", require=require), Readiness)

    @Verb
    def version(self) -> Call[VersionView]:
        """Of the service."""
        return Call(get("/version"), VersionView)

    @Verb
    def metrics(self) -> Call[str]:
        """In Prometheus's format."""
        return Call(get("/metrics"), str)

    @Verb
    def description(self) -> Call[dict[str, JsonValue]]:
        """The OpenAPI document."""
        return Call(get("/openapi.json"), dict[str, JsonValue])
