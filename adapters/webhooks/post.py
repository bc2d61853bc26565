"""A webhook: the event as JSON, signed, in a POST that follows no redirect and takes 15 seconds at most."""

from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from yarl import URL

from adapters.agents.retry_after import retry_after
from adapters.network.evidence import printable
from adapters.network.target import HttpUrl
from adapters.network.transport import HttpPool, HttpStream
from adapters.webhooks.signing import headers_of
from core.errors import BenchmarkError, InvalidInput, TargetRefused, TimedOut
from core.mistakes import own_words
from core.webhooks import Parcel, Sent

LONGEST_S: Final = 15.0
LARGEST: Final = 1024 * 1024
"""Bytes of an answer after which the connection is dropped; only the first are kept."""
KEPT: Final = 1000
HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "ai-benchmark-service"}
ADDRESS: Final = TypeAdapter[str](HttpUrl)
REDIRECTED: Final = "It redirects, which is not followed: give the webhook the address that it leads to."


class PostSender:
    """Implements `adapters.webhooks.sender.Sender`."""

    def __init__(self, http: HttpPool) -> None:
        self._http = http

    async def check(self, url: str) -> None:
        try:
            ADDRESS.validate_python(url)
        except ValidationError as error:
            raise InvalidInput(f"{own_words(error.errors()[0])}.", pointer="/url") from error
        try:
            await self._http.permit(URL(url))
        except TargetRefused as error:
            raise InvalidInput(str(error), pointer="/url") from error

    def shown(self, url: str) -> str:
        return url

    async def send(self, parcel: Parcel) -> Sent:
        body = parcel.event.model_dump_json().encode()
        signed = headers_of(parcel.delivery_id, body, signed_with=parcel.secrets, at=datetime.now(UTC))
        sending = self._http.stream(
            "POST", URL(parcel.url), headers={**signed, **HEADERS}, body=body, timeout_s=LONGEST_S, limit=LARGEST
        )
        answer: HttpStream | None = None
        head = b""
        try:
            async with sending as answer:
                async for chunk in answer.chunks:
                    head += chunk
                    if len(head) >= KEPT:
                        break
        except BenchmarkError as error:
            # With a status it was answered: how its body goes on is nobody's business.
            if answer is None:
                return Sent(f"No answer within {LONGEST_S:g} s." if isinstance(error, TimedOut) else str(error))
        return _judged(answer, printable(head[:KEPT]) or None)


def _judged(answer: HttpStream, response: str | None) -> Sent:
    status = answer.status
    if 200 <= status < 300:
        return Sent(http_status=status, response=response)
    said = REDIRECTED if 300 <= status < 400 else f"HTTP {status}."
    return Sent(said, status, response, retry_after(answer.headers), gone=status == 410)
