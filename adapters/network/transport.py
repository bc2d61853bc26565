"""The process's one outgoing HTTP stack: guarded, pooled, with a deadline and a size limit on every exchange.

Connections are kept and their number follows demand: how many calls run at once is the callers' business.
Redirects are not followed, proxies of the environment are not used, nothing is sent twice.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDictProxy
from yarl import URL

from adapters.network.evidence import printable
from adapters.network.guard import AddressRefused, NetworkGuard
from core.errors import BadAnswer, BenchmarkError, TargetRefused, TimedOut, Unavailable

IDLE_S = 4.0
"""Many servers hang up after 5 idle seconds; a request must not meet a connection that is just closing."""

LOOKUP_S = 5.0
ANSWER_LIMIT = 16 * 1024 * 1024
"""Bytes of one answer, after decompression."""


@dataclass(frozen=True)
class HttpResponse:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(frozen=True)
class HttpStream:
    """A response whose body is still coming. `chunks` raises what `HttpPool.send` raises."""

    status: int
    headers: CIMultiDictProxy[str]
    chunks: AsyncIterator[bytes]


class HttpPool:
    """Make one per process, inside the event loop that uses it, and `aclose` it at the end."""

    def __init__(self, guard: NetworkGuard, *, resolver: AbstractResolver | None = None) -> None:
        self._guard = guard
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=IDLE_S, resolver=resolver, socket_factory=guard.make_socket
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            skip_auto_headers=("User-Agent",),
        )

    async def send(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
        limit: int = ANSWER_LIMIT,
    ) -> HttpResponse:
        """One exchange, complete within `timeout_s` seconds, whatever its status.

        Raises TargetRefused, Unavailable, TimedOut, and BadAnswer for a body over `limit` bytes or one that
        does not decompress.
        """
        with _Translated(url, timeout_s):
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    method, url, data=body, headers=headers, allow_redirects=False, middlewares=once(method)
                ) as response,
            ):
                parts = [part async for part in _limited(response, limit)]
        return HttpResponse(response.status, response.headers, parts[0] if len(parts) == 1 else b"".join(parts))

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
        limit: int,
    ) -> AsyncGenerator[HttpStream]:
        """As `send`, for bodies too large to hold: the same deadline, limit and errors, chunk by chunk."""
        deadline = asyncio.timeout(timeout_s)
        try:
            async with deadline:
                with _Translated(url, timeout_s):
                    response = await self._session.request(
                        method, url, data=body, headers=headers, allow_redirects=False, middlewares=once(method)
                    )
                async with response:
                    yield HttpStream(response.status, response.headers, _translated_chunks(response, url, limit))
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise TimedOut(f"{url.host} sent no complete answer within {timeout_s:g} s.") from error

    async def permit(self, url: URL) -> None:
        """A look ahead, for who stores an address; each call checks again. Raises TargetRefused for a host of which
        no address may be dialled. One that cannot be found now is permitted."""
        host = url.host or ""
        try:
            async with asyncio.timeout(LOOKUP_S):
                found = await asyncio.get_running_loop().getaddrinfo(host, url.port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise refused(host) from error
        except OSError:
            return
        if not any(self._guard.permits(str(address[0])) for *_, address in found):
            raise refused(host)

    async def aclose(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> "HttpPool":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class TooLarge(aiohttp.ClientPayloadError):
    """The body passed its limit; `head` is how it began."""

    def __init__(self, limit: int, head: bytes) -> None:
        super().__init__(f"more than {limit} bytes")
        self.head = head


class BrokenOff(aiohttp.ClientError):
    """The connection ended before the response began."""


async def _sent_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenOff(str(error)) from error


def once(method: str) -> tuple[aiohttp.ClientMiddlewareType, ...]:
    """aiohttp repeats what it takes for harmless when a kept connection breaks; who counts calls must know of each."""
    return () if method == "POST" else (_sent_once,)


async def _limited(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    size = 0
    head = b""
    async for part in response.content.iter_any():
        head = head or part
        size += len(part)
        if size > limit:
            raise TooLarge(limit, head)
        yield part


async def _translated_chunks(response: aiohttp.ClientResponse, url: URL, limit: int) -> AsyncIterator[bytes]:
    # Only what the network does is translated: an error of whoever consumes the chunks is none of ours.
    chunks = _limited(response, limit)
    while True:
        with _Translated(url, 0):
            part = await anext(chunks, None)
        if part is None:
            return
        yield part


class _Translated:
    """Turns what aiohttp raises into the errors of `core.errors`, naming the host only: paths may hold secrets."""

    def __init__(self, url: URL, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
            raise self._translate(error) from error

    def _translate(self, error: Exception) -> BenchmarkError:
        host = self._url.host or str(self._url)
        match error:
            case TimeoutError():
                return TimedOut(f"{host} gave no complete answer within {self._timeout_s:g} s.")
            case TooLarge():
                return BadAnswer(f"{host} sent {error}, over the limit for one answer.", raw=printable(error.head))
            case aiohttp.ClientConnectorDNSError():
                return Unavailable(f"{host} cannot be found: {error.os_error.strerror}.")
            case aiohttp.ClientConnectorError() if isinstance(error.os_error, AddressRefused):
                return refused(host)
            case aiohttp.InvalidURL():
                return refused(host)
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                return Unavailable(f"{host} offers no trusted encrypted connection: {_cause(error)}.")
            case aiohttp.ClientConnectorError():
                return Unavailable(f"{host}:{self._url.port} does not accept connections: {_cause(error)}.")
            case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
                return Unavailable(f"{host} sent a broken response: {_cause(error)}.")
            case _:
                return Unavailable(f"The connection to {host} broke: {_cause(error)}.")


def refused(host: str) -> TargetRefused:
    """One sentence for every refusal, so that it tells nothing about the network behind the service."""
    return TargetRefused(
        f"{host} is not a public address, and BENCHMARK_NETWORK_ALLOW does not list it; an operator may add it there."
    )


def _cause(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error.__cause__ or error
    return getattr(inner, "strerror", None) or str(inner).rstrip(".") or type(inner).__name__
