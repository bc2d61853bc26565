"""What a route takes beside its body: the query parameters it knows, and media types that it can answer with."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from adapters.definitions.vocabulary import meant
from api.problem_kinds import INVALID, NOT_ACCEPTABLE
from api.problems import MOST_ERRORS, ProblemDetail, ProblemError
from core.errors import listed

NO_CONTENT: Final = 204


class Terms:
    """Of one route, once per process."""

    def __init__(self, route: APIRoute) -> None:
        extra: dict[str, Any] = route.openapi_extra or {}
        described = [each["name"] for each in extra.get("parameters", ()) if each["in"] == "query"]
        self._parameters = frozenset((*_declared(route.dependant), *described))
        self._types = frozenset(_types(route)) if route.status_code != NO_CONTENT else frozenset[str]()

    def check(self, request: Request) -> None:
        """Raises ProblemError (406, 422)."""
        unknown = [name for name in dict.fromkeys(request.query_params) if name not in self._parameters]
        if unknown:
            errors = [ProblemDetail(pointer=name, detail=self._hint(name)) for name in unknown[:MOST_ERRORS]]
            raise ProblemError(INVALID, errors[0].detail, errors=errors)
        wanted = request.headers.get("accept")
        if wanted and self._types and not any(_fits(each, self._types) for each in _ranges(wanted)):
            detail = f"This is answered as {listed(list(self._types))}, and Accept names none of it."
            raise ProblemError(NOT_ACCEPTABLE, detail)

    def _hint(self, name: str) -> str:
        said = f"There is no query parameter {name[:100]!r} here"
        close = meant(name[:100], sorted(self._parameters))
        if close:
            return f"{said}; did you mean {close!r}?"
        known = listed(list(self._parameters))
        return f"{said}; there are: {known}." if self._parameters else f"{said}, nor any other."


def _declared(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _declared(inner)


def _types(route: APIRoute) -> Iterable[str]:
    if isinstance(route.response_class, DefaultPlaceholder):
        yield "application/json"
    elif route.response_class.media_type is not None:
        yield route.response_class.media_type
    for status, answer in route.responses.items():
        if str(status).startswith("2"):
            yield from answer.get("content", {})


def _ranges(accept: str) -> Sequence[str]:
    """The media ranges of an Accept header that are not refused (`q=0`)."""
    found: list[str] = []
    for each in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        if not any(part.replace(" ", "").rstrip("0").rstrip(".") in ("q=", "q=0") for part in parameters):
            found.append(kind)
    return found


def _fits(wanted: str, types: frozenset[str]) -> bool:
    whole, _, part = wanted.partition("/")
    return wanted in ("*/*", "*") or any(
        kind == wanted or (part == "*" and kind.startswith(f"{whole}/")) for kind in types
    )
