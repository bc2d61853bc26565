"""The ledger in PostgreSQL: claims and outcomes of all batches of a process, committed together every few milliseconds.

One statement writes a group, so a group is one transaction and one round trip. A group that could not be written
because the database was away is written again until it can be; writing it twice is harmless.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, HeldConnection, raw_connection
from adapters.database.failures import is_refusal
from adapters.database.ledger_sql import RELEASE, SETTLED, WRITE, claim_columns, result_columns
from adapters.database.texts import storable
from core.errors import BadAnswer
from core.outcomes import Item, ItemKey
from core.work import Batch, Settled, Share

LINGER_S = 0.004
"""How long a group gathers while much is written: long enough to share a commit."""
LITTLE = 12
"""A group no larger follows at once: then nobody gains by waiting, and every call would wait twice."""
FENCE_BLOCK = 1000
"""Fences are drawn from the database by the block."""
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 5.0

logger = structlog.get_logger(__name__)


class ClaimRow(NamedTuple):
    run_no: int
    agent_no: int
    trial: int
    case_index: int
    fence: int


class ResultWrite(NamedTuple):
    share: Share
    fence: int
    item: Item


class ReleaseRow(NamedTuple):
    claim: ClaimRow
    detail: str


Entry = ClaimRow | ResultWrite | ReleaseRow


class Pending(NamedTuple):
    entry: Entry
    written: asyncio.Future[None]


class PostgresLedger:
    """Implements `core.ports.Ledger`. Use `open_ledger`."""

    def __init__(self, engine: AsyncEngine, owner: str) -> None:
        self._engine = engine
        self._owner = owner
        self._writing = HeldConnection(engine)
        self._pending: list[Pending] = []
        self._filled = asyncio.Event()
        self._fences: list[int] = []
        self._fence_lock = asyncio.Lock()

    async def settled(self, batch: Batch) -> tuple[set[ItemKey], Settled]:
        share = batch.share
        first, last = divmod(batch.start, share.case_count), divmod(batch.stop - 1, share.case_count)
        rows = await self._fetch(SETTLED, share.run_no, share.agent_no, *first, *last, share.round)
        answered = sum(1 for row in rows if row["status"] == "answered")
        return (
            {ItemKey(row["trial"], row["case_index"]) for row in rows},
            Settled(answered=answered, failed=len(rows) - answered),
        )

    async def claim(self, share: Share, key: ItemKey) -> int:
        fence = await self._next_fence()
        await self._add(ClaimRow(share.run_no, share.agent_no, key.trial, key.case_index, fence))
        return fence

    async def release(self, share: Share, key: ItemKey, fence: int, detail: str) -> None:
        await self._add(ReleaseRow(ClaimRow(share.run_no, share.agent_no, key.trial, key.case_index, fence), detail))

    async def settle(self, share: Share, fence: int, item: Item) -> None:
        await self._add(ResultWrite(share, fence, item))

    async def _add(self, entry: Entry) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append(Pending(entry, written))
        self._filled.set()
        await written

    async def _next_fence(self) -> int:
        while not self._fences:
            async with self._fence_lock:
                if not self._fences:
                    rows = await self._fetch(
                        "select nextval('fences') as fence from generate_series(1, $1)", FENCE_BLOCK
                    )
                    self._fences = [row["fence"] for row in reversed(rows)]
        return self._fences.pop()

    async def _fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        async def once() -> Sequence[asyncpg.Record]:
            async with raw_connection(self._engine) as connection:
                return await connection.fetch(sql, *arguments)

        return await _patiently(once)

    async def write_groups(self) -> None:
        """Runs until cancelled; what is gathered by then is written first by `open_ledger`."""
        size = 0
        while True:
            await self._filled.wait()
            await asyncio.sleep(LINGER_S if size > LITTLE else 0)
            size = await self.flush()

    async def flush(self) -> int:
        """Writes what has gathered; how much it was. What PostgreSQL refuses fails alone, not with its group."""
        group, self._pending = self._pending, []
        self._filled.clear()
        if group:
            await self._settle_group(group)
        return len(group)

    async def _settle_group(self, group: Sequence[Pending]) -> None:
        try:
            await self._write([pending.entry for pending in group])
        except Exception as error:  # noqa: BLE001 - told to whoever waits for it; the next groups are written all the same
            if len(group) > 1:
                for pending in group:
                    await self._settle_group([pending])
            elif not group[0].written.done():
                group[0].written.set_exception(_refusal(error))
            return
        for pending in group:
            if not pending.written.done():
                pending.written.set_result(None)

    async def _write(self, entries: Sequence[Entry]) -> None:
        claims = [entry for entry in entries if isinstance(entry, ClaimRow)]
        results = [entry for entry in entries if isinstance(entry, ResultWrite)]
        releases = [entry for entry in entries if isinstance(entry, ReleaseRow)]
        if claims or results:
            columns = (*claim_columns(claims), self._owner, *result_columns(results))
            await _patiently(lambda: self._writing.fetch(WRITE, *columns))
        if releases:
            given = (
                *claim_columns([release.claim for release in releases]),
                [storable(release.detail) for release in releases],
            )
            await _patiently(lambda: self._writing.fetch(RELEASE, *given))

    async def aclose(self) -> None:
        """Writes what has gathered, then lets the connection go."""
        await self.flush()
        await self._writing.aclose()


def _refusal(error: Exception) -> Exception:
    if is_refusal(error) or isinstance(error, TypeError):
        return BadAnswer(f"The answer holds something that cannot be stored: {error}")
    return error


async def _patiently(read: Callable[[], Awaitable[Sequence[asyncpg.Record]]]) -> Sequence[asyncpg.Record]:
    """Tries until the database answers, however long it is away."""
    wait = FIRST_WAIT_S
    while True:
        try:
            return await read()
        except LOST as error:
            logger.warning("database_away", error=str(error), retry_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)


@asynccontextmanager
async def open_ledger(engine: AsyncEngine, owner: str) -> AsyncGenerator[PostgresLedger]:
    """A ledger whose groups are written while the block runs. `owner` names this process in the claims."""
    ledger = PostgresLedger(engine, owner)
    writing = asyncio.create_task(ledger.write_groups())
    try:
        yield ledger
    finally:
        writing.cancel()
        await asyncio.wait({writing})
        await ledger.aclose()
