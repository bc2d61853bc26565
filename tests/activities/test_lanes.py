"""Lanes: batches of one agent share what they brought, and take no more away than is free."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.lanes import LanePool


async def test_a_batch_without_questions_lends_its_lanes_to_the_others() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 3) as first, pool.joined((1, 0), 2) as second:
        assert first is second
        async with asyncio.timeout(1):
            for _ in range(5):
                await first.take()
        for _ in range(5):
            first.give_back()


async def test_lanes_of_another_agent_are_not_touched() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 5), pool.joined((1, 1), 1) as other:
        await other.take()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await other.take()
        other.give_back()


async def test_a_batch_leaves_only_when_as_many_lanes_are_free_as_it_brought() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 1) as lanes:
        leaving = pool.joined((1, 0), 1)
        await leaving.__aenter__()
        await lanes.take()
        await lanes.take()
        left = asyncio.create_task(leaving.__aexit__(None, None, None))
        await asyncio.sleep(0.02)
        assert not left.done()
        lanes.give_back()
        async with asyncio.timeout(1):
            await left
        lanes.give_back()


async def test_who_gives_up_waiting_loses_no_lane() -> None:
    pool = LanePool()
    async with pool.joined((1, 0), 1) as lanes:
        await lanes.take()
        waiting = asyncio.create_task(lanes.take())
        await asyncio.sleep(0)
        lanes.give_back()
        waiting.cancel()
        await asyncio.wait({waiting})
        async with asyncio.timeout(1):
            await lanes.take()
        lanes.give_back()


@given(lanes=st.lists(st.integers(1, 5), min_size=1, max_size=5), questions=st.integers(1, 60))
async def test_never_more_in_flight_than_lanes(lanes: list[int], questions: int) -> None:
    pool = LanePool()
    in_flight = most = 0

    async def one(batch_lanes: int) -> None:
        nonlocal in_flight, most
        async with pool.joined((1, 0), batch_lanes) as shared:
            for _ in range(questions):
                await shared.take()
                in_flight += 1
                most = max(most, in_flight)
                await asyncio.sleep(0)
                in_flight -= 1
                shared.give_back()

    await asyncio.gather(*(one(each) for each in lanes))
    assert most <= sum(lanes)
    assert in_flight == 0
