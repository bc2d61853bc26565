"""Every problem at OpenAI's addresses is one of ours and, in its member `error`, one of OpenAI's, whoever found it: a
route, or what refuses requests before any route. One pure ASGI layer."""

import re
from typing import Any, Final

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_rewriting import Rewritten

ADDRESSES: Final = re.compile(r"/v1/(evals|files)(/.*)?", re.DOTALL)
AS_BAD_REQUEST: Final = frozenset({409, 422})
"""OpenAI answers 400 where we tell several kinds of mistakes apart, and its clients repeat a 409 by themselves."""
TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
STEP: Final = re.compile(r"^\d+$")


class InOpenAIsWords:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] != "http" or ADDRESSES.fullmatch(scope["path"]) is None
        await self._app(scope, receive, send if ours else Rewritten(send, _translated).send)


def _translated(head: Message, body: bytes) -> tuple[Message, bytes]:
    status: int = 400 if head["status"] in AS_BAD_REQUEST else head["status"]
    head = {**head, "status": status}
    if body:
        body = orjson.dumps(_with_error(orjson.loads(body), status))
        MutableHeaders(scope=head)["content-length"] = str(len(body))
    return head, body


def _with_error(problem: dict[str, Any], status: int) -> dict[str, Any]:
    pointers: list[str] = [each["pointer"] for each in problem["errors"]]
    error = {
        "message": problem["detail"],
        "type": TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": _param(pointers[0] if pointers else ""),
        "code": problem["type"].removeprefix("/problems/").replace("-", "_"),
    }
    return {**problem, "status": status, "error": error}


def _param(pointer: str) -> str | None:
    """`/testing_criteria/0/input` as `testing_criteria[0].input`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/") if part]
    return "".join(f"[{part}]" if STEP.match(part) else f".{part}" for part in parts).removeprefix(".") or None
