"""One URL that answers questions, ready to be asked: JSON out, JSON in, typed errors, the key never let in again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, cast

import orjson
from pydantic import JsonValue
from yarl import URL

from adapters.agents.told_limits import told_limits
from adapters.network.evidence import printable
from adapters.network.transport import HttpPool, HttpResponse
from core.errors import AgentRefused, AgentUnusable, BadAnswer, BenchmarkError, TargetRefused
from core.limits import Told

MESSAGE_LIMIT = 600
"""Characters quoted of what a provider says about an error."""


@dataclass(frozen=True)
class Heard:
    """A successful answer: its JSON, its bytes, and how long it took."""

    body: object
    content: bytes
    latency_s: float


def decoded(content: bytes) -> Any:
    """The JSON of an answer. Raises BadAnswer for what is none: NaN, half characters and cut ends included."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"The answer is not JSON: {error}.", raw=printable(content)) from error


@dataclass(frozen=True)
class Endpoint:
    """`refusal` makes the error of an answer whose status is not a success. One of `secrets` that the other side
    echoes is blotted out of what it sent, so that no answer, message or raw bytes can carry it on."""

    http: HttpPool
    url: URL
    headers: Mapping[str, str]
    timeout_s: float
    refusal: Callable[[HttpResponse], BenchmarkError]
    secrets: tuple[str, ...] = ()
    method: str = "POST"
    decode: Callable[[bytes], object] = decoded
    told: Callable[[Told], None] | None = None
    """Hears what the headers of an answer say of the provider's limits."""

    async def ask(self, body: JsonValue, *, query: Mapping[str, str] | None = None) -> Heard:
        """Sends the body (None for no body) once. Raises the errors of `core.errors`; see `core.ports.Agent`."""
        content = None if body is None else _encoded(body)
        url = self.url.update_query(query) if query else self.url
        started = perf_counter()
        response = await self._exchange(url, content)
        latency_s = perf_counter() - started
        if self.told is not None and (told := told_limits(response.headers)) is not None:
            self.told(told)
        if not 200 <= response.status < 300:
            error = self.refusal(response)
            raise error from error.__cause__
        return Heard(body=self.decode(response.body), content=response.body, latency_s=latency_s)

    async def _exchange(self, url: URL, content: bytes | None) -> HttpResponse:
        try:
            response = await self.http.send(
                self.method, url, headers=self.headers, body=content, timeout_s=self.timeout_s
            )
        except TargetRefused as error:
            raise AgentUnusable(str(error)) from error
        except BadAnswer as error:
            raise BadAnswer(str(error), raw=self._blotted(error.raw.encode()).decode()) from error
        body = self._blotted(response.body)
        return response if body is response.body else replace(response, body=body)

    def _blotted(self, content: bytes) -> bytes:
        for secret in self.secrets:
            content = content.replace(secret.encode(), b"***")
        return content


def _encoded(body: JsonValue) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise AgentRefused(f"This question cannot be sent as JSON: {error}.") from error


def said(content: bytes) -> str:
    """What an error body says, on one line of readable length and without a full stop, wherever its vendor puts it."""
    try:
        body: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _line(printable(content))
    for name in ("error", "message", "detail", "title"):
        if isinstance(body, dict) and name in body:
            body = cast("dict[str, Any]", body)[name]
    return _line(body if isinstance(body, str) else orjson.dumps(body).decode())


def _line(text: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in " ".join(text.split())).rstrip(".")
    return (text if len(text) <= MESSAGE_LIMIT else f"{text[:MESSAGE_LIMIT]} ...") or "nothing"
