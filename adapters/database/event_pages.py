"""Pages of the outbox as readers get them: read and written out once for all readers of a process who are at the same
place. One is read at a time, however many readers are behind, and so much of them is kept and no more."""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from adapters.database.events import EventFilter, EventRepository, Told
from core.events import Event

SIZE: Final = 100
"""Events of a page. Pages begin at multiples of it, so that readers who are close to each other share them."""
MOST_KEPT: Final = 8 * 1024 * 1024
"""Bytes of the pages that are kept."""
MOST_PAGES: Final = 4096
"""That are kept: readers choose what they want, and most of what they choose may be empty."""
LINE_COST: Final = 200
"""Bytes that a line costs beside its content, about; and a page beside its lines."""
PIECE: Final = 32 * 1024
"""Bytes that a reader gets at once, unless a single event has more."""

Writer = Callable[[Event], bytes]
"""Writes an event out as readers get it."""


class Line(NamedTuple):
    """An event, written out."""

    position: int
    type: str
    run_id: str | None
    content: bytes

    def fits(self, wanted: EventFilter) -> bool:
        return wanted.run_id in (None, self.run_id) and (not wanted.types or self.type in wanted.types)


class EventPage(NamedTuple):
    """Lines without a gap: what is wanted up to `position`."""

    lines: Sequence[Line]
    position: int

    def after(self, position: int) -> Sequence[Line]:
        return self.lines[bisect_right(self.lines, position, key=lambda line: line.position) :]

    @property
    def cost(self) -> int:
        return LINE_COST + sum(len(line.content) + LINE_COST for line in self.lines)


Place = tuple[str, EventFilter, int]
"""The project, what is wanted, and the position after which a page begins."""


class EventPages:
    def __init__(self, events: EventRepository, write: Writer) -> None:
        self._events = events
        self._write = write
        self._kept: OrderedDict[Place, EventPage] = OrderedDict()
        self._reading = asyncio.Lock()
        self.cost = 0
        """Bytes of what is kept, about."""

    async def get(self, project_id: str, wanted: EventFilter, *, after: int, newest: int) -> EventPage:
        """One that goes beyond `after`. `newest` is a position beyond it that is known to be there. Raises what the
        database raises while it is away."""
        place = (project_id, wanted, after - after % SIZE)
        if (page := self._found(place, after)) is not None:
            return page
        async with self._reading:
            # Whoever waited finds what the one before has read.
            if (page := self._found(place, after)) is not None:
                return page
            page = await self._read(place, newest)
            self._keep(place, page)
            return page

    def clear(self) -> None:
        self._kept.clear()
        self.cost = 0

    def written(self, told: Iterable[Told]) -> list[Line]:
        return [Line(each.event.position, each.event.type, each.run_id, self._write(each.event)) for each in told]

    def _found(self, place: Place, after: int) -> EventPage | None:
        page = self._kept.get(place)
        # A page that was read when it held the newest events may end before this place.
        if page is None or page.position <= after:
            return None
        self._kept.move_to_end(place)
        return page

    async def _read(self, place: Place, newest: int) -> EventPage:
        project_id, wanted, start = place
        lines = self.written(await self._events.page(project_id, after=start, limit=SIZE, wanted=wanted))
        if len(lines) == SIZE:
            return EventPage(lines, lines[-1].position)
        return EventPage(lines, max([newest, *(line.position for line in lines)]))

    def _keep(self, place: Place, page: EventPage) -> None:
        if (former := self._kept.pop(place, None)) is not None:
            self.cost -= former.cost
        self._kept[place] = page
        self.cost += page.cost
        while (self.cost > MOST_KEPT and len(self._kept) > 1) or len(self._kept) > MOST_PAGES:
            self.cost -= self._kept.popitem(last=False)[1].cost


def piece_of(lines: Sequence[Line]) -> Sequence[Line]:
    """The first ones, as many as are sent at once: one at least, if there is one."""
    size = 0
    for number, line in enumerate(lines):
        size += len(line.content)
        if number and size > PIECE:
            return lines[:number]
    return lines
