"""Faults of the provider, and of what surrounds the processes."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.chaos.blows import Blow, expects
from tests.chaos.faults import Fault
from tests.chaos.site import Site
from tests.chaos.witness import fair, stormy

SECONDS = 8
MEGABYTE = 1024 * 1024
LARGEST_DISK = 8 * 1024 * MEGABYTE


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


async def fill_disk(site: Site, blow: Blow, chance: Random) -> None:
    """Databases, objects and logs have no room left. For a site whose disk is small: `has_small_disk`."""
    await expects(site, blow)
    ballast = site.folder / "ballast"
    blow.struck()
    await asyncio.to_thread(_fill, ballast)
    await asyncio.sleep(chance.uniform(4, SECONDS))
    ballast.unlink()
    for mortal in (site.postgres, site.temporal, site.storage):
        if not mortal.alive:
            await mortal.start()


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(MEGABYTE))


def has_small_disk(site: Site) -> bool:
    """Whether the site's folder is on a disk that may be filled without harm to anybody else."""
    return shutil.disk_usage(site.folder).total < LARGEST_DISK


STORM = Fault("provider: 429, 5xx, resets, garbage, no end", storm)
FILL_DISK = Fault("disk full", fill_disk)
TERMINATE_CONNECTIONS = Fault("PostgreSQL connections terminated every second", terminate_connections)
