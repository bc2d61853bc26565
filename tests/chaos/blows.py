"""Faults as they happened: when, whose calls they may cost, and when the service had recovered."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tests.chaos.site import Seat, Site

WRITTEN_S = 0.4
"""A statement that was on its way when its worker died is carried out all the same."""
LOOK_S = 0.25
RECOVERED_WITHIN_S = 180.0
SWING_S = 12.0

Measure = Literal["calls", "steps", "answers"]
"""Recovered is who has the outcome of every call that was in flight, or of the next; whose workflows go on; or who
answers again."""


class Call(NamedTuple):
    """A call to an agent of a run: the `number`-th of this question, in this `round`."""

    run_no: int
    agent_no: int
    trial: int
    case_index: int
    number: int
    round: int


class OpenClaim(NamedTuple):
    owner: str
    call: Call


@dataclass
class Blow:
    fault: str
    measure: Measure
    struck_at: float = 0.0
    """Seconds, on the harness's own clock."""
    healed_at: float = 0.0
    may_lose: Counter[str] = field(default_factory=Counter[str])
    """Open claims that may be lost, by their owner."""
    awaited: frozenset[Call] = frozenset()
    """What was in flight."""
    recovered_s: tuple[float, ...] = ()
    """From the blow until the outcome of each question awaited was seen, or the next step; empty if nothing was."""
    alone: bool = True
    """Whether nothing else was wrong meanwhile."""
    troubles: list[str] = field(default_factory=list[str])

    def struck(self) -> None:
        self.struck_at = time.monotonic()

    def healed(self) -> None:
        self.healed_at = time.monotonic()


async def expects(site: Site, blow: Blow, seat: Seat | None = None) -> None:
    """Notes whose questions are in flight now: of this seat, or of all."""
    blow.awaited = frozenset(claim.call for claim in await _open_claims(site, seat.owner if seat else ""))


async def loses(site: Site, blow: Blow, owner: str) -> None:
    """Notes what a worker that claims no more may lose; `owner` begins its name in the ledger."""
    await asyncio.sleep(WRITTEN_S)
    blow.may_lose.update(claim.owner for claim in await _open_claims(site, owner))


async def _open_claims(site: Site, owner: str) -> Sequence[OpenClaim]:
    rows = await site.rows(
        "select owner, run_no, agent_no, trial, case_index, number, round from attempts "
        "where status = 'open' and owner like :owner",
        owner=f"{owner}%",
    )
    return [OpenClaim(name, Call(*call)) for name, *call in rows]


async def recovered(site: Site, blow: Blow) -> None:
    """Returns when the service has recovered from the blow, with the seconds noted in it, or that it took too long."""
    if blow.measure == "answers":
        blow.recovered_s = (blow.healed_at - blow.struck_at,)
        return
    watch = _calls if blow.measure == "calls" else _steps
    try:
        async with asyncio.timeout(RECOVERED_WITHIN_S):
            blow.recovered_s = tuple([at - blow.struck_at async for at in watch(site, blow)])
    except TimeoutError:
        blow.troubles.append(f"{blow.fault}: not recovered within {RECOVERED_WITHIN_S:g} s")


async def in_full_swing(site: Site) -> None:
    """Returns when every worker has calls in flight, or it takes too long to wait for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SWING_S):
            while True:
                owners = {claim.owner for claim in await _open_claims(site, "")}
                if all(any(owner.startswith(seat.owner) for owner in owners) for seat in site.seats):
                    return
                await asyncio.sleep(LOOK_S)


async def _calls(site: Site, blow: Blow) -> AsyncGenerator[float]:
    """For every call awaited, when its question was seen to have an outcome, or a call that failed and is repeated."""
    awaited = set(blow.awaited)
    while awaited:
        ended = await _ended(site, awaited)
        for _ in ended:
            yield time.monotonic()
        awaited -= ended
        await asyncio.sleep(LOOK_S)


async def _ended(site: Site, awaited: Set[Call]) -> Set[Call]:
    columns = [list(column) for column in zip(*awaited, strict=True)]
    rows = await site.rows(
        """
        select awaited.* from unnest(
          cast(:run_no as bigint[]), cast(:agent_no as int[]), cast(:trial as int[]), cast(:case_index as int[]),
          cast(:number as int[]), cast(:round as int[])
        ) as awaited(run_no, agent_no, trial, case_index, number, round)
        where exists (
          select from attempts where attempts.run_no = awaited.run_no and attempts.agent_no = awaited.agent_no
            and attempts.trial = awaited.trial and attempts.case_index = awaited.case_index
            and attempts.number >= awaited.number and status in ('answered', 'failed', 'retried')
        ) or exists (
          select from results where results.run_no = awaited.run_no and results.agent_no = awaited.agent_no
            and results.trial = awaited.trial and results.case_index = awaited.case_index
            and results.round >= awaited.round
        )
        """,
        **dict(zip(Call._fields, columns, strict=True)),
    )
    return {Call(*row) for row in rows}


async def _steps(site: Site, blow: Blow) -> AsyncGenerator[float]:
    """When a workflow was seen to take a step after the fault had healed."""
    del blow
    before = await _steps_taken(site)
    while True:
        await asyncio.sleep(LOOK_S)
        if await _steps_taken(site) > before:
            break
    yield time.monotonic()


async def _steps_taken(site: Site) -> int:
    [(steps,)] = await site.rows("select count(*) from run_events where type not in ('run.queued', 'run.retried')")
    return steps
