"""Faults of the network, between a worker and what it needs."""

import asyncio
from random import Random

from tests.chaos.blows import Blow, expects, loses
from tests.chaos.faults import LEASE_S, Fault
from tests.chaos.site import Site

NOTICED_S = 10.0
"""After so long Temporal takes a silent worker for dead."""


async def cut_temporal(site: Site, blow: Blow, chance: Random) -> None:
    """Longer than Temporal waits: another worker gets the batches, while this one goes on asking."""
    seat = chance.choice(site.seats)
    await expects(site, blow, seat)
    blow.struck()
    seat.temporal.cut()
    await asyncio.sleep(NOTICED_S + chance.uniform(2, 6))
    seat.temporal.mend()


async def cut_postgres(site: Site, blow: Blow, chance: Random) -> None:
    """Longer than the lease: others take its questions over."""
    seat = chance.choice(site.seats)
    await expects(site, blow, seat)
    blow.struck()
    seat.postgres.cut()
    await loses(site, blow, seat.owner)
    await asyncio.sleep(LEASE_S + chance.uniform(2, 5))
    seat.postgres.mend()


async def cut_provider(site: Site, blow: Blow, chance: Random) -> None:
    await expects(site, blow)
    blow.struck()
    site.provider_link.cut()
    await asyncio.sleep(chance.uniform(3, 10))
    site.provider_link.mend()


async def delay_links(site: Site, blow: Blow, chance: Random) -> None:
    """Everything takes a quarter of a second longer each way."""
    await expects(site, blow)
    links = [site.provider_link, *(link for seat in site.seats for link in (seat.postgres, seat.temporal))]
    blow.struck()
    for link in links:
        link.delay_s = 0.25
    await asyncio.sleep(chance.uniform(4, 8))
    for link in links:
        link.mend()


async def reset_links(site: Site, blow: Blow, chance: Random) -> None:
    """Every connection of a worker, and every one to the provider, a few times."""
    seat = chance.choice(site.seats)
    await expects(site, blow)
    blow.struck()
    for _ in range(4):
        for link in (seat.postgres, seat.temporal, site.provider_link):
            link.reset()
        await asyncio.sleep(chance.uniform(0.2, 1))


async def half_close_links(site: Site, blow: Blow, chance: Random) -> None:
    seat = chance.choice(site.seats)
    await expects(site, blow)
    blow.struck()
    for _ in range(4):
        for link in (seat.postgres, seat.temporal, site.provider_link):
            link.half_close()
        await asyncio.sleep(chance.uniform(0.2, 1))


async def strangle_provider(site: Site, blow: Blow, chance: Random) -> None:
    """Slowloris: answers come a byte at a time, too slowly for their deadline."""
    await expects(site, blow)
    blow.struck()
    site.provider_link.byte_pause_s = 0.05
    await asyncio.sleep(chance.uniform(4, 8))
    site.provider_link.mend()


CUT_TEMPORAL = Fault("worker parted from Temporal", cut_temporal)
CUT_POSTGRES = Fault("worker parted from PostgreSQL beyond its lease", cut_postgres)
CUT_PROVIDER = Fault("workers parted from the provider", cut_provider)
DELAY_LINKS = Fault("250 ms more on every link, each way", delay_links)
RESET_LINKS = Fault("connections reset", reset_links)
HALF_CLOSE_LINKS = Fault("connections half closed", half_close_links)
STRANGLE_PROVIDER = Fault("answers a byte at a time (slowloris)", strangle_provider)
