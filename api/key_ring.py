"""API keys as this process knows them: asked of the database about once a second each, whatever they bring.

So what is done to a key (revoked, rotated, changed) holds in every process a second after it was answered, and in
the process that did it at once. No notice has to arrive for that.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.api_keys import ApiKeyRepository, KnownKey
from core.cancellation import heed_cancellation
from core.errors import ServiceUnavailable

KEPT_S: Final = 0.9
"""What was looked up longer ago is looked up again: less than the second that is promised."""
LOOK_S: Final = 5.0
"""Longest look into the database."""
MOST_KEYS: Final = 10_000
USES_APART_S: Final = 60.0
LINGER_S: Final = 0.2
"""Keys that are used within this time are noted together."""
AWAY: Final = (OSError, TimeoutError, SQLAlchemyError)

logger = structlog.get_logger(__name__)


class Look(NamedTuple):
    answer: asyncio.Task[KnownKey | None]
    began: float


class KeyRing:
    def __init__(self, keys: ApiKeyRepository) -> None:
        self._keys = keys
        self._looks: OrderedDict[str, Look] = OrderedDict()
        self._noted: OrderedDict[str, float] = OrderedDict()
        """By key: when its use was noted last."""
        self._to_note: set[str] = set()
        self._used = asyncio.Event()

    def knows(self, api_key_id: str) -> bool:
        """Whether it was asked for before, so that it may be looked for again without suspicion."""
        look = self._looks.get(api_key_id)
        if look is None or not look.answer.done():
            return look is not None
        return not look.answer.cancelled() and look.answer.exception() is None and look.answer.result() is not None

    async def find(self, api_key_id: str) -> KnownKey | None:
        """As it was less than a second ago; None for one that there is not. Raises ServiceUnavailable."""
        now = time.monotonic()
        look = self._looks.get(api_key_id)
        if look is None or now - look.began > KEPT_S:
            look = self._looks[api_key_id] = Look(asyncio.create_task(self._asked(api_key_id)), now)
            _keep(self._looks, api_key_id)
        try:
            # Whoever leaves takes nobody's answer along.
            return await asyncio.shield(look.answer)
        except AWAY as error:
            logger.warning("key_not_looked_up", error=str(error) or type(error).__name__)
            if self._looks.get(api_key_id) is look:
                del self._looks[api_key_id]
            raise ServiceUnavailable("The API key cannot be looked up: the database does not answer.") from error

    def forget(self, api_key_id: str) -> None:
        """It was changed here."""
        self._looks.pop(api_key_id, None)

    def note_use(self, api_key_id: str) -> None:
        """Has the use written down soon, unless that was done within the last minute."""
        now = time.monotonic()
        if now - self._noted.get(api_key_id, -USES_APART_S) >= USES_APART_S:
            self._noted[api_key_id] = now
            _keep(self._noted, api_key_id)
            self._to_note.add(api_key_id)
            self._used.set()

    async def write_uses(self) -> None:
        """Until cancelled: beside the requests, none of which waits for it."""
        while True:
            await self._used.wait()
            await asyncio.sleep(LINGER_S)
            self._used.clear()
            await self._write()

    async def _write(self) -> None:
        noted, self._to_note = self._to_note, set()
        try:
            await self._keys.used(sorted(noted))
        except AWAY as error:
            heed_cancellation()
            logger.warning("key_use_not_noted", error=str(error) or type(error).__name__)

    async def _asked(self, api_key_id: str) -> KnownKey | None:
        async with asyncio.timeout(LOOK_S):
            return await self._keys.known(api_key_id)


@asynccontextmanager
async def open_key_ring(keys: ApiKeyRepository) -> AsyncGenerator[KeyRing]:
    """A ring that writes down which keys are used while the block runs."""
    ring = KeyRing(keys)
    writing = asyncio.create_task(ring.write_uses())
    try:
        yield ring
    finally:
        writing.cancel()
        await asyncio.wait([writing])


def _keep(known: "OrderedDict[str, Look] | OrderedDict[str, float]", api_key_id: str) -> None:
    """The newest; beyond, the one that was asked for longest ago is forgotten."""
    known.move_to_end(api_key_id)
    if len(known) > MOST_KEYS:
        known.popitem(last=False)
