"""Who may do what. Every route names its scope through one of the annotated parameters below, or is `Public`.

A route that names neither cannot be built (`api.routing`), so none is open by accident. Who holds `BENCHMARK_API_KEY`
is the operator, with every scope; other keys are made by `/v1/api-keys`, each with the scopes it was given. Without
`BENCHMARK_API_KEY` the API serves its own machine, whose people are the operator unless they send a key of ours.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope as AsgiScope

from adapters.database.api_keys import KnownKey, Secret
from api.key_ring import KeyRing
from api.key_text import digest_of, id_in
from api.problem_kinds import FORBIDDEN, UNAUTHENTICATED
from api.problems import ProblemError
from api.sessions import Sessions
from core.api_keys import BEGINS, OPERATOR, Scope, Through
from core.errors import ServiceUnavailable, listed
from core.ids import DEFAULT_PROJECT
from core.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
CHALLENGE: Final = 'Bearer realm="benchmark"'
SEND_ONE: Final = "Send the API key as `Authorization: Bearer <key>`."
NOT_WHOLE: Final = "This API key is not whole: its checksum does not fit. Copy it again, from abk_ to its end."
UNKNOWN: Final = "This API key is not known here, or is no more; ask whoever runs the service for another one."
"""Told of an unknown id and of a wrong secret alike: nobody learns by guessing which ids there are."""

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="API key",
    description="A key of `POST /v1/api-keys`, or the operator's (BENCHMARK_API_KEY).",
)


@dataclass(frozen=True)
class Principal:
    """Who asks."""

    name: str
    project_id: str
    scopes: frozenset[Scope]
    through: Through
    api_key_id: str | None = None
    expires_at: datetime | None = None

    @property
    def id(self) -> str:
        """The same for as long as there is the key, whatever it is called."""
        return self.api_key_id or self.name

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin:full" in self.scopes


@dataclass(frozen=True)
class Stranger:
    """Somebody without a key that holds, and why it does not."""

    detail: str
    sent_one: bool = True

    def refusal(self) -> ProblemError:
        challenge = f'{CHALLENGE}, error="invalid_token"' if self.sent_one else CHALLENGE
        return ProblemError(UNAUTHENTICATED, self.detail, headers={"WWW-Authenticate": challenge})


class Gate:
    """Tells who sends a request."""

    def __init__(self, settings: Settings, ring: KeyRing) -> None:
        self._key = None if settings.api_key is None else settings.api_key.get_secret_value().encode()
        self._ring = ring
        self.sessions = Sessions(settings)
        public = urlsplit(settings.public_url or "").hostname
        self._hosts = LOOPBACK_NAMES | frozenset([public] if public else [])

    def is_suspicious(self, scope: AsgiScope) -> bool:
        """Whether telling who this is costs a look at the database for a key that may be made up."""
        api_key_id = id_in(_sent(Headers(scope=scope)) or "")
        return api_key_id is not None and not self._ring.knows(api_key_id)

    async def caller(self, scope: AsgiScope) -> Principal | Stranger:
        """Whose key was sent; found out once for a request. Raises ServiceUnavailable."""
        if "caller" not in scope:
            scope["caller"] = await self.holder_of(self._key_of(scope))
        return cast("Principal | Stranger", scope["caller"])

    async def principal(self, request: Request) -> Principal:
        """Raises ProblemError (401, 403), ServiceUnavailable."""
        caller = await self.caller(request.scope)
        if isinstance(caller, Stranger):
            raise caller.refusal()
        if caller.through == "this_machine":
            self._require_this_machine(request)
        return caller

    async def lets_in_still(self, scope: AsgiScope, needed: Scope) -> bool:
        """Whether a request that takes long would be let in now, by the key it came with; as before, while nobody can
        tell."""
        try:
            caller = await self.holder_of(self._key_of(scope))
        except ServiceUnavailable:
            return True
        return isinstance(caller, Principal) and caller.may(needed)

    def _key_of(self, scope: AsgiScope) -> str | None:
        return _sent(Headers(scope=scope)) or self.sessions.key_in(scope)

    async def holder_of(self, sent: str | None) -> Principal | Stranger:
        """Who sends this key, or none. Raises ServiceUnavailable."""
        if sent is not None and self._key is not None and hmac.compare_digest(sent.encode(), self._key):
            return _operator("operator_key")
        if sent is not None and sent.startswith(BEGINS):
            return await self._holder(sent)
        if self._key is None:
            # Clients of OpenAI's kind always send some key.
            return _operator("this_machine")
        return Stranger(SEND_ONE, sent_one=False) if sent is None else Stranger(UNKNOWN)

    async def _holder(self, sent: str) -> Principal | Stranger:
        api_key_id = id_in(sent)
        if api_key_id is None:
            return Stranger(NOT_WHOLE)
        known = await self._ring.find(api_key_id)
        digest = digest_of(sent)
        right = [each for each in (known.secrets if known else ()) if hmac.compare_digest(each.digest, digest)]
        if known is None or not right:
            return Stranger(UNKNOWN)
        if (why := _over(known, right[0], datetime.now(UTC))) is not None:
            return Stranger(why)
        self._ring.note_use(api_key_id)
        return Principal(known.name, known.project_id, known.scopes, "api_key", api_key_id, known.expires_at)

    def _require_this_machine(self, request: Request) -> None:
        # A page of the internet can make its own name lead here, and its visitors' browsers ask us.
        host = _hostname("//" + request.headers.get("host", ""))
        if host not in self._hosts:
            raise ProblemError(
                UNAUTHENTICATED, f"Without BENCHMARK_API_KEY the API answers as {listed(list(self._hosts))} only."
            )
        origin = request.headers.get("origin")
        if origin is not None and _hostname(origin) not in self._hosts:
            raise ProblemError(FORBIDDEN, "Without BENCHMARK_API_KEY, pages of other origins may not use the API.")


def _operator(through: Through) -> Principal:
    return Principal(OPERATOR, DEFAULT_PROJECT, frozenset({"admin:full"}), through)


def _over(known: KnownKey, sent: Secret, now: datetime) -> str | None:
    """Why a key holds no more; told to who has it only."""
    if known.revoked_at is not None:
        return f"This API key was revoked at {_utc(known.revoked_at)}; ask whoever runs the service for another one."
    if sent.until is not None and sent.until <= now:
        return f"This API key was replaced, and held until {_utc(sent.until)}; use the one that replaced it."
    if known.expires_at is not None and known.expires_at <= now:
        return f"This API key expired at {_utc(known.expires_at)}; have its expiry moved, or another one made."
    return None


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _sent(headers: Headers) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class RequiresScope:
    """A route's scope, None where any key will do. The route checks it before it reads the body; here the caller is
    handed over."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope: Scope | None = scope

    async def check(self, request: Request, gate: Gate) -> Principal:
        """Raises ProblemError (401, 403), ServiceUnavailable."""
        principal = await gate.principal(request)
        if self.scope is not None and not principal.may(self.scope):
            held = listed(sorted(principal.scopes))
            told = f'{CHALLENGE}, error="insufficient_scope", scope="{self.scope}"'
            raise ProblemError(
                FORBIDDEN,
                f"This needs the scope {self.scope}; the key {principal.name!r} has {held}.",
                headers={"WWW-Authenticate": told},
            )
        return principal

    async def __call__(
        self, request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Principal:
        return cast("Principal", request.scope["principal"])


class OpenToAll:
    """A route that asks for no key: health, documentation."""

    async def __call__(self) -> None:
        return None


Reader = Annotated[Principal, Depends(RequiresScope("benchmark:read"))]
Writer = Annotated[Principal, Depends(RequiresScope("benchmark:write"))]
ResultsReader = Annotated[Principal, Depends(RequiresScope("results:read"))]
Administrator = Annotated[Principal, Depends(RequiresScope("admin:full"))]
Anybody = Annotated[Principal, Depends(RequiresScope(None))]
"""Whoever has a key."""
Public = Annotated[None, Depends(OpenToAll())]


def refuse_open_door(settings: Settings) -> str | None:
    """Why the API must not listen with these settings; None when it may."""
    if settings.api_key is not None or settings.api_host in LOOPBACK_NAMES:
        return None
    return (
        f"Without BENCHMARK_API_KEY the API listens on this machine only, not on {settings.api_host}. "
        "Set BENCHMARK_API_KEY to a long random text, or BENCHMARK_API_HOST to 127.0.0.1."
    )
