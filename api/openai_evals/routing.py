"""The route class of these routes: every error is a problem of ours and, in its member `error`, one of OpenAI's."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.problems import answered
from api.routing import GuardedRoute
from core.errors import BenchmarkError

AS_BAD_REQUEST: Final = frozenset({409, 422})
"""OpenAI answers 400 where we tell several kinds of mistakes apart, and its clients repeat a 409 by themselves."""
TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
STEP: Final = re.compile(r"^\d+$")


class OpenAIRoute(GuardedRoute):
    """Its description is OpenAI's, so it is not in ours."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{**named, "include_in_schema": False})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError, BenchmarkError) as error:
                return as_openai(await answered(request, error))

        return told


def as_openai(response: Response) -> Response:
    """A problem, with what clients of OpenAI look for."""
    problem: dict[str, Any] = orjson.loads(bytes(response.body))
    status = 400 if response.status_code in AS_BAD_REQUEST else response.status_code
    pointers: list[str] = [each["pointer"] for each in problem["errors"]]
    problem["status"] = status
    problem["error"] = {
        "message": problem["detail"],
        "type": TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": _param(pointers[0] if pointers else ""),
        "code": problem["type"].removeprefix("/problems/").replace("-", "_"),
    }
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(orjson.dumps(problem), status, kept, response.media_type)


def _param(pointer: str) -> str | None:
    """`/testing_criteria/0/input` as `testing_criteria[0].input`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/") if part]
    return "".join(f"[{part}]" if STEP.match(part) else f".{part}" for part in parts).removeprefix(".") or None
