"""The Python client against the whole service, as a program uses it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from benchmark_client.client import AsyncClient, Client
from benchmark_client.errors import Conflict, Invalid, NotFound
from benchmark_client.outcomes import GateFailed, RunFailed, StillRunning
from cli.embedded.sockets import free_port
from core.ids import new_id
from tests.api.bodies import definition
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.machine import Machine

ROWS = b'{"input": "1 + 1", "expected": "2"}\n{"input": "2 + 2", "expected": "4"}\n'
SLOW = {"name": "slow", "agent": {"kind": "simulated", "latency_s": 3}}
README = Path(__file__).parents[2] / "benchmark_client" / "README.md"
STRICT: dict[str, Any] = {"name": "strict", "thresholds": [{"metric": "accuracy", "at_least": 0.99}]}


def sums(**changes: Any) -> dict[str, Any]:
    agent = {"name": "half", "agent": {"kind": "simulated", "accuracy": 0.5, "seed": 1}}
    return definition(name=new_id("run"), agents=[agent], trials=10, **changes)


def test_a_run_is_started_waited_for_and_read(deployment: Deployment) -> None:
    with Client(deployment.apis[0].url) as client:
        run = client.runs.create(sums()).wait(60, check=True)
        assert (run.status, run.counts.answered) == ("completed", 20)
        [agent] = run.results().agents
        right, wrong = list(run.items(correct=True)), list(run.items(correct=False))
        assert agent.metrics is not None
        assert agent.metrics.accuracy is not None
        assert (len(right), len(right) + len(wrong)) == (agent.metrics.accuracy.successes, 20)
        assert run.item(right[0].item_id).attempts[0].status == "answered"
        events = list(run.events())
        assert (events[0].type, events[-1].type) == ("run.queued", "run.completed")
        assert [event.id for event in run.history()] == [event.id for event in events]
        assert [each.run_id for each in client.runs.list(name=run.name)] == [run.run_id]
        with pytest.raises(Conflict):
            run.cancel()
        with pytest.raises(NotFound):
            client.runs.get("run_01k9rjw1qye8xs5vt1m4ywk0a4")


def test_runs_are_compared_judged_and_done_again(deployment: Deployment) -> None:
    with Client(deployment.apis[0].url) as client:
        first = client.runs.create(sums()).wait(60)
        again = first.reproduce().wait(60)
        comparison = client.comparisons.create(first.run_id, again.run_id)
        assert comparison.finding == "cannot_tell"
        assert [each.comparison_id for each in client.comparisons.list(run_id=again.run_id)] == [
            comparison.comparison_id
        ]
        assert client.manifests.differences(again.run_id, first.run_id).baseline == first.run_id
        with pytest.raises(GateFailed) as caught:
            again.judge(STRICT, check=True)
        assert caught.value.gate == client.gates.get(again.run_id)
        with pytest.raises(GateFailed):
            again.wait(check=True)


def test_definitions_are_stored_and_named(deployment: Deployment, tmp_path: Path) -> None:
    with Client(deployment.apis[0].url) as client:
        dataset = client.datasets.upload(ROWS, dataset="client sums", filename="sums.jsonl")
        assert client.datasets.preview("client sums").rows[0] == {"input": "1 + 1", "expected": "2"}
        source = {"kind": "uploaded", "name": dataset.name}
        benchmark = client.benchmarks.create({**sums(), "dataset": {"source": source}, "trials": 1})
        assert client.estimates.create(benchmark=benchmark.name).calls == 2
        run = client.runs.create(benchmark=benchmark.name, overrides={"trials": 2})
        assert run.config.trials == 2
        assert client.benchmarks.create(run.config).name == benchmark.name
        assert {each.kind for each in client.evaluators.list().items} >= {"exact", "contains"}
        mistake = tmp_path / "mistake.yaml"
        mistake.write_text("name: x\ntrails: 3\n")
        with pytest.raises(Invalid, match="trials"):
            client.runs.create(file=mistake)
        run.wait(60)


async def test_a_run_is_steered_and_awaited(deployment: Deployment) -> None:
    async with AsyncClient(deployment.apis[0].url) as client:
        run = await client.runs.create(definition(agents=[SLOW]))
        with pytest.raises(StillRunning) as caught:
            await run.wait(timeout=0.1)
        assert isinstance(caught.value, TimeoutError)
        await run.cancel()
        with pytest.raises(RunFailed, match="was cancelled"):
            await run.wait(60, check=True)
        run = await run.refresh()
        assert run.has_ended
        assert [event.type async for event in run.events(types=["run.cancelled"])] == ["run.cancelled"]


def test_a_schedule_is_made_changed_and_deleted(deployment: Deployment) -> None:
    with Client(deployment.apis[0].url) as client:
        name = new_id("run")
        schedule = client.schedules.create({"name": name, "run": sums(), "when": {"cron": ["0 3 * * *"]}})
        assert schedule.next_runs[0].hour == 3
        assert client.schedules.pause(name, note="holidays").paused
        assert client.schedules.change(name, {"catch_up_s": 60}).catch_up_s == 60
        assert name in {each.name for each in client.schedules.list()}
        client.schedules.delete(name)
        with pytest.raises(NotFound):
            client.schedules.get(name)


async def test_the_examples_of_its_readme_do_what_they_say(deployment: Deployment) -> None:
    said: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(README), "exec"), said)
    url = deployment.apis[0].url
    assert await asyncio.to_thread(said["accuracy"], url) in (0, 1)
    events = await said["follow"](url)
    assert (events[0], events[-1]) == ("run.queued", "run.completed")
    assert await asyncio.to_thread(said["started"], url, said["CAPITALS"]) == "completed"
    assert "/trials" in await asyncio.to_thread(said["started"], url, {**said["CAPITALS"], "trials": 0})
    assert await asyncio.to_thread(said["asked_of_stored"], url) == 1
    beside = {**said["CAPITALS"], "dataset": {"source": {"kind": "file", "path": "questions.csv"}}}
    assert "is a relative path, and the service does not know" in await asyncio.to_thread(said["started"], url, beside)


@pytest.mark.timeout(240)
async def test_events_are_read_over_restarts_of_the_api_without_gap_or_repeat(machine: Machine) -> None:
    port = free_port()
    api = await machine.start_api(port)
    seen: list[int] = []
    enough = asyncio.Event()

    async def read(client: AsyncClient) -> None:
        async for event in client.events.follow(after=0):
            seen.append(int(event.id))
            if len(seen) >= 12:
                return
            if len(seen) % 4 == 0:
                enough.set()

    async with AsyncClient(api.url) as client, asyncio.TaskGroup() as group:
        reading = group.create_task(read(client))
        for _ in range(2):
            for _ in range(2):
                run_id = await machine.accept(definition())
                await machine.runs.note(run_id, "cancelled")
            await enough.wait()
            enough.clear()
            machine.kill(api.process)
            # What happens meanwhile is told afterwards.
            await machine.accept(definition())
            api = await machine.start_api(port)
        while not reading.done():
            await machine.accept(definition())
            await asyncio.sleep(0.05)
    assert seen == list(range(1, 13))
