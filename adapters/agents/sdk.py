"""Between the vendors' SDKs, which are built around httpx2, and the process's own pool."""

from collections.abc import Callable

import httpx2
from yarl import URL

from adapters.agents.endpoint import Endpoint
from adapters.network.transport import HttpPool, HttpResponse
from core.errors import BenchmarkError


class Unused(httpx2.AsyncBaseTransport):
    """Stands where an SDK would open connections of its own."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise RuntimeError("Requests travel through adapters.network, never through the SDK.")


def unused_client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=Unused(), trust_env=False)


def keyed(
    url: str,
    headers: httpx2.Headers,
    *,
    key: str | None,
    http: HttpPool,
    timeout_s: float,
    refusal: Callable[[HttpResponse], BenchmarkError],
) -> Endpoint:
    """The endpoint for an address and headers an SDK has made; without a key, without what it sends in its place."""
    if key is None:
        del headers["Authorization"]
    return Endpoint(
        http=http,
        url=URL(url, encoded=True),
        headers=dict(headers),
        timeout_s=timeout_s,
        refusal=refusal,
        secrets=(key,) if key else (),
    )


def caused(error: BenchmarkError, cause: Exception) -> BenchmarkError:
    """Our error, with the SDK's as its cause."""
    error.__cause__ = cause
    return error


def seen(response: HttpResponse, url: str) -> httpx2.Response:
    """The response as an SDK sees one, for its typed errors. The request in it bears no headers, so no key."""
    headers = [(name, value) for name, value in response.headers.items() if name.lower() != "content-encoding"]
    return httpx2.Response(response.status, headers=headers, content=response.body, request=httpx2.Request("POST", url))
