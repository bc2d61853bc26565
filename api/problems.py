"""Every error as an RFC 9457 problem. With `worker.interceptors` the only place where errors are translated."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import Field, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.database.failures import is_absence, is_refusal
from adapters.definitions.vocabulary import keys_at, meant
from api import problem_kinds as kinds
from api.kind_mistakes import mistakes_of_kinds
from api.pointers import pointer_into
from api.problem_kinds import ProblemKind
from core import errors
from core.mistakes import must, own_words
from core.model import Model, Name

MEDIA_TYPE = "application/problem+json"
NAME_PATTERN = TypeAdapter[str](Name).json_schema()["pattern"]
RETRY_S = 5
"""Seconds after which it is worth asking again when a part of ours is away."""
MOST_ERRORS = 50
FORMS = frozenset({"inline", "named", "spec", "name"})
"""Tags of the forms a body may have, which pydantic puts into the places of its errors."""


class ProblemDetail(Model):
    """One place that is wrong."""

    pointer: str
    """A JSON pointer into the body (empty: the whole body), or a query parameter's name."""
    detail: str


class Problem(Model):
    """RFC 9457."""

    type: str = Field(examples=["/problems/invalid-request"])
    title: str
    status: int
    detail: str
    """A sentence that says what was wrong and what would be right."""
    errors: tuple[ProblemDetail, ...] = ()
    request_id: str | None = None
    """Under which the service's log tells more."""


class ProblemError(HTTPException):
    """Raised by routes for what has no error of its own in `core.errors`."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        errors: Sequence[ProblemDetail] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.errors = tuple(errors)


def problem_response(
    request_id: str | None,
    kind: ProblemKind,
    detail: str,
    *,
    errors: Sequence[ProblemDetail] = (),
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:
    problem = Problem(
        type=kind.type,
        title=kind.title,
        status=status or kind.status,
        detail=detail,
        errors=tuple(errors),
        request_id=request_id,
    )
    return Response(problem.model_dump_json(), problem.status, dict(headers or {}), MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route or router that may answer with these problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": kinds.BY_STATUS[status].title, "content": content} for status in sorted({*statuses})
    }


def install(app: FastAPI) -> None:
    """Every error raised by a route of this app is answered here."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(errors.BenchmarkError, _benchmark_error)


def unhandled(request_id: str | None, error: Exception) -> Response:
    """For whatever nobody foresaw: the text of the error stays in the log."""
    if is_absence(error):
        detail = "The database does not answer; repeat the request in a moment."
        return problem_response(request_id, kinds.UNAVAILABLE, detail, headers=_retry(RETRY_S))
    if is_refusal(error):
        detail = "A value of the request cannot be stored: a text or a number is out of its bounds."
        return problem_response(request_id, kinds.INVALID, detail)
    detail = "The service failed to handle this request; its log tells why."
    return problem_response(request_id, kinds.INTERNAL, detail)


async def _http_error(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    if isinstance(error, ProblemError):
        return problem_response(_id(request), error.kind, error.detail, errors=error.errors, headers=error.headers)
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join(_methods(request))})
    kind = kinds.BY_STATUS.get(error.status_code, kinds.INTERNAL if error.status_code >= 500 else kinds.MALFORMED)
    detail = _sentence(request, error)
    headers = {"Allow": ", ".join(_methods(request))} if error.status_code == 405 else error.headers
    return problem_response(_id(request), kind, detail, headers=headers, status=error.status_code)


def _sentence(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return f"There is nothing at {request.url.path!r}; /docs lists what there is."
        case 405:
            return f"{request.method} is not allowed at {request.url.path!r}; it takes {', '.join(_methods(request))}."
        case _:
            return f"{HTTPStatus(error.status_code).phrase}: the request cannot be handled."


def _methods(request: Request) -> list[str]:
    """What the address takes, over all routes: the framework names the methods of the first one only."""
    routes = (context.original_route for context in iter_route_contexts(request.app.routes))
    fitting = [route for route in routes if isinstance(route, APIRoute) and route.path_regex.match(request.url.path)]
    found = {method for route in fitting for method in route.methods or ()}
    return sorted({*found, "OPTIONS", *(["HEAD"] if "GET" in found else [])})


async def _validation_error(request: Request, error: Exception) -> Response:
    error = cast("RequestValidationError", error)
    form = _form(request)
    told = [cast("Mapping[str, Any]", one) for one in error.errors()[:MOST_ERRORS]]
    found = [_detail(error.body, form, one) for one in told if not _emptied(one, told)]
    besides = mistakes_of_kinds(error.body, [each.pointer for each in found])
    found += [
        ProblemDetail(pointer=each.pointer, detail=str(each)) for each in islice(besides, MOST_ERRORS - len(found))
    ]
    first = found[0]
    where = f" at {first.pointer!r}" if first.pointer else ""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return problem_response(_id(request), kinds.INVALID, f"{first.detail}{where}{more}.", errors=found)


def _emptied(error: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it finds a list too short only because entries of it are wrong, which is told anyway."""
    if error["type"] != "too_short":
        return False
    place = error["loc"]
    return any(len(each["loc"]) > len(place) and each["loc"][: len(place)] == place for each in told)


def _form(request: Request) -> Any:
    """The type of what the route takes as its body; None for a route that takes none."""
    field = getattr(request.scope.get("route"), "body_field", None)
    return None if field is None else field.field_info.annotation


def _detail(body: object, form: Any, error: Mapping[str, Any]) -> ProblemDetail:
    place, *location = cast("tuple[str | int, ...]", error["loc"])
    message = _message(error, location[-1] if location else place)
    if place == "body":
        if error["type"] == "extra_forbidden":
            message = f"There is no field {location[-1]!r} here{_hint(location, form)}"
        elif error["type"] == "missing" and location:
            message = f"The field {location[-1]!r} is missing"
        elif error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == NAME_PATTERN:
            message = "A name starts with a letter or digit and has at most 100 characters: letters, digits, ._:/@+-"
        return ProblemDetail(pointer=pointer_into(body, location), detail=message)
    return ProblemDetail(pointer=str(location[0]) if location else str(place), detail=message)


def _message(error: Mapping[str, Any], last: str | int) -> str:
    wanted = must(error)
    if wanted is None:
        return own_words(error)
    if last in FORMS or last == "body":
        return f"It {wanted}"
    return f"Entry {last} {wanted}" if isinstance(last, int) else f"{last!r} {wanted}"


def _hint(location: Sequence[str | int], form: Any) -> str:
    """What a mistyped field of a body may have meant, else what it may be."""
    steps = [step for step in location[:-1] if isinstance(step, int) or step not in FORMS]
    known = keys_at(steps, form)
    close = meant(str(location[-1]), known)
    return f"; did you mean {close!r}?" if close else f"; there are: {errors.listed(known)}" if known else ""


async def _benchmark_error(request: Request, error: Exception) -> Response:
    match error:
        case errors.InvalidInput():
            mistakes = error.mistakes if isinstance(error, errors.InvalidRequest) else (error,)
            found = tuple(ProblemDetail(pointer=each.pointer, detail=str(each)) for each in mistakes)
            return problem_response(_id(request), kinds.INVALID, str(error), errors=found)
        case errors.NotFound():
            kind = kinds.NOT_FOUND
        case errors.StaleRevision():
            kind = kinds.STALE
        case errors.Conflict():
            kind = kinds.CONFLICT
        case errors.ServiceUnavailable():
            return problem_response(
                _id(request), kinds.UNAVAILABLE, str(error), headers=_retry(error.retry_after or RETRY_S)
            )
        case errors.Throttled():
            headers = _retry(error.retry_after or RETRY_S)
            return problem_response(_id(request), kinds.AGENT_FAILED, str(error), headers=headers, status=503)
        case errors.TimedOut():
            kind = kinds.TIMED_OUT
        case errors.AgentUnusable() | errors.TargetRefused():
            kind = kinds.AGENT_UNUSABLE
        case errors.AgentRefused() | errors.BadAnswer() | errors.Unavailable():
            kind = kinds.AGENT_FAILED
        case _:
            kind = kinds.INTERNAL
    return problem_response(_id(request), kind, str(error))


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}


def _id(request: Request) -> str | None:
    return request.scope.get("request_id")
