"""The play: which faults strike together, in which order, by a seed."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.blows import Blow, in_full_swing, recovered
from tests.chaos.faults import (
    DEPLOY,
    FREEZE_WORKER,
    KILL_API,
    KILL_POSTGRES,
    KILL_STORAGE,
    KILL_TEMPORAL,
    KILL_WORKER,
    RESTART_POSTGRES,
    Fault,
    struck,
)
from tests.chaos.link_faults import (
    CUT_POSTGRES,
    CUT_PROVIDER,
    CUT_TEMPORAL,
    DELAY_LINKS,
    HALF_CLOSE_LINKS,
    RESET_LINKS,
    STRANGLE_PROVIDER,
)
from tests.chaos.site import Site
from tests.chaos.weather_faults import STORM, TERMINATE_CONNECTIONS

PARTITIONS = (CUT_TEMPORAL, CUT_POSTGRES, CUT_PROVIDER)
SELDOM = (
    *PARTITIONS,
    *(DEPLOY, FREEZE_WORKER, KILL_API, KILL_POSTGRES, KILL_STORAGE),
    *(DELAY_LINKS, RESET_LINKS, HALF_CLOSE_LINKS, STRANGLE_PROVIDER, STORM, TERMINATE_CONNECTIONS),
)


@dataclass(frozen=True)
class Act:
    """Faults that strike within a few seconds of each other."""

    faults: Sequence[Fault]


def play(seed: int, *, more: Sequence[Fault] = ()) -> Iterator[Act]:
    """Acts without end. In each turn of the deck every fault strikes alone, and in more than half of the acts several
    strike together: always with workers, Temporal and PostgreSQL killed. `more` are faults that not every site can
    bear."""
    chance = Random(seed)
    frequent = [[RESTART_POSTGRES], [KILL_TEMPORAL], [KILL_WORKER], [KILL_WORKER] * 3]
    others = (*SELDOM, *more)
    everything = [RESTART_POSTGRES, KILL_TEMPORAL, *[KILL_WORKER] * 4]
    while True:
        storms = [[fault, *everything] for fault in (*PARTITIONS, *PARTITIONS, *chance.sample(others, 8))]
        deck = [*frequent, *([fault] for fault in others), *[everything] * 6, *storms]
        chance.shuffle(deck)
        yield from map(Act, deck)


async def perform(site: Site, act: Act, chance: Random) -> Sequence[Blow]:
    """Lets the act's faults strike once all workers work; returns when all are healed and the service has recovered."""

    async def one(fault: Fault, delay_s: float, own: Random) -> Blow:
        await asyncio.sleep(delay_s)
        blow = await struck(site, fault, own)
        await recovered(site, blow)
        return blow

    await in_full_swing(site)
    async with asyncio.TaskGroup() as group:
        striking = [
            group.create_task(one(fault, chance.uniform(0, 3) if place else 0.0, Random(chance.random())))
            for place, fault in enumerate(act.faults)
        ]
    blows = [task.result() for task in striking]
    for blow in blows:
        blow.alone = len(blows) == 1
    return blows
