"""Lanes: batches of one agent share what they brought, and take no more away than is free."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.lanes import LanePool, Turn, ahead


async def test_a_batch_without_questions_lends_its_lanes_to_the_others() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 3) as first, pool.joined((1, 0), 2) as second:
        assert first is second
        async with asyncio.timeout(1):
            for _ in range(5):
                await first.calls.enter()
        for _ in range(5):
            first.calls.leave()


async def test_lanes_of_another_agent_are_not_touched() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 5), pool.joined((1, 1), 1) as other:
        await other.calls.enter()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await other.calls.enter()
        other.calls.leave()


async def test_a_batch_leaves_only_when_as_many_lanes_are_free_as_it_brought() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 1) as lanes:
        leaving = pool.joined((1, 0), 1)
        await leaving.__aenter__()
        await lanes.calls.enter()
        await lanes.calls.enter()
        left = asyncio.create_task(leaving.__aexit__(None, None, None))
        await asyncio.sleep(0.02)
        assert not left.done()
        lanes.calls.leave()
        async with asyncio.timeout(1):
            await left
        lanes.calls.leave()


async def test_who_gives_up_waiting_loses_no_lane() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 1) as lanes:
        await lanes.calls.enter()
        waiting = asyncio.create_task(lanes.calls.enter())
        await asyncio.sleep(0)
        lanes.calls.leave()
        waiting.cancel()
        await asyncio.wait({waiting})
        async with asyncio.timeout(1):
            await lanes.calls.enter()
        lanes.calls.leave()


@given(lanes=st.lists(st.integers(1, 5), min_size=1, max_size=5), questions=st.integers(1, 60))
async def test_never_more_in_flight_than_lanes(lanes: list[int], questions: int) -> None:
    pool = LanePool()
    in_flight = most = 0

    async def one(batch_lanes: int) -> None:
        nonlocal in_flight, most
        async with pool.joined((1, 0), batch_lanes) as shared:
            for _ in range(questions):
                await shared.calls.enter()
                in_flight += 1
                most = max(most, in_flight)
                await asyncio.sleep(0)
                in_flight -= 1
                shared.calls.leave()

    await asyncio.gather(*(one(each) for each in lanes))
    assert most <= sum(lanes)
    assert in_flight == 0


async def test_a_few_stand_claimed_in_line_while_every_lane_is_busy() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 16) as lanes:
        turns: list[Turn] = []
        for _ in range(16 + ahead(16)):
            await lanes.line.enter()
            turns.append(Turn(lanes))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lanes.line.enter(), 0.05)
        for turn in turns[:16]:
            await turn.begin()
        next_in_line = asyncio.create_task(turns[16].begin())
        await asyncio.sleep(0.01)
        assert not next_in_line.done()
        turns[0].end()
        async with asyncio.timeout(1):
            await next_in_line
        assert turns[16].waited_s >= 0.01
        for turn in turns[1:]:
            turn.end()


async def test_a_turn_ends_once_however_often_it_is_told() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 1) as lanes:
        await lanes.line.enter()
        with Turn(lanes) as turn:
            await turn.begin()
            turn.end()
        await lanes.calls.enter()
        other = asyncio.create_task(lanes.calls.enter())
        await asyncio.sleep(0.01)
        assert not other.done(), "the lane was given back twice"
        lanes.calls.leave()
        await other
        lanes.calls.leave()
