"""Events as their readers get them from real API processes that are killed and replaced: none missed, none repeated."""

import asyncio
import json
import random

import httpx2
import pytest

from core.benchmarks import BenchmarkDefinition
from core.ids import DEFAULT_PROJECT, new_id
from tests.api.bodies import definition
from tests.end_to_end.deployment import Api
from tests.end_to_end.machine import Machine

WRITERS = 4
CONFIG = BenchmarkDefinition.model_validate(definition())


class Reader:
    """Reads the stream of all events; comes back with the last id it has, whoever answers by then."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.streams = 0

    async def read(self, machine: Machine, until: asyncio.Future[int]) -> None:
        """Until it has the event that `until` names."""
        while not (until.done() and self.ids and self.ids[-1] >= until.result()):
            try:
                await self._stream(machine.apis[0].url, until)
            except httpx2.TransportError:
                await asyncio.sleep(0.05)

    async def reached(self, number: int) -> None:
        """Returns once it has read so many events."""
        while True:
            if len(self.ids) >= number:
                return
            await asyncio.sleep(0.02)

    async def _stream(self, url: str, until: asyncio.Future[int]) -> None:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.ids[-1] if self.ids else 0)}
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=5) as client,
            client.stream("GET", f"{url}/v1/events", headers=headers) as answer,
        ):
            self.streams += 1
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self.ids.append(int(json.loads(line.removeprefix("data: "))["id"]))
                    if until.done() and self.ids[-1] >= until.result():
                        return


async def write(machine: Machine, stop: asyncio.Event) -> None:
    """Runs that are accepted, paused and cancelled, at odds with each other."""
    runs = machine.runs
    while not stop.is_set():
        run_id = (await runs.create(new_id("run"), CONFIG, project_id=DEFAULT_PROJECT)).run_id
        await runs.note(run_id, "paused")
        await asyncio.sleep(random.uniform(0, 0.02))
        await runs.note(run_id, "cancelled")


async def leave(machine: Machine, api: Api, number: int) -> None:
    """Kills it, or asks it to stop: then its readers are sent away at once."""
    if number % 2:
        machine.kill(api.process)
        return
    machine.apis.remove(api)
    async with asyncio.timeout(5):
        await api.process.stop()


@pytest.mark.timeout(90)
async def test_readers_miss_nothing_and_read_nothing_twice_while_api_processes_come_and_go(machine: Machine) -> None:
    machine.environment["BENCHMARK_API_WATCHES"] = "false"
    await asyncio.gather(*(machine.start_api() for _ in range(3)))
    readers, stop = [Reader() for _ in range(5)], asyncio.Event()
    until: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(write(machine, stop)) for _ in range(WRITERS)]
        for reader in readers:
            group.create_task(reader.read(machine, until))
        for number in range(2):
            await asyncio.gather(*(reader.reached(len(reader.ids) + 20) for reader in readers))
            await leave(machine, machine.apis[0], number)
        stop.set()
        await asyncio.wait(writing)
        [(last,)] = await machine.rows("select last from event_positions")
        until.set_result(last)
    for reader in readers:
        assert reader.ids == list(range(1, last + 1))
        assert reader.streams > 1
    assert await machine.rows("select 1 from run_events where position is null") == []
