"""What happens around every request, as one pure ASGI layer: its id, its log line, its metrics, its safe headers,
and an answer for errors nobody foresaw."""

import re
import time
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.measures import REQUESTS, SECONDS
from api.problems import unhandled
from core.ids import new_id

GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET: Final = frozenset({"/health", "/ready", "/metrics"})
"""Asked by machines every few seconds: logged at debug level."""
SAFE_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}

logger = structlog.get_logger("api.access")


class Attended:
    """Outermost. Sends its own answer for an error that no route turned into one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = scope["request_id"] = given if GIVEN_ID.fullmatch(given) else new_id("req")
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer = Answer(send, request_id, bare=scope["method"] == "HEAD")
        scope = _as_get(scope) if answer.bare else scope
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place where an error can become an answer
            await self._answer_for(error, scope, receive, answer)
        finally:
            _record(scope, "HEAD" if answer.bare else scope["method"], answer.status, time.perf_counter() - began)

    async def _answer_for(self, error: Exception, scope: Scope, receive: Receive, answer: "Answer") -> None:
        response = unhandled(answer.request_id, error)
        foreseen = response.status_code != 500
        log = logger.warning if foreseen else logger.error
        log("request_broken", kind=type(error).__name__, error=str(error)[:500], exc_info=None if foreseen else error)
        if answer.status is None:
            await response(scope, receive, answer.send)
        else:
            # The answer has begun; cutting the connection is the only way left to say that it is not whole.
            raise error


class Answer:
    """Watches what is sent, and adds the headers every answer bears."""

    def __init__(self, send: Send, request_id: str, *, bare: bool = False) -> None:
        self._send = send
        self.bare = bare
        """Only the head is wanted."""
        self.request_id = request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request_id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        elif self.bare:
            message = {**message, "body": b""}
        await self._send(message)


def _as_get(scope: Scope) -> Scope:
    """What is asked for with HEAD is what GET would answer, but never a stream: that has no end to wait for."""
    headers = [each for each in scope["headers"] if each[0] != b"accept" or b"text/event-stream" not in each[1]]
    return {**scope, "method": "GET", "headers": headers}


def _record(scope: Scope, method: str, status: int | None, seconds: float) -> None:
    route: Any = scope.get("route")
    path: str = getattr(route, "path", None) or "unmatched"
    method = method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} else "other"
    REQUESTS.labels(method, path, str(status or "cut")).inc()
    SECONDS.labels(method, path).observe(seconds)
    log = logger.debug if scope["path"] in QUIET else logger.info
    log(
        "request",
        method=method,
        path=scope["path"],
        route=path,
        status=status,
        milliseconds=round(1000 * seconds, 1),
        principal=getattr(scope.get("principal"), "name", None),
        **{name: value for name, value in scope.get("path_params", {}).items() if name == "run_id"},
    )
