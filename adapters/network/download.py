"""Downloads through the guarded HTTP stack: a dataset somewhere on the web, into a file."""

from typing import IO

from yarl import URL

from adapters.network.transport import HttpPool
from core.errors import InvalidDataset, NotFound, Unavailable

DEADLINE_S = 900.0


class HttpDownload:
    """Fetches over the process's shared stack."""

    def __init__(self, http: HttpPool) -> None:
        self._http = http

    async def __call__(self, url: str, sink: IO[bytes], *, limit: int) -> None:
        """Writes what the URL holds.

        Raises InvalidDataset past `limit` bytes or for an answer that is no file, TargetRefused, NotFound, Unavailable.
        """
        size = 0
        async with self._http.stream("GET", URL(url), headers={}, timeout_s=DEADLINE_S, limit=limit + 1) as answer:
            _check_status(url, answer.status)
            async for chunk in answer.chunks:
                size += len(chunk)
                if size > limit:
                    raise InvalidDataset(f"{url} holds more than {limit} bytes.", pointer="/dataset/source/url")
                sink.write(chunk)


def _check_status(url: str, status: int) -> None:
    if status == 200:
        return
    if status in (404, 410):
        raise NotFound(f"There is nothing at {url} (status {status}).")
    if status >= 500 or status == 429:
        raise Unavailable(f"{url} answered with status {status}.")
    raise InvalidDataset(
        f"{url} answered with status {status}; a dataset's URL must answer 200 by itself (redirects are not followed).",
        pointer="/dataset/source/url",
    )
