"""Who may do what. Every route names its scope through one of the four annotated parameters below, or is `Public`.

A route that names neither cannot be built (`api.routing`), so none is open by accident. Today there is one key with
every scope (`BENCHMARK_API_KEY`); without it, the API serves its own machine and nobody else.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers

from api.problem_kinds import FORBIDDEN, UNAUTHENTICATED
from api.problems import ProblemError
from core.errors import listed
from core.ids import DEFAULT_PROJECT
from core.settings import Settings

Scope = Literal["benchmark:read", "benchmark:write", "results:read", "admin:full"]
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
OPERATOR = "operator"
"""The name of whoever holds the one key."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="benchmark"'}

bearer = HTTPBearer(auto_error=False, bearerFormat="API key", description="The service's API key.")


@dataclass(frozen=True)
class Principal:
    """Who asks."""

    name: str
    project_id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin:full" in self.scopes


class Gate:
    """Tells who sends a request. Raises ProblemError (401, 403)."""

    def __init__(self, settings: Settings) -> None:
        self._key = None if settings.api_key is None else settings.api_key.get_secret_value().encode()
        public = urlsplit(settings.public_url or "").hostname
        self._hosts = LOOPBACK_NAMES | frozenset([public] if public else [])

    def principal(self, request: Request) -> Principal:
        if self._key is None:
            self._require_this_machine(request)
        elif self.caller(request.headers) is None:
            raise ProblemError(UNAUTHENTICATED, "Send the API key as `Authorization: Bearer <key>`.", headers=CHALLENGE)
        return Principal(OPERATOR, DEFAULT_PROJECT, frozenset({"admin:full"}))

    def caller(self, headers: Headers) -> str | None:
        """Whose key was sent; None for one that is not valid. Without a key of ours everybody is of this machine."""
        if self._key is None:
            return OPERATOR
        scheme, _, key = headers.get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and hmac.compare_digest(key.strip().encode(), self._key)
        return OPERATOR if known else None

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


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class RequiresScope:
    """A route's scope. The route checks it before it reads the body; here the caller is handed over."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope

    def check(self, request: Request, gate: Gate) -> Principal:
        """Raises ProblemError (401, 403)."""
        principal = gate.principal(request)
        if not principal.may(self.scope):
            raise ProblemError(FORBIDDEN, f"This needs the scope {self.scope}.")
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
Public = Annotated[None, Depends(OpenToAll())]


def refuse_open_door(settings: Settings) -> str | None:
    """Why the API must not listen with these settings; None when it may."""
    if settings.api_key is not None or settings.api_host in LOOPBACK_NAMES:
        return None
    return (
        f"Without BENCHMARK_API_KEY the API listens on this machine only, not on {settings.api_host}. "
        "Set BENCHMARK_API_KEY to a long random text, or BENCHMARK_API_HOST to 127.0.0.1."
    )
