"""Does the steps of a flow in the calling thread."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

from benchmark_client.patience import Patience
from benchmark_client.steps import Emit, Flow, Open, Pause, Read, Send, Step
from benchmark_client.transport import built, owned, received, resumed, unreachable


class BlockingPort:
    """May be used by several threads at once."""

    def __init__(self, http: httpx2.Client, patience: Patience) -> None:
        self._http = http
        self.patience = patience

    def perform(self, flow: Flow[Any]) -> Any:
        """The flow's result. Raises ClientError."""
        with _Steps(self._http) as steps:
            try:
                step = next(flow)
                while True:
                    step = resumed(flow, steps.do(step))
            except StopIteration as end:
                return owned(end.value, self)

    def iterate(self, flow: Flow[Any]) -> Iterator[Any]:
        """What the flow hands out. Raises ClientError."""
        with _Steps(self._http) as steps:
            try:
                step = next(flow)
                while True:
                    if isinstance(step, Emit):
                        yield owned(step.item, self)
                        step = next(flow)
                    else:
                        step = resumed(flow, steps.do(step))
            except StopIteration:
                return


class _Steps:
    """One flow's, with the stream it has open."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        self._stream: httpx2.Response | None = None
        self._chunks: Iterator[bytes] = iter(())

    def __enter__(self) -> "_Steps":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def do(self, step: Step) -> object:
        """What came of it; of what never came an `Unreachable`."""
        try:
            match step:
                case Send(request):
                    answer = self._http.send(built(self._http, request))
                    return received(answer, answer.content)
                case Open(request):
                    self.__exit__()
                    self._stream = self._http.send(built(self._http, request, streamed=True), stream=True)
                    self._chunks = self._stream.iter_bytes()
                    return received(self._stream)
                case Read():
                    return next(self._chunks, b"")
                case Pause(seconds):
                    time.sleep(seconds)
                case Emit():
                    raise TypeError("A flow that hands things out is iterated, not performed.")
        except httpx2.RequestError as error:
            return unreachable(error, str(self._http.base_url))
        return None
