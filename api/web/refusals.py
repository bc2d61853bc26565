"""Problems at the addresses of pages, in words: a page that says what is wrong, and the way to sign in for strangers.

One pure ASGI layer, so that whoever found the problem, it reads the same.
"""

from functools import partial
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_rewriting import Rewritten
from api.security import Gate, Principal
from api.services import services_of
from api.sessions import PAGES, is_page
from api.web.shell import framed

SIGN_IN: Final = f"{PAGES}/sign-in"


class AsPage:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_page(scope["path"]):
            send = Rewritten(send, partial(_in_words, scope)).send
        await self._app(scope, receive, send)


def _in_words(scope: Scope, head: Message, body: bytes) -> tuple[Message, bytes]:
    request = Request(scope)
    gate: Gate = services_of(request).gate
    if head["status"] == 401 and gate.sessions.are_kept and request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = MutableHeaders(raw=head["headers"])
        headers["location"] = f"{SIGN_IN}?next={quote(wanted, safe='')}"
        headers["content-length"] = "0"
        return {**head, "status": 303, "headers": headers.raw}, b""
    # Of HEAD only the head is wanted.
    return _page(request, head, orjson.loads(body)) if body else (head, body)


def _page(request: Request, head: Message, problem: dict[str, Any]) -> tuple[Message, bytes]:
    caller = request.scope.get("caller")
    page = framed(
        request,
        "problem.html",
        title=problem["title"],
        services=services_of(request),
        who=caller if isinstance(caller, Principal) else None,
        status=head["status"],
        problem=problem,
    )
    ours = {name for name, _ in page.raw_headers}
    kept = [each for each in head["headers"] if each[0] not in ours]
    return {**head, "headers": [*kept, *page.raw_headers]}, bytes(page.body)
