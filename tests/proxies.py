"""A TCP proxy on loopback that can be cut: what is sent meanwhile waits, as it does in a network that is parted."""

import asyncio
from contextlib import suppress


class Proxy:
    """An async context manager; `address` leads to `target`, a `host:port`."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._joined = asyncio.Event()
        self._joined.set()
        self._exchanges: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for exchange in self._exchanges:
            exchange.cancel()
        if self._exchanges:
            await asyncio.wait(self._exchanges)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """From now on nothing gets through; nobody is told."""
        self._joined.clear()

    def mend(self) -> None:
        """What waited is delivered."""
        self._joined.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = asyncio.current_task()
        assert exchange is not None
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._joined.wait()
            inner_reader, inner_writer = await asyncio.open_connection(self._host, self._port)
            try:
                ways = [self._carry(reader, inner_writer), self._carry(inner_reader, writer)]
                await asyncio.wait([asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
            finally:
                inner_writer.close()
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._joined.wait()
                writer.write(data)
                await writer.drain()
