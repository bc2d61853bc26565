"""Everything that can go wrong between the client and the service, named once.

* ClientError
  * Unreachable             nobody answered, or not to the end
  * NotUnderstood           somebody answered, but not as this API does
  * Problem                 the service said no (RFC 9457)
    - Malformed             400
    - Unauthenticated       401
    - Forbidden             403
    - NotFound              404
    - MethodNotAllowed      405
    - NotAcceptable         406
    - Conflict              409, the present state does not allow it
    - InFlight              409, the first request with this key is still being worked on
    - StaleRevision         412, it was changed since you looked
    - TooLarge              413
    - AddressTooLong        414
    - UnsupportedMediaType  415
    - Invalid               422, `errors` says where
    - KeyReused             422, the Idempotency-Key belongs to another request
    - AgentUnusable         422, the agent that was tried cannot work with its settings
    - TooManyRequests       429
    - HeadersTooLarge       431
    - Broken                500
    - AgentFailed           502, the agent that was tried gave no proper answer
    - Unavailable           503
    - TimedOut              504
  * RunFailed               asked for by `wait(check=True)`
  * GateFailed              asked for by `wait(check=True)` and `judge(check=True)`
  * StillRunning            `wait(timeout=...)` was over first; also a TimeoutError
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus


class ClientError(Exception):
    """Its text is a sentence that says what was wrong."""


class Unreachable(ClientError):
    """`sent` tells whether the request may have reached the service, `timed_out` whether the time for an answer was
    over."""

    def __init__(self, text: str, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__(text)
        self.sent = sent
        self.timed_out = timed_out


class NotUnderstood(ClientError):
    pass


@dataclass(frozen=True)
class Place:
    """One place that is wrong."""

    pointer: str
    """A JSON pointer into the body (empty: the whole body), or the name of a query parameter."""
    detail: str


class Problem(ClientError):
    """An answer of 4xx or 5xx. Everything but the status may be missing where a proxy answered."""

    def __init__(
        self,
        status: int,
        *,
        type: str = "about:blank",
        title: str = "",
        detail: str = "",
        errors: Sequence[Place] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.type = type
        """The address of a page about this kind of problem, relative to the service's."""
        self.title = title
        self.detail = detail or title or f"The answer is {_named(status)}."
        self.errors = tuple(errors)
        self.request_id = request_id
        """Under which the service's log tells more."""
        self.retry_after = retry_after
        """Seconds after which asking again is worth it."""
        super().__init__("\n".join([self.detail, *self._places()]))

    def _places(self) -> list[str]:
        """A line for each place, less what the detail has said already."""
        lines: list[str] = []
        for place in self.errors:
            parts = [f"at {place.pointer}"] if place.pointer and place.pointer not in self.detail else []
            parts += [place.detail] if place.detail not in self.detail else []
            lines += [f"  {': '.join(parts)}"] if parts else []
        return lines


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


class Malformed(Problem):
    pass


class Unauthenticated(Problem):
    pass


class Forbidden(Problem):
    pass


class NotFound(Problem):
    pass


class MethodNotAllowed(Problem):
    pass


class NotAcceptable(Problem):
    pass


class Conflict(Problem):
    pass


class InFlight(Problem):
    pass


class StaleRevision(Problem):
    pass


class TooLarge(Problem):
    pass


class AddressTooLong(Problem):
    pass


class UnsupportedMediaType(Problem):
    pass


class Invalid(Problem):
    pass


class KeyReused(Problem):
    pass


class AgentUnusable(Problem):
    pass


class TooManyRequests(Problem):
    pass


class HeadersTooLarge(Problem):
    pass


class Broken(Problem):
    pass


class AgentFailed(Problem):
    pass


class Unavailable(Problem):
    pass


class TimedOut(Problem):
    pass
