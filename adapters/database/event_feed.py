"""Following the outbox: one listening connection for a process, however many readers it has.

Readers take what they want from a short tail that all share, at their own pace: a slow one holds nothing back and costs
no memory. Who is further behind gets pages of the table, which are shared as well (`event_pages`). A reader gets little
at once, and only a few get something between two turns of the event loop: a crowd of them keeps nobody else waiting.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from adapters.database.engine import sessions
from adapters.database.event_pages import EventPages, Line, Writer, piece_of
from adapters.database.events import EventFilter, EventRepository
from core.cancellation import heed_cancellation

CHANNEL: Final = "run_events"
PAGE: Final = 500
"""So many of the newest events are kept for all readers, and twice as many at most."""
TURNS: Final = 8
"""Readers who get a piece between two turns of the event loop."""
LINGER_S: Final = 0.02
"""Between two looks: a burst of events is read together."""
LOOK_S: Final = 5.0
"""A look is due after this long even if nobody told of anything: a notice may be lost on its way."""
RETRY_S: Final = 1.0
PROBE_S: Final = 30.0
"""A connection that says nothing is asked for a sign of life after this long."""
AWAY: Final = (*LOST, SQLAlchemyError)

logger = structlog.get_logger(__name__)


class Heard(NamedTuple):
    """What a reader gets next."""

    lines: Sequence[Line]
    position: int
    """Everything up to it has been told."""
    idle: bool = False
    """Nothing came for a while."""


class Tail:
    """The newest events of one project, without a gap."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        self.readers = 0
        self._lines: list[Line] = []
        self._changed = asyncio.Event()

    def covers(self, position: int) -> bool:
        """Whether all after this position is here."""
        return position >= self.newest - len(self._lines)

    def after(self, position: int) -> Sequence[Line]:
        missing = self.newest - position
        return self._lines[-missing:] if missing > 0 else ()

    def extend(self, lines: Sequence[Line]) -> None:
        self._lines += lines
        if len(self._lines) > 2 * PAGE:
            del self._lines[:-PAGE]
        self.newest = lines[-1].position
        self.wake()

    async def change(self) -> None:
        await self._changed.wait()

    def wake(self) -> None:
        """Has every reader look again."""
        self._changed.set()
        self._changed = asyncio.Event()


class EventFeed:
    """Listens from its first reader on, until it is closed."""

    def __init__(self, engine: AsyncEngine, write: Writer) -> None:
        self.events = EventRepository(sessions(engine))
        self._pages = EventPages(self.events, write)
        self._turns = asyncio.Semaphore(TURNS)
        self._engine = engine
        self._tails: dict[str, Tail] = {}
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = False

    @property
    def readers(self) -> int:
        return sum(tail.readers for tail in self._tails.values())

    async def follow(self, project_id: str, *, after: int, wanted: EventFilter, idle_s: float) -> AsyncGenerator[Heard]:
        """Every event after this position that is wanted, each once and in order, without end; an idle part after
        `idle_s` seconds without one. Waits for the database while it is away."""
        async with self._joined(project_id) as tail:
            position = after
            while not self._leaving:
                if position >= tail.newest:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(idle_s):
                            await tail.change()
                            continue
                    yield Heard((), position, idle=True)
                    continue
                lines, position = await self._part(tail, project_id, position, wanted)
                yield Heard(lines, position)

    async def _part(
        self, tail: Tail, project_id: str, position: int, wanted: EventFilter
    ) -> tuple[Sequence[Line], int]:
        """What a reader at this position gets next, and where it is then."""
        if tail.covers(position):
            found, end = tail.after(position), tail.newest
        else:
            found, end = await self._behind(tail, project_id, position, wanted)
        fitting = [line for line in found if line.fits(wanted)]
        if not fitting:
            return (), end
        async with self._turns:
            await asyncio.sleep(0)
        piece = piece_of(fitting)
        return piece, end if len(piece) == len(fitting) else piece[-1].position

    async def _behind(
        self, tail: Tail, project_id: str, position: int, wanted: EventFilter
    ) -> tuple[Sequence[Line], int]:
        while True:
            try:
                page = await self._pages.get(project_id, wanted, after=position, newest=tail.newest)
                return page.after(position), page.position
            except AWAY as error:
                heed_cancellation()
                logger.warning("events_wait", error=str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_S)

    @asynccontextmanager
    async def _joined(self, project_id: str) -> AsyncGenerator[Tail]:
        if project_id not in self._tails:
            newest = await self.events.newest(project_id)
            self._tails.setdefault(project_id, Tail(newest))
        tail = self._tails[project_id]
        tail.readers += 1
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_up())]
        # What was committed before we listened is looked for now.
        self._look_after(project_id)
        try:
            yield tail
        finally:
            tail.readers -= 1
            if not tail.readers and self._tails.get(project_id) is tail:
                del self._tails[project_id]
            if not self._tails:
                self._pages.clear()

    def _look_after(self, project_id: str) -> None:
        self._dirty.add(project_id)
        self._wake.set()

    async def _listen(self) -> None:
        """Hears of events until cancelled; a connection that breaks is replaced."""
        while True:
            try:
                async with raw_connection(self._engine) as connection:
                    await self._hear(connection)
            except (*AWAY, TimeoutError) as error:
                heed_cancellation()
                logger.warning("events_not_heard", error=str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _hear(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Until the connection breaks."""
        lost = asyncio.Event()

        def note(*told: object) -> None:
            self._look_after(str(told[-1]))

        def end(*_: object) -> None:
            lost.set()

        connection.add_termination_listener(end)
        await connection.add_listener(CHANNEL, note)
        self._look_after_all()
        try:
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(PROBE_S):
                        await lost.wait()
                if not lost.is_set():
                    await connection.execute("select 1", timeout=RETRY_S)
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, note)

    def _look_after_all(self) -> None:
        self._dirty.update(self._tails)
        self._wake.set()

    async def _keep_up(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                self._dirty.update(self._tails)
            self._wake.clear()
            dirty, self._dirty = self._dirty, set()
            try:
                for project_id in dirty:
                    await self._extend(project_id)
            except AWAY as error:
                logger.warning("events_wait", error=str(error) or type(error).__name__)
                self._dirty |= dirty
                self._wake.set()
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(LINGER_S)

    async def _extend(self, project_id: str) -> None:
        tail = self._tails.get(project_id)
        while tail and (page := await self.events.page(project_id, after=tail.newest, limit=PAGE)):
            tail.extend(self._pages.written(page))

    def leave(self) -> None:
        """The process is about to end: readers are sent away, to come back elsewhere."""
        self._leaving = True
        for tail in self._tails.values():
            tail.wake()

    async def aclose(self) -> None:
        self.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
