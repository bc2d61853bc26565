"""The lease of a process: one row that says it lives, renewed every few seconds on the database's clock.

Claims of a process whose lease has run out may be taken over by others. A process that cannot renew in time knows it by
its own clock, and sends nothing before it has renewed and asked what became of its claims.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, HeldConnection
from core.cancellation import heed_cancellation

LEASE_S: Final = 8.0
"""Shorter than the ten seconds after which Temporal gives a dead worker's batch to another: nobody waits for it."""
RENEWALS: Final = 4
"""In the time of a lease: three of them may fail."""
FORGOTTEN_AFTER: Final = "1 day"
RETRY_S: Final = 0.2

RENEW: Final = """
insert into owners (owner, leased_until, leased_s) values ($1, clock_timestamp() + make_interval(secs => $2), $2)
on conflict (owner) do update set leased_until = excluded.leased_until, leased_s = excluded.leased_s
"""
HOLDS: Final = """(
  leased_until > clock_timestamp() and leased_until <= clock_timestamp() + make_interval(secs => leased_s)
)"""
"""Of a row of `owners`. A lease longer than it was given for is from before the database's clock was set back."""
FORGET: Final = f"delete from owners where leased_until < now() - interval '{FORGOTTEN_AFTER}'"
GIVE_BACK: Final = "delete from owners where owner = $1"

logger = structlog.get_logger(__name__)


class Lease:
    """Use `held_lease`."""

    def __init__(self, engine: AsyncEngine, owner: str, seconds: float) -> None:
        self.owner = owner
        self._seconds = seconds
        self._connection = HeldConnection(engine)
        self._until = 0.0
        self._renewed = asyncio.Event()
        self._doubted = asyncio.Event()

    @property
    def lapsed(self) -> bool:
        """Whether it may have run out; never False when it has."""
        return time.monotonic() >= self._until

    async def held(self) -> None:
        """Returns when the lease is held, however long that takes."""
        while self.lapsed:
            self._renewed.clear()
            await self._renewed.wait()

    def doubt(self) -> None:
        """The database says that it ran out, whatever our clock says: it is renewed at once."""
        self._until = 0.0
        self._doubted.set()

    async def keep(self) -> None:
        """Renews it until cancelled."""
        await self._patiently(FORGET)
        while True:
            self._doubted.clear()
            await self._patiently(RENEW, self.owner, self._seconds)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds / RENEWALS):
                    await self._doubted.wait()

    async def _patiently(self, sql: str, *arguments: object) -> None:
        while True:
            # Counted from before the statement is sent: the database's lease ends later than ours.
            began = time.monotonic()
            try:
                async with asyncio.timeout(self._seconds):
                    await self._connection.fetch(sql, *arguments)
            except LOST as error:
                heed_cancellation()
                logger.warning("lease_not_renewed", error=str(error) or type(error).__name__, lapsed=self.lapsed)
                await asyncio.sleep(RETRY_S)
                continue
            if sql is RENEW:
                self._until = began + self._seconds
                self._renewed.set()
            return

    async def give_back(self) -> None:
        """Nobody has to wait for what this process left open, which is nothing after a clean end."""
        try:
            async with asyncio.timeout(RETRY_S * RENEWALS):
                await self._connection.fetch(GIVE_BACK, self.owner)
        except LOST as error:
            logger.warning("lease_not_given_back", error=str(error) or type(error).__name__)
        await self._connection.aclose()


@asynccontextmanager
async def held_lease(engine: AsyncEngine, owner: str, *, seconds: float = LEASE_S) -> AsyncGenerator[Lease]:
    """A lease that is renewed while the block runs, and given back after it."""
    lease = Lease(engine, owner, seconds)
    keeping = asyncio.create_task(lease.keep())
    try:
        yield lease
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
        await lease.give_back()
