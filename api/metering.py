"""Counts the requests of every caller and refuses more than are allowed (429), as one pure ASGI layer.

Who sends a valid key is counted by it, wherever the requests come from; everybody else by address. Every process counts
for itself, so that counting costs nothing and goes on while everything else is away. A key that may be made up is
counted by its address before anybody looks for it.
"""

import ipaddress
import math
import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_kinds import TOO_MANY
from api.problems import problem_response
from api.rate_limits import Buckets, Policy, Standing
from api.security import Gate, Stranger
from core.errors import ServiceUnavailable
from core.settings import Settings

WINDOW_S: Final = 60.0
FREE: Final = frozenset({"/health", "/ready", "/metrics"})
"""What watches over the service must reach it while others send too much."""
IPV6_NETWORK: Final = 64
"""Bits of an address that belong to one customer; the rest is theirs to choose."""


class Metered:
    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._by_key = _buckets("key", settings.requests_per_minute_per_key)
        self._by_address = _buckets("address", settings.requests_per_minute_per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        buckets, standing = await self._counted(scope)
        if buckets is None or standing is None:
            await self._app(scope, receive, send)
            return
        answer = self._app if standing.allowed else _refusal(scope, buckets.policy, standing)
        await answer(scope, receive, _telling(send, buckets.policy, standing))

    async def _counted(self, scope: Scope) -> tuple[Buckets | None, Standing | None]:
        """Where the request counts, and how its sender stands there."""
        gate: Gate = scope["state"]["services"].gate
        by_address = None
        if gate.is_suspicious(scope):
            by_address = _taken(self._by_address, _network(scope))
            if by_address is not None and not by_address.allowed:
                return self._by_address, by_address
        try:
            caller = await gate.caller(scope)
        except ServiceUnavailable as error:
            # The route says so, if it asks for a key at all.
            caller = Stranger(str(error))
        if not isinstance(caller, Stranger):
            return self._by_key, _taken(self._by_key, caller.id)
        return self._by_address, by_address or _taken(self._by_address, _network(scope))


def _taken(buckets: Buckets | None, caller: str) -> Standing | None:
    return None if buckets is None else buckets.take(caller, time.monotonic())


def _refusal(scope: Scope, policy: Policy, standing: Standing) -> Response:
    said = _sentence(policy, standing)
    return problem_response(scope.get("request_id"), TOO_MANY, said, headers=_retry(standing))


def _buckets(name: str, per_minute: int) -> Buckets | None:
    return Buckets(Policy(name, per_minute, WINDOW_S)) if per_minute else None


def _network(scope: Scope) -> str:
    """The address, as far as it tells one caller from another; the same for all who have none (a local socket)."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.IPv6Network((int(address), IPV6_NETWORK), strict=False))


def _telling(send: Send, policy: Policy, standing: Standing) -> Send:
    async def send_telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = policy.header
            headers["RateLimit"] = standing.header(policy)
        await send(message)

    return send_telling


def _retry(standing: Standing) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(standing.next_in_s)))}


def _sentence(policy: Policy, standing: Standing) -> str:
    return (
        f"More than {policy.quota} requests a minute came by one {policy.name}; one more is taken in "
        f"{_retry(standing)['Retry-After']} s."
    )
