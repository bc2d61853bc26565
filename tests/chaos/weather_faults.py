"""Faults of the provider, and of what surrounds the processes."""

import asyncio
from random import Random

from tests.chaos.blows import Blow, expects
from tests.chaos.faults import Fault
from tests.chaos.site import Site
from tests.chaos.witness import fair, stormy

SECONDS = 8


async def storm(site: Site, blow: Blow, chance: Random) -> None:
    """Half of the calls get 429, 5xx, a reset, garbage, or no end."""
    await expects(site, blow)
    blow.struck()
    site.witness.weather = stormy(Random(chance.random()), 0.5)
    await asyncio.sleep(chance.uniform(4, SECONDS))
    site.witness.weather = fair


async def terminate_connections(site: Site, blow: Blow, chance: Random) -> None:
    """Every second all connections to PostgreSQL are ended from its side."""
    del chance
    await expects(site, blow)
    blow.struck()
    for _ in range(SECONDS):
        await site.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        await asyncio.sleep(1)


STORM = Fault("provider: 429, 5xx, resets, garbage, no end", storm)
TERMINATE_CONNECTIONS = Fault("PostgreSQL connections terminated every second", terminate_connections)
