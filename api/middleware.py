"""What happens around every request, as one pure ASGI layer: its id, its log line, its metrics, its safe headers,
and an answer for errors nobody foresaw."""

import re
import time
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.measures import REQUESTS, SECONDS
from api.problem_kinds import ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, MALFORMED, TOO_LARGE
from api.problems import ProblemError, problem_response, unhandled
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

LONGEST_ADDRESS: Final = 16 * 1024
LARGEST_HEADERS: Final = 64 * 1024
"""Bytes."""

logger = structlog.get_logger("api.access")


class Attended:
    """Outermost. Sends its own answer for an error that no route turned into one."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

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
            if (refusal := _unreadable(scope, request_id) or self._too_large(scope, request_id)) is not None:
                await refusal(scope, receive, answer.send)
            else:
                await self._app(scope, bounded(receive, self._max_body_bytes), answer.send)
        except Exception as error:  # noqa: BLE001 - the last place where an error can become an answer
            await self._answer_for(error, scope, receive, answer)
        finally:
            _record(scope, "HEAD" if answer.bare else scope["method"], answer.status, time.perf_counter() - began)

    def _too_large(self, scope: Scope, request_id: str) -> Response | None:
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said[:20]) <= self._max_body_bytes:
            return None
        # The connection stays: were it closed, the rest of the body would be answered by a reset, and this not read.
        return problem_response(request_id, TOO_LARGE, _limit(self._max_body_bytes))

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


def bounded(receive: Receive, limit: int) -> Receive:
    """`receive`, until a body that did not tell its size passes the limit. Raises ProblemError (413)."""
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise ProblemError(TOO_LARGE, _limit(limit))
        return message

    return receive_bounded


def _limit(limit: int) -> str:
    return f"The body is over the limit of {limit} bytes."


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


def _unreadable(scope: Scope, request_id: str) -> Response | None:
    """A problem for an address that no text can hold: PostgreSQL has no NUL, and our names no broken UTF-8; and for
    one, or headers, that are longer than any that mean something."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
        return problem_response(request_id, ADDRESS_TOO_LONG, f"The address is over {LONGEST_ADDRESS} bytes.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
        return problem_response(request_id, HEADERS_TOO_LARGE, f"The headers are over {LARGEST_HEADERS} bytes.")
    raw = unquote_to_bytes(scope.get("raw_path") or b"") + b"?" + unquote_to_bytes(scope["query_string"])
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return problem_response(request_id, MALFORMED, "The address is not valid UTF-8.")
    if "\x00" in text:
        return problem_response(request_id, MALFORMED, "The address holds the character NUL.")
    return None


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
        **{name: value for name, value in scope.get("path_params", {}).items() if name == "run_id"},
    )
