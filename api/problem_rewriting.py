"""Problems in the form that some callers know: a pure ASGI `send` that hands over those that are whole."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import Message, Send

from api.problems import MEDIA_TYPE

Rewrite = Callable[[Message, bytes], tuple[Message, bytes]]
"""From head and body to head and body; the head is the caller's to change, its headers are a list of its own."""


class Rewritten:
    """Keeps the head of a problem until its body is whole; whatever else passes as it comes."""

    def __init__(self, send: Send, rewrite: Rewrite) -> None:
        self._send = send
        self._rewrite = rewrite
        self._head: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._head = message
            return
        if self._head is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            head, body = self._rewrite({**self._head, "headers": [*self._head["headers"]]}, self._body)
            await self._send(head)
            await self._send({**message, "body": body})


def _is_problem(head: Message) -> bool:
    return Headers(raw=head["headers"]).get("content-type", "").startswith(MEDIA_TYPE)
