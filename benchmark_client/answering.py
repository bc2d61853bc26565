"""A request and its answer, with as many tries as patience allows."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from benchmark_client import errors
from benchmark_client.errors import Place, Problem, Unreachable
from benchmark_client.patience import Patience
from benchmark_client.requests import Call, Request
from benchmark_client.steps import Emit, Flow, Pause, Received, opened_if_good, read, sent

T = TypeVar("T")
PROBLEMS: Final[Mapping[str, type[Problem]]] = {
    "malformed-request": errors.Malformed,
    "unauthenticated": errors.Unauthenticated,
    "forbidden": errors.Forbidden,
    "not-found": errors.NotFound,
    "method-not-allowed": errors.MethodNotAllowed,
    "not-acceptable": errors.NotAcceptable,
    "conflict": errors.Conflict,
    "request-in-flight": errors.InFlight,
    "stale-revision": errors.StaleRevision,
    "content-too-large": errors.TooLarge,
    "address-too-long": errors.AddressTooLong,
    "unsupported-media-type": errors.UnsupportedMediaType,
    "invalid-request": errors.Invalid,
    "idempotency-key-reused": errors.KeyReused,
    "too-many-requests": errors.TooManyRequests,
    "headers-too-large": errors.HeadersTooLarge,
    "internal-error": errors.Broken,
    "agent-failed": errors.AgentFailed,
    "agent-unusable": errors.AgentUnusable,
    "service-unavailable": errors.Unavailable,
    "timed-out": errors.TimedOut,
}
"""By the last word of the problem's `type`."""
BY_STATUS: Final[Mapping[int, type[Problem]]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    413: errors.TooLarge,
    429: errors.TooManyRequests,
    503: errors.Unavailable,
}
"""For answers of whatever stands before the service."""
GATEWAY: Final = frozenset({502, 503, 504})


def answered(call: Call[T], patience: Patience) -> Flow[T]:
    """What it is answered with.

    A request that may not be done twice is sent again only where it was not begun. Raises ClientError.
    """
    received = yield from accepted(call.request, patience)
    return read_as(call.answer, received)


def pieces(request: Request, patience: Patience) -> Flow[None]:
    """Hands out the bytes of an answer as they come. Raises ClientError, also where it breaks off."""
    yield from accepted(request, patience, opened_if_good)
    while chunk := (yield from read()):
        yield Emit(chunk)


def accepted(request: Request, patience: Patience, send: Callable[[Request], Flow[Received]] = sent) -> Flow[Received]:
    """The answer that is no refusal, whatever it says. Raises as `answered` does."""
    tries, waited, perhaps_done = 0, 0.0, False
    while True:
        tries += 1
        try:
            received = yield from send(request)
        except Unreachable as error:
            complaint: Problem | Unreachable = error
            again = request.is_repeatable or not error.sent
            perhaps_done = perhaps_done or error.sent
        else:
            # Gone is gone: a try before this one did it, and its answer was lost.
            if received.is_success or (request.method == "DELETE" and perhaps_done and received.status == 404):
                return received
            complaint = problem(received)
            again = is_passing(complaint, request)
            perhaps_done = perhaps_done or not isinstance(complaint, errors.TooManyRequests)
        pause = patience.pause(complaint, tries, waited) if again else None
        if pause is None:
            raise complaint
        waited += pause
        yield Pause(pause)


def is_passing(problem: Problem, request: Request) -> bool:
    """Whether the same request may be answered otherwise in a moment, and may be sent again."""
    if isinstance(problem, errors.TooManyRequests):
        return True
    if isinstance(problem, errors.AgentFailed | errors.TimedOut):
        return False
    return request.is_repeatable and (isinstance(problem, errors.InFlight) or problem.status in GATEWAY)


def problem(received: Received) -> Problem:
    """The problem an answer of 4xx or 5xx tells of, of the class for its type."""
    body = _object(received.content)
    found: object = body.get("errors")
    places = cast("list[object]", found) if isinstance(found, list) else []
    slug = str(body.get("type", "")).rpartition("/")[2]
    kind = PROBLEMS.get(slug) or BY_STATUS.get(received.status, Problem)
    return kind(
        received.status,
        type=_text(body, "type") or "about:blank",
        title=_text(body, "title"),
        detail=_text(body, "detail"),
        errors=[Place(_text(place, "pointer"), _text(place, "detail")) for place in places],
        request_id=_text(body, "request_id") or received.headers.get("x-request-id"),
        retry_after=_seconds(received.headers.get("retry-after")),
    )


def read_as(answer: type[T], received: Received) -> T:
    """Raises NotUnderstood."""
    if answer is type(None):
        return cast("T", None)
    if answer is bytes:
        return cast("T", received.content)
    if answer is str:
        return cast("T", received.content.decode(errors="replace"))
    try:
        return cast("T", _adapter(answer).validate_json(received.content))
    except ValidationError as error:
        [first, *_] = error.errors()
        where = "/".join(map(str, first["loc"]))
        said = f"at {where!r}: {first['msg']}" if where else first["msg"]
        raise errors.NotUnderstood(f"The answer is not what the benchmark API says, {said}.") from error


@cache
def _adapter(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def _object(content: bytes) -> dict[str, object]:
    try:
        found: object = from_json(content)
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _text(body: object, name: str) -> str:
    value = cast("dict[str, object]", body).get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""


def _seconds(told: str | None) -> float | None:
    """`Retry-After`: seconds, or a date."""
    if told is None:
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
