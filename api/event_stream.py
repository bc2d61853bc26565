"""Server-sent events, as a response of pure ASGI: it notices a reader who has left at once, and leaves one who does
not read."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import structlog
from prometheus_client import Counter, Gauge
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.database.event_feed import Heard
from core.events import Event

MEDIA_TYPE: Final = "text/event-stream"
IDLE_S: Final = 15.0
"""Without an event for so long, a comment tells the reader, and whoever stands between, that the stream lives."""
SLOWEST_S: Final = 30.0
"""A reader who takes nothing for so long is left; it may come back with the last id it has."""
BACK_AFTER_MS: Final = 1000
ALIVE: Final = b": nothing new\n\n"

READERS: Final = Gauge("benchmark_event_readers", "Event streams that are open.", multiprocess_mode="livesum")
LEFT: Final = Counter("benchmark_event_streams_total", "Event streams that ended, by why.", ["why"])

logger = structlog.get_logger(__name__)


class EventStream(Response):
    """What comes out of `heard`, each event with its number as id; ends with it."""

    media_type = MEDIA_TYPE

    def __init__(self, heard: AsyncGenerator[Heard], *, after: int, slowest_s: float = SLOWEST_S) -> None:
        # No length, and nothing in between may wait for more of it.
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._heard = heard
        # A reader who is cut off before the first event comes back to where it was, not to a later now.
        self._greeting = f"retry: {BACK_AFTER_MS}\nid: {after}\n\n".encode()
        self._slowest_s = slowest_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            with READERS.track_inprogress():
                await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.wait({writing, leaving})
        if writing.cancelled():
            LEFT.labels("reader left").inc()
        else:
            writing.result()

    async def _write(self, send: Send) -> None:
        try:
            async with aclosing(self._heard) as heard:
                await self._send(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._send(send, _body(self._greeting))
                async for part in heard:
                    if content := b"".join(line.content for line in part.lines) or (ALIVE if part.idle else b""):
                        await self._send(send, _body(content))
            await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})
            LEFT.labels("end").inc()
        except TimeoutError:
            LEFT.labels("reader too slow").inc()
            logger.warning("event_reader_dropped", reason=f"It took nothing for {self._slowest_s:g} s.")

    async def _send(self, send: Send, message: dict[str, object]) -> None:
        """Raises TimeoutError when the reader does not take it."""
        async with asyncio.timeout(self._slowest_s):
            await send(message)


def _body(content: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": content, "more_body": True}


def written(event: Event) -> bytes:
    """In the lines of the format; JSON has none of its own."""
    return f"id: {event.id}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def _gone(receive: Receive) -> None:
    """Returns when the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
