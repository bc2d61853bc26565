"""What may strike a site. A fault strikes, lasts, and heals itself; all chance in it comes from the seed.

| group | faults |
|---|---|
| processes | workers, API, Temporal, PostgreSQL and the object storage are killed; workers are frozen and replaced |
| links | a worker is parted from Temporal or PostgreSQL, all from the provider; resets, half-closes, delays |
| provider | 429, 5xx, resets, garbage, answers that never end, or come a byte at a time |
| surroundings | connections to PostgreSQL terminated, a disk that is full, clocks that jump |
"""

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from tests.chaos.blows import Blow, Measure, expects, loses
from tests.chaos.site import Seat, Site

LEASE_S = 8.0
"""`BENCHMARK_WORKER_LEASE_S` as it is unless somebody sets it."""

Strike = Callable[[Site, Blow, Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    strike: Strike
    measure: Measure = "calls"


async def struck(site: Site, fault: Fault, chance: Random) -> Blow:
    """Lets the fault strike; returns when it is healed."""
    blow = Blow(fault.name, fault.measure)
    await fault.strike(site, blow, chance)
    blow.healed()
    return blow


@asynccontextmanager
async def somebody(site: Site, chance: Random) -> AsyncGenerator[Seat]:
    """A worker that no other fault has in its hands; never the first one, which lives as long as the site, so that
    leaks would show."""
    seats = site.seats[1:]
    seat = chance.choice([seat for seat in seats if not seat.struck.locked()] or seats)
    async with seat.struck:
        yield seat


async def kill_worker(site: Site, blow: Blow, chance: Random) -> None:
    async with somebody(site, chance) as seat:
        await expects(site, blow, seat)
        owner = seat.owner
        blow.struck()
        if orphans := await seat.worker.die():
            blow.troubles.append(f"{len(orphans)} children outlived a worker: {orphans}")
        await loses(site, blow, owner)
        seat.worker.launch()


async def freeze_worker(site: Site, blow: Blow, chance: Random) -> None:
    """Beyond its lease: others take its questions, and it comes back with answers that are late."""
    async with somebody(site, chance) as seat:
        await expects(site, blow, seat)
        blow.struck()
        seat.worker.signal(signal.SIGSTOP)
        await loses(site, blow, seat.owner)
        await asyncio.sleep(LEASE_S + chance.uniform(3, 6))
        seat.worker.signal(signal.SIGCONT)


async def deploy(site: Site, blow: Blow, chance: Random) -> None:
    """Every worker but the first is replaced as a rolling deploy does it: a new one, and SIGTERM to the old."""
    del chance
    await expects(site, blow)
    blow.struck()
    for seat in site.seats[1:]:
        async with seat.struck:
            await seat.worker.stop()
            # One that had not begun to work yet ends by the signal itself.
            if seat.worker.exit_code not in (0, -signal.SIGTERM):
                blow.troubles.append(f"a worker that was asked to stop ended with exit code {seat.worker.exit_code}")
            seat.worker.launch()


async def kill_api(site: Site, blow: Blow, chance: Random) -> None:
    del chance
    blow.struck()
    await site.api.die()
    await site.api.start()


async def kill_temporal(site: Site, blow: Blow, chance: Random) -> None:
    blow.struck()
    await site.temporal.die()
    await asyncio.sleep(chance.uniform(0, 2))
    await site.temporal.start()


async def restart_postgres(site: Site, blow: Blow, chance: Random) -> None:
    """Immediate: every connection breaks and nothing is tidied up."""
    await expects(site, blow)
    blow.struck()
    await site.postgres.die(signal.SIGQUIT)
    await asyncio.sleep(chance.uniform(0, 1))
    await site.postgres.start()


async def kill_postgres(site: Site, blow: Blow, chance: Random) -> None:
    del chance
    await expects(site, blow)
    blow.struck()
    await site.postgres.die()
    await site.postgres.start()


async def kill_storage(site: Site, blow: Blow, chance: Random) -> None:
    await expects(site, blow)
    blow.struck()
    await site.storage.die()
    await asyncio.sleep(chance.uniform(1, 6))
    await site.storage.start()


KILL_WORKER = Fault("worker killed (SIGKILL)", kill_worker)
FREEZE_WORKER = Fault("worker frozen (SIGSTOP) beyond its lease", freeze_worker)
DEPLOY = Fault("rolling deploy (SIGTERM)", deploy)
KILL_API = Fault("API killed (SIGKILL)", kill_api, measure="answers")
KILL_TEMPORAL = Fault("Temporal killed (SIGKILL)", kill_temporal, measure="steps")
RESTART_POSTGRES = Fault("PostgreSQL restarted (immediate)", restart_postgres)
KILL_POSTGRES = Fault("PostgreSQL killed (SIGKILL)", kill_postgres)
KILL_STORAGE = Fault("object storage killed (SIGKILL)", kill_storage)
