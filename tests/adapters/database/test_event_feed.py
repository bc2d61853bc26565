"""Following the outbox in a crowd: pages are read once for all, memory is bounded, and nobody else is kept waiting."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.event_feed import TURNS, EventFeed
from adapters.database.event_pages import (
    LINE_COST,
    MOST_KEPT,
    MOST_PAGES,
    PIECE,
    SIZE,
    EventPage,
    EventPages,
    Line,
    piece_of,
)
from adapters.database.events import EVERYTHING, EventFilter
from core.events import Event, EventType
from core.ids import DEFAULT_PROJECT

MANY = 1500
TOLD = text(
    "insert into run_events (project_id, run_id, subject, source, type, data) "
    "select :project, 'run_' || n % 3, 's', '/v1/runs/r', case n % 10 when 0 then 'run.failed' else 'run.paused' end, "
    "jsonb_build_object('reason', repeat('x', :width)) from generate_series(1, :count) as n order by n"
)


async def happen(engine: AsyncEngine, count: int, *, width: int = 200) -> None:
    async with engine.begin() as connection:
        await connection.execute(TOLD, {"project": DEFAULT_PROJECT, "count": count, "width": width})


def written(event: Event) -> bytes:
    return event.model_dump_json().encode()


@asynccontextmanager
async def feeding(engine: AsyncEngine) -> AsyncGenerator[EventFeed]:
    feed = EventFeed(engine, written)
    try:
        yield feed
    finally:
        await feed.aclose()


async def read(
    feed: EventFeed, until: int, *, after: int = 0, wanted: EventFilter = EVERYTHING, given: list[int] | None = None
) -> list[int]:
    """The positions a reader gets up to one; notes how many bytes came at once."""
    positions: list[int] = []
    async with aclosing(feed.follow(DEFAULT_PROJECT, after=after, wanted=wanted, idle_s=10)) as parts:
        async for part in parts:
            positions += [line.position for line in part.lines]
            if given is not None and part.lines:
                given.append(sum(len(line.content) for line in part.lines))
            if part.position >= until:
                return positions
    raise AssertionError("The feed ended before its reader had everything.")


@contextmanager
def statements(engine: AsyncEngine) -> Generator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(*about: object) -> None:
        asked.append(str(about[2]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_crowd_that_is_behind_has_each_page_read_once(engine: AsyncEngine) -> None:
    await happen(engine, MANY)
    async with feeding(engine) as feed:
        with statements(engine) as asked:
            # Some begin a little later than others, as readers do who were sent away by a restart.
            everyone = await asyncio.gather(*(read(feed, MANY, after=number % 7) for number in range(60)))
        pages = [each for each in asked if "FROM run_events" in each]
    assert everyone == [list(range(number % 7 + 1, MANY + 1)) for number in range(60)]
    assert len(pages) <= MANY / SIZE + 5, "as many as for a single reader, and a few looks for what is new"


async def test_readers_who_want_different_things_get_just_those_across_pages_and_tail(engine: AsyncEngine) -> None:
    await happen(engine, 650)
    failures = EventFilter(types=frozenset({EventType.RUN_FAILED}))
    one_run = EventFilter(run_id="run_1")
    async with feeding(engine) as feed:
        late = asyncio.create_task(read(feed, 1300, after=640))
        early = [asyncio.create_task(read(feed, 1300, wanted=wanted)) for wanted in (failures, one_run, EVERYTHING)]
        await asyncio.sleep(0.1)
        await happen(engine, 650)
        found = await asyncio.gather(*early, late)
    numbers = [*range(1, 651), *range(1, 651)]
    assert found[0] == [at for at, n in enumerate(numbers, 1) if n % 10 == 0]
    assert found[1] == [at for at, n in enumerate(numbers, 1) if n % 3 == 1]
    assert found[2] == list(range(1, 1301))
    assert found[3] == list(range(641, 1301))


async def test_between_two_turns_of_the_loop_only_a_few_readers_get_something_and_little_of_it(
    engine: AsyncEngine,
) -> None:
    await happen(engine, MANY)
    turn, given = 0, Counter[int]()
    sizes: list[int] = []

    async def turning() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    async def note(feed: EventFeed) -> None:
        async with aclosing(feed.follow(DEFAULT_PROJECT, after=0, wanted=EVERYTHING, idle_s=10)) as parts:
            async for part in parts:
                given[turn] += bool(part.lines)
                sizes.append(sum(len(line.content) for line in part.lines))
                if part.position >= MANY:
                    return

    async with feeding(engine) as feed:
        clock = asyncio.create_task(turning())
        await asyncio.gather(*(note(feed) for _ in range(100)))
        clock.cancel()
    assert sum(given.values()) >= 100 * MANY / SIZE
    # The clock's place in a turn is before some and behind others.
    assert max(given.values()) <= 2 * TURNS
    assert max(sizes) <= PIECE


async def test_pages_that_are_kept_cost_no_more_than_allowed_and_nothing_when_the_last_reader_has_gone(
    engine: AsyncEngine,
) -> None:
    await happen(engine, 1200, width=9000)
    async with feeding(engine) as feed:
        # No name tells of it outside: what is kept is the feed's own.
        pages: EventPages = feed._pages  # pyright: ignore[reportPrivateUsage]
        most, given = 0, list[int]()
        reading = asyncio.create_task(read(feed, 1200, given=given))
        while not reading.done():
            most = max(most, pages.cost)
            await asyncio.sleep(0)
        assert await reading == list(range(1, 1201))
        assert MOST_KEPT / 2 < most <= MOST_KEPT
        assert max(given) <= PIECE
        assert pages.cost == 0


async def test_pages_without_a_line_are_bounded_as_well(engine: AsyncEngine) -> None:
    await happen(engine, 1)
    async with feeding(engine) as feed:
        pages: EventPages = feed._pages  # pyright: ignore[reportPrivateUsage]
        for number in range(MOST_PAGES + 3):
            page = EventPage((), 1)
            pages._keep((DEFAULT_PROJECT, EventFilter(run_id=f"run_{number}"), 0), page)  # pyright: ignore[reportPrivateUsage]
        assert pages.cost == MOST_PAGES * LINE_COST
        assert (await pages.get(DEFAULT_PROJECT, EventFilter(run_id="run_none"), after=0, newest=1)).lines == []
        assert pages.cost == MOST_PAGES * LINE_COST


def test_a_piece_has_one_line_at_least_and_a_page_begins_after_any_of_its_own() -> None:
    lines = [Line(number, "run.paused", None, b"x" * size) for number, size in ((3, PIECE + 1), (5, 10), (9, PIECE))]
    page = EventPage(lines, 12)
    assert [line.position for line in piece_of(page.after(2))] == [3]
    assert [line.position for line in piece_of(page.after(3))] == [5]
    assert [line.position for line in piece_of(page.after(5))] == [9]
    assert not piece_of(page.after(9))
