"""`Prefer: wait=N` (RFC 7240): an answer that is held back until the run has ended, so that nobody need ask again.

Whoever waits holds no connection to the database: the end is heard of through the events that all readers of a process
share.
"""

import asyncio
import re
from contextlib import aclosing, suppress
from typing import Annotated, Final

from fastapi import Depends, Header, Response

from adapters.database.events import EventFilter
from api.services import Services
from core.events import EventType
from core.runs import ENDED, Run

ENDINGS: Final = frozenset({EventType.RUN_COMPLETED, EventType.RUN_FAILED, EventType.RUN_CANCELLED})
"""Each is told in the transaction that ends the run."""
LONGEST_S: Final = 20
"""Shorter than proxies wait for an answer, and than an Idempotency-Key is held."""
MOST_WAITING: Final = 1000
"""Of one process, readers of streams among them; beyond, nobody is kept waiting."""
WAIT: Final = re.compile(r'wait\s*=\s*"?([0-9]{1,9})"?', re.IGNORECASE)
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=1000,
        description=f"`wait=N` waits up to N seconds, {LONGEST_S} at most, for the run to end; `Preference-Applied` "
        "tells how many. Other preferences are ignored.",
        examples=["wait=10"],
    ),
]


async def wished(prefer: Prefer = None) -> int:
    for preference in (prefer or "").split(","):
        # What follows a semicolon are parameters of the preference; `wait` has none.
        if (found := WAIT.fullmatch(preference.partition(";")[0].strip())) is not None:
            return min(int(found[1]), LONGEST_S)
    return 0


Patience = Annotated[int, Depends(wished)]
"""The parameter of a route that may wait for a run's end: for how many seconds; 0 without the wish."""


async def ended(services: Services, run: Run, patience_s: int, response: Response) -> Run:
    """The run as recorded when it has ended, or when patience has; tells in the answer that it was waited for."""
    if not patience_s or services.feed.readers >= MOST_WAITING:
        return run
    response.headers["Preference-Applied"] = f"wait={patience_s}"
    if run.status in ENDED:
        return run
    # What ends it after this position is heard of; what ended it before is in the record that is read next.
    position = await services.feed.events.newest(run.project_id)
    run = await services.runs.get(run.run_id)
    if run.status in ENDED:
        return run
    await _end_of(services, run, patience_s, position)
    return await services.runs.get(run.run_id)


async def _end_of(services: Services, run: Run, patience_s: int, position: int) -> None:
    wanted = EventFilter(run_id=run.run_id, types=ENDINGS)
    heard = services.feed.follow(run.project_id, after=position, wanted=wanted, idle_s=patience_s)
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s), aclosing(heard) as parts:
            async for part in parts:
                if part.lines:
                    return
