"""Readers of event streams: steady ones that come back with the last id they have, deaf ones, and fleeting ones."""

import asyncio
import random
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import httpx2
import orjson

LOST = (httpx2.TransportError, httpx2.HTTPStatusError)
PAUSE_S = 0.05
SILENCE_S = 20.0
"""A stream that says nothing for so long is given up; a living one says so every 15 s."""


class Reader:
    """Follows one stream, from whichever API answers, until it is told where the end is, or that it has come."""

    def __init__(self, urls: Sequence[str], path: str, chance: random.Random, *, slowness_s: float = 0.0) -> None:
        self.ids: list[int] = []
        self.streams = 0
        self._urls = urls
        self._path = path
        self._chance = chance
        self._slowness_s = slowness_s

    async def read(self, end: "asyncio.Future[int] | None" = None) -> None:
        """Until it has the event that `end` names; without one until the stream is said to be over (204)."""
        async with httpx2.AsyncClient(trust_env=False, timeout=SILENCE_S) as client:
            while end is None or not self._has(end):
                try:
                    if await self._stream(client, end):
                        return
                except LOST:
                    await asyncio.sleep(PAUSE_S)

    def _has(self, end: "asyncio.Future[int]") -> bool:
        return end.done() and bool(self.ids) and self.ids[-1] >= end.result()

    async def _stream(self, client: httpx2.AsyncClient, end: "asyncio.Future[int] | None") -> bool:
        """True when there is nothing to come back for."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.ids[-1] if self.ids else 0)}
        url = self._chance.choice(self._urls) + self._path
        async with client.stream("GET", url, headers=headers) as answer:
            answer.raise_for_status()
            if answer.status_code == 204:
                return True
            self.streams += 1
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self.ids.append(int(orjson.loads(line.removeprefix("data: "))["id"]))
                    if self._slowness_s:
                        await asyncio.sleep(self._slowness_s)
                # Also where a comment says that there is nothing new: all may have been read when the end was named.
                if end is not None and self._has(end):
                    return True
        return False


def deaf(url: str) -> socket.socket:
    """Asks for all events and never reads one."""
    connection = socket.socket()
    # Little of the answer fits between here and there.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    address = urlsplit(url)
    connection.connect((address.hostname, address.port))
    connection.sendall(
        b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n"
    )
    return connection


async def hungry(url: str, last: int) -> None:
    """Reads all events up to this one as fast as they come."""
    address = urlsplit(url)
    reading, writing = await asyncio.open_connection(address.hostname, address.port)
    writing.write(b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    end, tail = f"\nid: {last}\n".encode(), b""
    while end not in tail:
        if not (read := await reading.read(65536)):
            raise ConnectionError("The stream ended before its reader had everything.")
        tail = tail[-len(end) :] + read
    writing.transport.abort()


async def fleeting(url: str) -> None:
    """Begins to read and is cut off (RST) in the middle of it."""
    address = urlsplit(url)
    with suppress(ConnectionError):
        reading, writing = await asyncio.open_connection(address.hostname, address.port)
        writing.write(b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        await reading.read(1000)
        sock = writing.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writing.transport.abort()
