"""The ledger in PostgreSQL: claims and outcomes of all batches of a process, committed together every few milliseconds.

One statement writes a group, so a group is one transaction and one round trip. A group that could not be written
because the database was away is written again until it can be; writing it twice is harmless.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import HeldConnection, patiently, raw_connection
from adapters.database.failures import is_refusal
from adapters.database.lease import LEASE_S, Lease, held_lease
from adapters.database.ledger_sql import (
    BY_INDEX,
    EVER_ANSWERED,
    GIVE_UP,
    LATE,
    LOOK,
    RELEASE,
    SETTLED,
    WRITE,
    claim_columns,
    release_columns,
    result_columns,
)
from adapters.database.texts import storable
from core.claims import NO_CALL, RESENDS, Claim, Delivery, Done, Granted, Held, Lost
from core.errors import BadAnswer
from core.outcomes import Answered, Item, ItemKey
from core.work import Batch, Settled, Share

LINGER_S = 0.004
"""How long a group gathers while much is written: long enough to share a commit."""
LITTLE = 12
"""A group no larger follows at once: then nobody gains by waiting, and every call would wait twice."""
FENCE_BLOCK = 1000
"""Fences are drawn from the database by the block."""


class Place(NamedTuple):
    """Which question of which agent."""

    run_no: int
    agent_no: int
    trial: int
    case_index: int


class ClaimRow(NamedTuple):
    run_no: int
    agent_no: int
    trial: int
    case_index: int
    fence: int
    round: int
    resends: int
    """How many calls may be lost; they count from the round `since` on."""
    since: int


class ResultWrite(NamedTuple):
    share: Share
    fence: int
    item: Item


class ReleaseRow(NamedTuple):
    place: Place
    fence: int
    status: Literal["retried", "unsent"]
    detail: str


Entry = ClaimRow | ResultWrite | ReleaseRow


class Pending(NamedTuple):
    entry: Entry
    written: asyncio.Future[bool]
    """Whether it holds: a claim that was granted, an outcome that counts."""


class PostgresLedger:
    """Implements `core.ports.Ledger`. Use `open_ledger`."""

    def __init__(self, engine: AsyncEngine, lease: Lease) -> None:
        self._engine = engine
        self._lease = lease
        self._writing = HeldConnection(engine, BY_INDEX)
        self._pending: list[Pending] = []
        self._filled = asyncio.Event()
        self._fences: list[int] = []
        self._fence_lock = asyncio.Lock()
        self._in_hand: set[int] = set()
        """Fences of claims that somebody in this process will still settle or release."""

    @property
    def fenced(self) -> bool:
        return self._lease.lapsed

    async def settled(self, batch: Batch) -> tuple[set[ItemKey], Settled]:
        share = batch.share
        first, last = divmod(batch.start, share.case_count), divmod(batch.stop - 1, share.case_count)
        rows = await self._fetch(SETTLED, share.run_no, share.agent_no, *first, *last, share.round)
        answered = sum(1 for row in rows if row["status"] == "answered")
        return (
            {ItemKey(row["trial"], row["case_index"]) for row in rows},
            Settled(answered=answered, failed=len(rows) - answered),
        )

    async def ever_answered(self, share: Share) -> bool:
        return bool(await self._fetch(EVER_ANSWERED, share.run_no, share.agent_no))

    async def claim(self, share: Share, key: ItemKey, *, delivery: Delivery = "at_least_once") -> Claim:
        since = share.round if RESENDS[delivery] else 0
        place = _place(share, key)
        while True:
            await self._lease.held()
            fence = await self._next_fence()
            self._in_hand.add(fence)
            wanted = ClaimRow(*place, fence, share.round, RESENDS[delivery], since)
            try:
                said = Granted(fence) if await self._add(wanted) else await self._objection(wanted)
            except BaseException:
                self._in_hand.discard(fence)
                raise
            if said != Granted(fence):
                self._in_hand.discard(fence)
            if said is not None:
                return said

    async def _objection(self, wanted: ClaimRow) -> Claim | None:
        """Why a claim was not granted; None when nothing stands in the way any more."""
        place = wanted[:4]
        [found] = await self._fetch(LOOK, *place, wanted.round, wanted.since, self._lease.owner)
        if found["settled"] is not None:
            return Done(found["settled"])
        if not found["ours_alive"]:
            self._lease.doubt()
            return None
        fence, owner = found["fence"], found["owner"]
        if fence is None:
            return Lost(found["lost"]) if found["lost"] > wanted.resends else None
        if fence == wanted.fence:
            # It was written, and the connection broke before we heard of it.
            return Granted(fence)
        ours = owner == self._lease.owner
        if (fence in self._in_hand) if ours else found["alive"]:
            return Held(owner)
        await self._fetch(GIVE_UP, *place, fence, f"Its worker was lost with it: {owner}.", self._lease.owner)
        return None

    async def release(self, share: Share, key: ItemKey, fence: int, detail: str, *, sent: bool = True) -> None:
        status = "retried" if sent else "unsent"
        try:
            await self._add(ReleaseRow(_place(share, key), fence, status, detail))
        finally:
            self._in_hand.discard(fence)

    def abandon(self, fence: int) -> None:
        self._in_hand.discard(fence)

    async def settle(self, share: Share, fence: int, item: Item) -> bool:
        try:
            holds = await self._add(ResultWrite(share, fence, item)) or await self._late(share, fence, item)
        except BadAnswer:
            # The caller will settle it with another outcome.
            raise
        except BaseException:
            self._in_hand.discard(fence)
            raise
        self._in_hand.discard(fence)
        return holds

    async def _late(self, share: Share, fence: int, item: Item) -> bool:
        """Keeps an outcome whose claim is not open any more beside the one that counts; True if it counts itself."""
        outcome = item.outcome
        if isinstance(outcome, Answered):
            usage = outcome.reply.usage
            told = (outcome.reply.text, usage.input_tokens, usage.output_tokens, outcome.reply.cost_usd)
        else:
            told = (outcome.detail, None, None, None)
        rows = await self._fetch(LATE, *_place(share, item.key), fence, storable(told[0]), *told[1:])
        # A statement that was repeated after its connection broke finds what it wrote itself.
        return any(row["status"] in ("answered", "failed") for row in rows)

    async def _add(self, entry: Entry) -> bool:
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append(Pending(entry, written))
        self._filled.set()
        return await written

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

        return await patiently(once)

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
            hold = await self._write([pending.entry for pending in group])
        except Exception as error:  # noqa: BLE001 - told to whoever waits for it; the next groups are written all the same
            if len(group) > 1:
                for pending in group:
                    await self._settle_group([pending])
            elif not group[0].written.done():
                group[0].written.set_exception(_refusal(error))
            return
        for pending in group:
            if not pending.written.done():
                pending.written.set_result(isinstance(pending.entry, ReleaseRow) or pending.entry.fence in hold)

    async def _write(self, entries: Sequence[Entry]) -> set[int]:
        """The fences of claims that were granted and of outcomes that count."""
        claims = [entry for entry in entries if isinstance(entry, ClaimRow)]
        results = [entry for entry in entries if isinstance(entry, ResultWrite)]
        releases = [entry for entry in entries if isinstance(entry, ReleaseRow)]
        hold = {NO_CALL}
        if claims or results:
            columns = (*claim_columns(claims), self._lease.owner, *result_columns(results))
            rows = await patiently(lambda: self._writing.fetch(WRITE, *columns))
            hold.update(row["fence"] for row in rows)
        if releases:
            given = release_columns(releases)
            await patiently(lambda: self._writing.fetch(RELEASE, *given))
        return hold

    async def aclose(self) -> None:
        """Writes what has gathered, then lets the connection go."""
        await self.flush()
        await self._writing.aclose()


def _refusal(error: Exception) -> Exception:
    if is_refusal(error) or isinstance(error, TypeError):
        return BadAnswer(f"The answer holds something that cannot be stored: {error}")
    return error


def _place(share: Share, key: ItemKey) -> Place:
    return Place(share.run_no, share.agent_no, key.trial, key.case_index)


@asynccontextmanager
async def open_ledger(engine: AsyncEngine, owner: str, *, lease_s: float = LEASE_S) -> AsyncGenerator[PostgresLedger]:
    """A ledger whose groups are written while the block runs. `owner` names this process in the claims, with a mark
    that no process before or after it bears; it holds them by a lease of `lease_s` seconds."""
    async with held_lease(engine, f"{owner}#{secrets.token_hex(4)}", seconds=lease_s) as lease:
        ledger = PostgresLedger(engine, lease)
        writing = asyncio.create_task(ledger.write_groups())
        try:
            yield ledger
        finally:
            writing.cancel()
            await asyncio.wait({writing})
            await ledger.aclose()
