"""Where requests go out: httpx2, and what is the same of it for both clients."""

from typing import Any, Final, cast

import httpx2

from benchmark_client.errors import Unreachable
from benchmark_client.following import SILENCE_S
from benchmark_client.modes import Bound, Port, bind
from benchmark_client.requests import Request
from benchmark_client.steps import Flow, Received, Step

CONNECT_S: Final = 5.0
NOT_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def options(url: str, key: str | None, timeout_s: float, *, agent: str = "ai-benchmark-client") -> dict[str, Any]:
    """Of an httpx2 client for the service there."""
    headers = {"Accept": "application/json", "User-Agent": agent}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return {
        "base_url": url,
        "headers": headers,
        "timeout": httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
        # A proxy for the internet has no business between us and a service on this machine.
        "trust_env": httpx2.URL(url).host not in LOOPBACK,
    }


def built(http: httpx2.Client | httpx2.AsyncClient, request: Request, *, streamed: bool = False) -> httpx2.Request:
    seconds = SILENCE_S if streamed else request.timeout_s
    timeout: Any = httpx2.USE_CLIENT_DEFAULT if seconds is None else httpx2.Timeout(seconds, connect=CONNECT_S)
    return http.build_request(
        request.method, request.target, headers=dict(request.headers), content=request.content, timeout=timeout
    )


def received(answer: httpx2.Response, content: bytes = b"") -> Received:
    return Received(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, content)


def unreachable(error: httpx2.RequestError, url: str) -> Unreachable:
    if isinstance(error, NOT_SENT):
        return Unreachable(f"No API answers at {url}.", sent=False)
    timed_out = isinstance(error, httpx2.TimeoutException)
    said = f"{type(error).__name__} {error}".rstrip(" .")
    return Unreachable(f"The API at {url} did not finish its answer: {said}.", sent=True, timed_out=timed_out)


def resumed(flow: Flow[Any], outcome: object) -> Step:
    """The flow's next step, after what came of the last one. Raises StopIteration with the flow's result."""
    return flow.throw(outcome) if isinstance(outcome, Unreachable) else flow.send(outcome)


def owned(value: object, port: Port) -> object:
    """The value; one with verbs knows by whom they are done."""
    if isinstance(value, Bound):
        bind(cast("Bound[Any]", value), port)
    return cast("object", value)
