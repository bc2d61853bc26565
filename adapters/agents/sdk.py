"""Between the vendors' SDKs, which are built around httpx2, and the process's own pool."""

import httpx2

from adapters.network.transport import HttpResponse


class Unused(httpx2.AsyncBaseTransport):
    """Stands where an SDK would open connections of its own."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise RuntimeError("Requests travel through adapters.network, never through the SDK.")


def unused_client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=Unused(), trust_env=False)


def seen(response: HttpResponse, url: str) -> httpx2.Response:
    """The response as an SDK sees one, for its typed errors. The request in it bears no headers, so no key."""
    headers = [(name, value) for name, value in response.headers.items() if name.lower() != "content-encoding"]
    return httpx2.Response(response.status, headers=headers, content=response.body, request=httpx2.Request("POST", url))
