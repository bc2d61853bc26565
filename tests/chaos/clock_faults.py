"""Faults of clocks: an hour ahead, or an hour behind, and back again."""

import asyncio
from random import Random

from tests.chaos.blows import Blow, expects
from tests.chaos.clocks import BELIEVED_S, Clock
from tests.chaos.faults import Fault
from tests.chaos.site import Site

HOUR_S = 3600


async def jump_postgres(site: Site, blow: Blow, chance: Random) -> None:
    """The only clock that all processes share: leases, ages and order hang on it."""
    await expects(site, blow)
    blow.struck()
    await _jump(site.clock, chance)


async def jump_worker(site: Site, blow: Blow, chance: Random) -> None:
    seat = chance.choice(site.seats)
    await expects(site, blow, seat)
    blow.struck()
    await _jump(seat.clock, chance)


async def _jump(clock: Clock, chance: Random) -> None:
    clock.set_wrong(chance.choice((-HOUR_S, HOUR_S)))
    await asyncio.sleep(BELIEVED_S + chance.uniform(4, 8))
    clock.set_wrong(0)
    await asyncio.sleep(BELIEVED_S)


JUMP_POSTGRES = Fault("PostgreSQL's clock an hour wrong, and back", jump_postgres)
JUMP_WORKER = Fault("a worker's clock an hour wrong, and back", jump_worker)
