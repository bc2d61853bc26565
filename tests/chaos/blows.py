"""Faults as they happened: when, whose calls they may cost, and when the service had recovered."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tests.chaos.site import Seat, Site

WRITTEN_S = 0.4
"""A statement that was on its way when its worker died is carried out all the same."""
UNDER_WAY_S = 3.0
"""An outcome bears the time at which its transaction began, and is seen when that ended."""
LOOK_S = 0.25
RECOVERED_WITHIN_S = 90.0
SWING_S = 12.0

Measure = Literal["calls", "steps", "answers"]
"""Recovered is who has the outcome of every call that was in flight, or of the next; whose workflows go on; or who
answers again."""


class Place(NamedTuple):
    """A question to an agent of a run."""

    run_no: int
    agent_no: int
    trial: int
    case_index: int


class OpenClaim(NamedTuple):
    owner: str
    place: Place


@dataclass
class Blow:
    fault: str
    measure: Measure
    struck_at: float = 0.0
    """Seconds since the epoch, on the clock that PostgreSQL uses too."""
    healed_at: float = 0.0
    may_lose: Counter[str] = field(default_factory=Counter[str])
    """Open claims that may be lost, by their owner."""
    awaited: frozenset[Place] = frozenset()
    """The questions that had a call in flight."""
    looked_at: float = 0.0
    """Before which those had no outcome."""
    recovered_s: tuple[float, ...] = ()
    """From the blow to the next outcome of each question awaited, or to the next step; empty if nothing was awaited."""
    alone: bool = True
    """Whether nothing else was wrong meanwhile."""
    troubles: list[str] = field(default_factory=list[str])

    def struck(self) -> None:
        self.struck_at = time.time()

    def healed(self) -> None:
        self.healed_at = time.time()


async def expects(site: Site, blow: Blow, seat: Seat | None = None) -> None:
    """Notes whose questions are in flight now: of this seat, or of all."""
    blow.looked_at = time.time() - UNDER_WAY_S
    blow.awaited = frozenset(claim.place for claim in await _open_claims(site, seat.owner if seat else ""))


async def loses(site: Site, blow: Blow, owner: str) -> None:
    """Notes what a worker that claims no more may lose; `owner` begins its name in the ledger."""
    await asyncio.sleep(WRITTEN_S)
    blow.may_lose.update(claim.owner for claim in await _open_claims(site, owner))


async def _open_claims(site: Site, owner: str) -> Sequence[OpenClaim]:
    rows = await site.rows(
        "select owner, run_no, agent_no, trial, case_index from attempts where status = 'open' and owner like :owner",
        owner=f"{owner}%",
    )
    return [OpenClaim(name, Place(*place)) for name, *place in rows]


async def recovered(site: Site, blow: Blow) -> None:
    """Returns when the service has recovered from the blow, with the seconds noted in it, or that it took too long."""
    if blow.measure == "answers":
        blow.recovered_s = (blow.healed_at - blow.struck_at,)
        return
    measured = _calls if blow.measure == "calls" else _steps
    try:
        async with asyncio.timeout(RECOVERED_WITHIN_S):
            while True:
                seconds = await measured(site, blow)
                if seconds is not None:
                    blow.recovered_s = tuple(sorted(seconds))
                    return
                await asyncio.sleep(LOOK_S)
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


async def _calls(site: Site, blow: Blow) -> Sequence[float] | None:
    """Of every question awaited, the seconds until it had an outcome, or a call that failed and is repeated."""
    if not blow.awaited:
        return ()
    columns = [list(column) for column in zip(*blow.awaited, strict=True)]
    rows = await site.rows(
        """
        select extract(epoch from least(
          (select min(finished_at) from attempts where attempts.run_no = awaited.run_no
             and attempts.agent_no = awaited.agent_no and attempts.trial = awaited.trial
             and attempts.case_index = awaited.case_index and finished_at > to_timestamp(:looked)
             and status in ('answered', 'failed', 'retried')),
          (select answered_at from results where results.run_no = awaited.run_no
             and results.agent_no = awaited.agent_no and results.trial = awaited.trial
             and results.case_index = awaited.case_index and answered_at > to_timestamp(:looked))
        ))::float8
        from unnest(cast(:run as bigint[]), cast(:agent as int[]), cast(:trial as int[]), cast(:case as int[]))
          as awaited(run_no, agent_no, trial, case_index)
        """,
        **dict(zip(("run", "agent", "trial", "case"), columns, strict=True)),
        looked=blow.looked_at,
    )
    seconds = [max(0.0, at - blow.struck_at) for (at,) in rows if at is not None]
    return seconds if len(seconds) == len(rows) else None


async def _steps(site: Site, blow: Blow) -> Sequence[float] | None:
    """The seconds until a workflow took a step."""
    [(at,)] = await site.rows(
        """
        select extract(epoch from min(created_at))::float8 from run_events
        where created_at > to_timestamp(:struck) and type not in ('run.queued', 'run.retried')
        """,
        struck=blow.struck_at,
    )
    return None if at is None else (at - blow.struck_at,)
