"""A TCP proxy on loopback with the faults of networks: parted, slow, resetting, half-closed, a byte at a time.

async with Proxy("127.0.0.1:5432") as proxy:
    proxy.address                      # lead the client here
    proxy.cut()                        # what is sent waits, as it does in a network that is parted
    proxy.mend()                       # what waited is delivered
    proxy.delay_s = 0.2                # each way
    proxy.byte_pause_s = 0.05          # slowloris
    proxy.reset()                      # every connection at once, without a farewell
"""

import asyncio
import socket
import struct
from contextlib import suppress

PIECE = 65536


class Proxy:
    """An async context manager; `address` leads to `target`, a `host:port`."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._joined = asyncio.Event()
        self._joined.set()
        self._exchanges: set[asyncio.Task[None]] = set()
        self._callers: set[asyncio.StreamWriter] = set()
        self.delay_s = 0.0
        """Added to every piece that is carried, each way."""
        self.byte_pause_s = 0.0
        """When set, bytes go one at a time with so long a pause after each."""

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

    @property
    def port(self) -> int:
        return self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """From now on nothing gets through; nobody is told."""
        self._joined.clear()

    def mend(self) -> None:
        """What waited is delivered, and every other trouble is over."""
        self.delay_s = self.byte_pause_s = 0.0
        self._joined.set()

    def reset(self) -> None:
        """Ends every caller's connection with a TCP reset."""
        for caller in tuple(self._callers):
            connection: socket.socket = caller.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.transport.abort()

    def half_close(self) -> None:
        """Tells every caller that nothing more will come, and goes on listening to them."""
        for caller in tuple(self._callers):
            with suppress(OSError):
                caller.write_eof()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = asyncio.current_task()
        assert exchange is not None
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        self._callers.add(writer)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._joined.wait()
                await self._exchange(reader, writer)
        finally:
            self._callers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(self._host, self._port)
        ways = [
            asyncio.create_task(self._carry(reader, inner_writer)),
            asyncio.create_task(self._carry(inner_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            inner_writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, RuntimeError):
            while data := await reader.read(PIECE):
                for piece in self._pieces(data):
                    await self._joined.wait()
                    if pause := self.byte_pause_s or self.delay_s:
                        await asyncio.sleep(pause)
                    writer.write(piece)
                    await writer.drain()

    def _pieces(self, data: bytes) -> list[bytes]:
        return [data[at : at + 1] for at in range(len(data))] if self.byte_pause_s else [data]
