"""A model provider on loopback: real HTTP, shaped like OpenAI, Anthropic or neither, and as faulty as the test wants.

    async with Provider(lambda asked: "42") as provider:
        provider.url                       # http://127.0.0.1:40123/v1
        provider.next(Status(429, headers={"Retry-After": "2"}), Hangs())
        ...
        provider.log                       # every request it saw, in order

What `next` was given is used up first; after that the answer function speaks. Also a program, for other processes:
`python -m tests.providers --port 0 --latency 0.2 --answers answers.jsonl` prints its URL on the first line.
"""

import argparse
import asyncio
import json
import socket
import struct
import sys
import zlib
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from tests.shapes import Says, shaped


@dataclass(frozen=True)
class Asked:
    """One request as the provider saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes
    at: float
    """Seconds, monotonic."""
    connection: int
    """The caller's port: the same number twice is the same connection."""

    @property
    def body(self) -> Any:
        return orjson.loads(self.content) if self.content else None

    @property
    def prompt(self) -> str:
        """The last thing said to the model, whatever the shape of the request."""
        body = self.body
        said = body.get("messages") or body.get("input") or body.get("question") or ""
        return said if isinstance(said, str) else said[-1]["content"]


@dataclass(frozen=True)
class Status:
    """An HTTP status with an error body; `{"error": {...}}` made of `code` and `message` unless `body` is given."""

    status: int
    message: str = "no"
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


@dataclass(frozen=True)
class Sends:
    """Exactly these bytes as the body; `claimed` is the Content-Length when it is to be a lie."""

    content: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    claimed: int | None = None


@dataclass(frozen=True)
class Trickles:
    """A byte of valid-looking JSON now and then, without end."""

    every_s: float = 0.05


@dataclass(frozen=True)
class Bomb:
    """A gzip body that unpacks to this many bytes."""

    size: int = 200_000_000


@dataclass(frozen=True)
class Resets:
    """Reads the request, then resets the connection."""


@dataclass(frozen=True)
class Hangs:
    """Reads the request and never answers."""


Behaviour = Says | Status | Sends | Trickles | Bomb | Resets | Hangs
Answer = Callable[[Asked], str | Behaviour | Awaitable[str | Behaviour]]


class Provider:
    """An async context manager; the port is free to choose (0) or fixed."""

    def __init__(self, answer: Answer | str = "42", *, port: int = 0, latency_s: float = 0.0, keep_log: bool = True):
        self._answer: Answer = (lambda _asked: answer) if isinstance(answer, str) else answer
        self._port = port
        self._latency_s = latency_s
        self._keep_log = keep_log
        self._next: deque[Behaviour] = deque()
        self._ids = count(1)
        self._stopping = asyncio.Event()
        self._arrival = asyncio.Event()
        self.log: list[Asked] = []
        self.in_flight = 0
        self.most_in_flight = 0

    async def __aenter__(self) -> "Provider":
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), handle_signals=False, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=2048)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await self._runner.cleanup()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The `base_url` of OpenAI's kind; Anthropic's is `root`."""
        return f"{self.root}/v1"

    def next(self, *behaviours: Behaviour) -> None:
        """What the coming requests get, one each, before the answer function is asked again."""
        self._next.extend(behaviours)

    async def asked(self, count: int) -> None:
        """Returns when it has seen so many requests."""
        while len(self.log) < count:
            self._arrival.clear()
            await self._arrival.wait()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Asked(
            request.method,
            request.path,
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
            asyncio.get_running_loop().time(),
            request.transport.get_extra_info("peername")[1] if request.transport else 0,
        )
        if self._keep_log:
            self.log.append(asked)
            self._arrival.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._behave(request, asked, await self._behaviour(asked))
        finally:
            self.in_flight -= 1

    async def _behaviour(self, asked: Asked) -> Behaviour:
        if self._next:
            return self._next.popleft()
        said = self._answer(asked)
        if not isinstance(said, str | Behaviour):
            said = await said
        return Says(said, latency_s=self._latency_s) if isinstance(said, str) else said

    async def _behave(self, request: web.BaseRequest, asked: Asked, what: Behaviour) -> web.StreamResponse:
        match what:
            case Says():
                if what.latency_s:
                    await asyncio.sleep(what.latency_s)
                body = shaped(asked.path, asked.body.get("model", "none"), what, f"r-{next(self._ids)}")
                return web.Response(body=orjson.dumps(body), content_type="application/json")
            case Status():
                error = {"error": {"message": what.message, "type": what.code, "code": what.code}}
                body = orjson.dumps(error) if what.body is None else what.body
                return web.Response(
                    status=what.status, headers=what.headers, body=body, content_type="application/json"
                )
            case Sends():
                return await self._send(request, what)
            case Bomb():
                packed = bomb(what.size)
                return web.Response(body=packed, headers={"Content-Encoding": "gzip"}, content_type="application/json")
            case Trickles():
                return await self._trickle(request, what)
            case Resets():
                reset(request)
            case Hangs():
                await self._stopping.wait()
        return web.Response()

    async def _send(self, request: web.BaseRequest, what: Sends) -> web.StreamResponse:
        headers = {"Content-Type": "application/json", **what.headers}
        if what.claimed is None:
            return web.Response(status=what.status, headers=headers, body=what.content)
        response = web.StreamResponse(status=what.status, headers=headers | {"Content-Length": str(what.claimed)})
        await response.prepare(request)
        await response.write(what.content)
        if request.transport is not None:
            request.transport.close()
        return response

    async def _trickle(self, request: web.BaseRequest, what: Trickles) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        # Who gave up waiting is gone.
        with suppress(ConnectionError):
            while not self._stopping.is_set():
                await response.write(b" ")
                await asyncio.sleep(what.every_s)
        return response


def reset(request: web.BaseRequest) -> None:
    """Ends the connection with a TCP reset instead of a farewell."""
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


def bomb(size: int) -> bytes:
    """A few KB that unpack to `size` bytes, made without ever holding them."""
    packer = zlib.compressobj(wbits=31)
    piece = b"a" * 1_000_000
    parts = [packer.compress(b'{"id": "'), *(packer.compress(piece) for _ in range(size // len(piece)))]
    return b"".join([*parts, packer.flush()])


def replaying(path: Path, *, otherwise: str = "I do not know.") -> Answer:
    """Answers from JSON lines `{"prompt": ..., "answer": ...}` by the exact prompt."""
    with path.open(encoding="utf-8") as lines:
        known = {row["prompt"]: row["answer"] for row in map(json.loads, lines)}
    return lambda asked: known.get(asked.prompt, otherwise)


async def serve(arguments: argparse.Namespace) -> None:
    answer = replaying(arguments.answers) if arguments.answers else arguments.answer
    async with Provider(answer, port=arguments.port, latency_s=arguments.latency, keep_log=False) as provider:
        sys.stdout.write(f"{provider.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--answer", default="42", help="what it always says")
    parser.add_argument("--answers", type=Path, help='JSON lines {"prompt": ..., "answer": ...}, matched by prompt')
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
