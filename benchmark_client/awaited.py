"""Does the steps of a flow on the event loop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx2

from benchmark_client.patience import Patience
from benchmark_client.steps import Emit, Flow, Open, Pause, Read, Send, Step
from benchmark_client.transport import built, owned, received, resumed, unreachable


class AwaitedPort:
    """Of one event loop."""

    def __init__(self, http: httpx2.AsyncClient, patience: Patience) -> None:
        self._http = http
        self.patience = patience

    async def perform(self, flow: Flow[Any]) -> Any:
        """The flow's result. Raises ClientError."""
        async with _Steps(self._http) as steps:
            try:
                step = next(flow)
                while True:
                    step = resumed(flow, await steps.do(step))
            except StopIteration as end:
                return owned(end.value, self)

    async def iterate(self, flow: Flow[Any]) -> AsyncGenerator[Any]:
        """What the flow hands out. Raises ClientError."""
        async with _Steps(self._http) as steps:
            try:
                step = next(flow)
                while True:
                    if isinstance(step, Emit):
                        yield owned(step.item, self)
                        step = next(flow)
                    else:
                        step = resumed(flow, await steps.do(step))
            except StopIteration:
                return


class _Steps:
    """One flow's, with the stream it has open."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._stream: httpx2.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def __aenter__(self) -> "_Steps":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._stream is not None:
            await self._stream.aclose()

    async def do(self, step: Step) -> object:
        """What came of it; of what never came an `Unreachable`."""
        try:
            match step:
                case Send(request):
                    answer = await self._http.send(built(self._http, request))
                    return received(answer, answer.content)
                case Open(request):
                    await self.__aexit__()
                    self._stream = await self._http.send(built(self._http, request, streamed=True), stream=True)
                    self._chunks = self._stream.aiter_bytes()
                    return received(self._stream)
                case Read():
                    return b"" if self._chunks is None else await anext(self._chunks, b"")
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Emit():
                    raise TypeError("A flow that hands things out is iterated, not performed.")
        except httpx2.RequestError as error:
            return unreachable(error, str(self._http.base_url))
        return None
