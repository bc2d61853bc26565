"""Traffic: so many runs in flight at any time, each audited when it ends."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx2

from tests.chaos.audit import Audited, Figures, audit, figures_of
from tests.chaos.people import Person, Stuck
from tests.chaos.shapes import EVERY_SHAPE, Shape
from tests.chaos.site import Site

Calm = Mapping[str, Figures]
"""By shape, what its runs must show."""
CALM = "calm"
"""The name of who submits the runs that all others are held against."""


@dataclass
class Traffic:
    site: Site
    person: Person
    calm: Calm
    name: str
    audited: list[Audited] = field(default_factory=list[Audited])
    stuck: list[str] = field(default_factory=list[str])
    names: set[str] = field(default_factory=set[str])
    """Of every run that was submitted."""
    rounds: int = 0
    """Beyond the first of each run: failures were asked again."""
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def one(self, shape: Shape) -> Audited:
        """One run from its submission to its audit. Raises Stuck."""
        name = f"{self.name}-{shape.name}-{next(self._numbers)}"
        self.names.add(name)
        run_id = await self.person.submit(shape, name, self.site.agent_url)
        run, rounds = await self.person.seen_through(run_id)
        self.rounds += rounds - 1
        audited = await audit(self.site, shape, run, self.calm.get(shape.name))
        self.audited.append(audited)
        self.site.witness.forget(name)
        return audited

    async def keep_coming(self, stop: asyncio.Event, shape: Shape) -> None:
        """One run of the shape after the other until `stop` is set; the last one is seen through."""
        while not stop.is_set():
            try:
                await self.one(shape)
            except Stuck as error:
                self.stuck.append(str(error))

    @property
    def findings(self) -> list[str]:
        return [*(finding for audited in self.audited for finding in audited.findings), *self.stuck, *self._odd()]

    def _odd(self) -> list[str]:
        return [f"{times} times {what}" for what, times in self.person.odd.items()]


@asynccontextmanager
async def visiting(site: Site, calm: Calm, *, name: str = "visitor") -> AsyncGenerator[Traffic]:
    """Somebody who submits what they are told to, and names it after themselves."""
    async with httpx2.AsyncClient(base_url=site.api_url, timeout=20, trust_env=False) as http:
        yield Traffic(site, Person(http), calm, name)


@asynccontextmanager
async def traffic(site: Site, calm: Calm, *, shapes: Sequence[Shape] = EVERY_SHAPE) -> AsyncGenerator[Traffic]:
    """While the block runs, a run of every shape is in flight; after it, all have ended."""
    stop = asyncio.Event()
    async with visiting(site, calm) as visitor, asyncio.TaskGroup() as group:
        for shape in shapes:
            group.create_task(visitor.keep_coming(stop, shape))
        try:
            yield visitor
        finally:
            stop.set()


async def calm_figures(site: Site, *shapes: Shape) -> Calm:
    """What these shapes show while nothing is wrong. Raises AssertionError if something is."""
    async with visiting(site, {}, name=CALM) as visitor:
        runs = await asyncio.gather(*(visitor.one(shape) for shape in shapes))
        assert visitor.findings == []
        assert [(run.lost, run.resent) for run in runs] == [(0, 0)] * len(runs)
        return {shape.name: await figures_of(site, run.run_id) for shape, run in zip(shapes, runs, strict=True)}
