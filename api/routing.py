"""The route class: who asks is settled before the body is read, bodies are read strictly, changes may be repeated, and
what a caller has already is not sent again."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute

from api.bodies import YAML_TYPES, StrictRequest, media_type
from api.conditional import conditional
from api.idempotency import HEADER, once
from api.problem_kinds import MEDIA_TYPE as UNSUPPORTED
from api.problems import ProblemError
from api.security import OpenToAll, RequiresScope
from api.services import services_of
from api.terms import Terms
from api.waiting import wished

REPEATABLE: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """Raises TypeError when a route that names no scope is declared."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        guard = guard_of(self.dependant)
        if guard is None:
            raise TypeError(f"The route {self.path} names no scope; take a Reader, a Writer, ... or be Public.")
        # Pages for people take what browsers and links add.
        terms = Terms(self) if self.include_in_schema else None
        waits = asks(self.dependant, wished)
        takes_document = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def guarded(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            if isinstance(guard, RequiresScope):
                request.scope["principal"] = await guard.check(request, services_of(request).gate)
            if terms is not None:
                terms.check(request)
            if takes_document:
                request = _document(request)
            if HEADER in request.headers and request.method in REPEATABLE and isinstance(guard, RequiresScope):
                return await once(services_of(request).idempotency, request, partial(handle, request), waits=waits)
            return conditional(request, await handle(request))

        return guarded


def guard_of(dependant: Dependant) -> RequiresScope | OpenToAll | None:
    """What a route asks of its callers; None for one that does not say."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, RequiresScope | OpenToAll):
            return inner.call
        if (found := guard_of(inner)) is not None:
            return found
    return None


def asks(dependant: Dependant, what: object) -> bool:
    """Whether a route has a parameter that comes from this function."""
    return any(inner.call is what or asks(inner, what) for inner in dependant.dependencies)


def _document(request: StrictRequest) -> StrictRequest:
    """The request, its body taken for what its content type says. Raises ProblemError (415)."""
    sent = media_type(request)
    if sent in YAML_TYPES:
        # FastAPI hands only JSON types to `json()`, which then reads what was really sent.
        kept = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
        headers = [*kept, (b"content-type", b"application/json")]
        return StrictRequest({**request.scope, "headers": headers, "document": "yaml"}, request.receive)
    is_json = sent == "application/json" or (sent.startswith("application/") and sent.endswith("+json"))
    if not is_json and _has_body(request):
        named = f"not {sent!r}" if sent else "and say so in Content-Type"
        raise ProblemError(UNSUPPORTED, f"Send application/json (definitions also as application/yaml), {named}.")
    return request


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
