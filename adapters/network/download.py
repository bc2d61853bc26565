"""Downloads through the guarded HTTP stack: a dataset somewhere on the web, into a file."""

from typing import IO

from yarl import URL

from adapters.network.transport import HttpPool, HttpStream
from core.errors import BenchmarkError, InvalidDataset, InvalidInput, NotFound, Throttled, Unavailable

REDIRECTS = 5
SECONDS = 600.0
"""Longest download."""
MOVED = frozenset({301, 302, 303, 307, 308})
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "ai-benchmark-service"}


class HttpDownload:
    """Fetches over the process's shared stack. Redirects are followed, and every hop passes the guard."""

    def __init__(self, http: HttpPool) -> None:
        self._http = http

    async def __call__(self, url: str, sink: IO[bytes], *, limit: int) -> None:
        """Writes what the URL holds.

        Raises InvalidDataset past `limit` bytes, InvalidInput for a refusal, TargetRefused, NotFound, Unavailable.
        """
        target = URL(url)
        for _ in range(REDIRECTS + 1):
            # The stack's own limit is meant for answers of agents; `_save` has ours, and says more.
            stream = self._http.stream("GET", target, headers=HEADERS, timeout_s=SECONDS, limit=2 * limit)
            async with stream as response:
                if response.status not in MOVED:
                    await _save(response, target, sink, limit)
                    return
                target = _next(target, response)
        raise Unavailable(f"{target.host} redirects more than {REDIRECTS} times.")


async def _save(response: HttpStream, target: URL, sink: IO[bytes], limit: int) -> None:
    if response.status != 200:
        raise _refusal(response.status, target)
    size = 0
    async for chunk in response.chunks:
        size += len(chunk)
        if size > limit:
            raise InvalidDataset(
                f"The file at {target.host} has more than {limit // 1024**2} MiB.", pointer="/dataset/source/url"
            )
        sink.write(chunk)


def _next(target: URL, response: HttpStream) -> URL:
    location = response.headers.get("Location", "")
    try:
        moved = target.join(URL(location))
    except ValueError as error:
        raise Unavailable(f"{target.host} redirects to something that is no address.") from error
    if moved.scheme not in {"http", "https"} or not moved.host or (target.scheme == "https" and moved.scheme == "http"):
        raise Unavailable(f"{target.host} redirects to an address that is not https.")
    return moved


def _refusal(status: int, target: URL) -> BenchmarkError:
    match status:
        case 404 | 410:
            return NotFound(f"{target.host} has no such file (HTTP {status}).")
        case 429:
            return Throttled(f"{target.host} asks for fewer requests (HTTP 429).")
        case _ if status >= 500:
            return Unavailable(f"{target.host} failed (HTTP {status}).")
        case _:
            return InvalidInput(
                f"{target.host} does not give the file (HTTP {status}); datasets are fetched without credentials.",
                pointer="/dataset/source/url",
            )
