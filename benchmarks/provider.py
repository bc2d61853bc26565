"""A provider that costs as little as possible: chat completions on loopback, sums answered after a fixed time.

As a program, `python -m benchmarks.provider --latency 0.2` prints its URL and serves until it is ended.
"""

import argparse
import asyncio
import sys
from typing import cast

import httptools
import orjson
import uvloop

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "


class Exchange(asyncio.Protocol):
    """One connection: reads requests, answers each after the latency."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        asked = orjson.loads(b"".join(self._body))
        self._body.clear()
        answer = answered(asked["model"], asked["messages"][-1]["content"])
        if self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def answered(model: str, question: str) -> bytes:
    """The whole response: `12 + 12` is answered with `24`."""
    body = orjson.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": str(sum(int(part) for part in question.split("+")))},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        }
    )
    return HEAD + str(len(body)).encode() + b"\r\n\r\n" + body


async def serve(latency_s: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(latency_s), "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    uvloop.run(serve(parser.parse_args().latency))
