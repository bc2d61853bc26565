"""Requests that are refused before anybody looks at what they want: larger than anything that means something, or of an
address that no text can hold. One pure ASGI layer."""

from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_kinds import ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, MALFORMED, TOO_LARGE
from api.problems import ProblemError, problem_response

LONGEST_ADDRESS: Final = 16 * 1024
LARGEST_HEADERS: Final = 64 * 1024
"""Bytes."""


class Bounded:
    """Within `Attended`, which gives the request its id, and `Metered`, which counts what is refused here, too."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (refusal := _unreadable(scope) or self._too_large(scope)) is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, bounded(receive, self._max_body_bytes), send)

    def _too_large(self, scope: Scope) -> Response | None:
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said[:20]) <= self._max_body_bytes:
            return None
        # The connection stays: were it closed, the rest of the body would be answered by a reset, and this not read.
        return problem_response(scope["request_id"], TOO_LARGE, _limit(self._max_body_bytes))


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


def _unreadable(scope: Scope) -> Response | None:
    """A problem for an address that no text can hold: PostgreSQL has no NUL, and our names no broken UTF-8; and for
    one, or headers, that are longer than any that mean something."""
    request_id: str = scope["request_id"]
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
