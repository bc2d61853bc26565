"""The lives a run can have, lived once each: their histories are recorded, and replayed by every later version.

`python -m tests.workflows.scenarios` records those of this code into tests/histories/: nobody's run depends on what was
never released, so they may be recorded anew whenever a workflow's shape changes. `make histories RELEASE=0.2.0` adds
those of a release in a folder of its own: they are never touched again, and what does not replay them needs
`workflow.patched`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console

from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions, process_environment
from core.cases import Question, Reply
from core.errors import AgentRefused, AgentUnusable
from core.ids import new_id
from tests.fakes import CalculatingAgent
from tests.workflows.service import Service, opened
from workflows.benchmark import BenchmarkWorkflow
from workflows.delivery import DeliveryInput, DeliveryWorkflow
from workflows.messages import Retry
from workflows.scheduled import ScheduledInput, ScheduledRunWorkflow
from workflows.start import start_run

HISTORIES = Path(__file__).parent.parent / "histories"
Scenario = Callable[[Service], Awaitable[str]]
"""Lives through a run and returns its id."""


async def completed(service: Service) -> str:
    async with service.worker({"one": CalculatingAgent(), "two": CalculatingAgent()}, cases=90):
        run_id = await service.submit("one", "two", trials=2)
        await service.ended(run_id)
    return run_id


async def paused_and_resumed(service: Service) -> str:
    async with service.worker({"agent": CalculatingAgent(seconds=0.02)}, cases=300):
        run_id = await service.submit("agent")
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await service.until(run_id, settled=20)
        await handle.signal(BenchmarkWorkflow.pause)
        await service.until(run_id, status="paused")
        await asyncio.sleep(1)
        await handle.signal(BenchmarkWorkflow.resume)
        await service.ended(run_id)
    return run_id


async def cancelled(service: Service) -> str:
    async with service.worker({"agent": CalculatingAgent(seconds=0.02)}, cases=2000):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        await service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id).signal(BenchmarkWorkflow.cancel)
        await service.ended(run_id)
    return run_id


async def failed(service: Service) -> str:
    agent = CalculatingAgent(answer=lambda question: AgentUnusable("There is no such model."))
    async with service.worker({"agent": agent}, cases=50):
        run_id = await service.submit("agent")
        await service.ended(run_id)
    return run_id


async def retried(service: Service) -> str:
    broken = True

    def answer(question: Question) -> Reply | BaseException:
        if broken and question.case_id.endswith("3"):
            return AgentRefused("Not today.")
        return Reply(text=question.expected or "")

    async with service.worker({"agent": CalculatingAgent(answer=answer)}, cases=100):
        run_id = await service.submit("agent")
        await service.ended(run_id)
        broken = False
        retry = Retry(round=await service.runs.next_round(run_id))
        await start_run(service.client, run_id, task_queue=service.task_queue, retry=retry)
        await service.ended(run_id)
    return run_id


async def scheduled(service: Service) -> str:
    """A time of a schedule: the id is that of the workflow that awaits the run."""
    workflow_id = new_id("sched")
    async with service.worker({"agent": CalculatingAgent()}, cases=50):
        await service.client.execute_workflow(
            ScheduledRunWorkflow.run,
            ScheduledInput(schedule_id=workflow_id, name="nightly"),
            id=workflow_id,
            task_queue=service.task_queue,
        )
    return workflow_id


async def delivered(service: Service) -> str:
    """A delivery that succeeds at its third attempt: the id is that of its workflow."""
    delivery_id = new_id("msg")
    service.failing = 2
    async with service.worker({}, cases=0):
        await service.client.execute_workflow(
            DeliveryWorkflow.run,
            DeliveryInput(delivery_id=delivery_id, title="run.completed to https://hooks.example.com"),
            id=delivery_id,
            task_queue=service.task_queue,
            start_signal="hurry",
        )
    return delivery_id


SCENARIOS: tuple[Scenario, ...] = (completed, paused_and_resumed, cancelled, failed, retried)


async def record(service: Service, folder: Path) -> None:
    """Writes the histories of every scenario's run and of its agents, of a scheduled one, and of a delivery."""
    for scenario in SCENARIOS:
        run_id = await scenario(service)
        for name, workflow_id in ((scenario.__name__, run_id), (f"{scenario.__name__}.agent", f"{run_id}/0")):
            await write(service, workflow_id, folder / f"{name}.json")
    await write(service, await scheduled(service), folder / "scheduled.json")
    await write(service, await delivered(service), folder / "delivered.json")


async def write(service: Service, workflow_id: str, place: Path) -> None:
    history = await service.client.get_workflow_handle(workflow_id).fetch_history()
    told = json.dumps(_impersonal(json.loads(history.to_json())), indent=1)
    await asyncio.to_thread(place.write_text, told)
    sys.stdout.write(f"{place.stem}: {len(history.events)} events\n")


def _impersonal(value: JsonValue) -> JsonValue:
    """Without what tells of the machine it was recorded on."""
    if isinstance(value, dict):
        return {key: _impersonal(each) for key, each in value.items() if key not in ("identity", "stackTrace")}
    return [_impersonal(each) for each in value] if isinstance(value, list) else value


def folder_of(release: str | None) -> Path:
    """Where the histories of a release belong, or those of this code. Exits for a release that this code is not, or
    that is recorded already: those histories are promises."""
    if release is None:
        return HISTORIES
    if release != version("ai-benchmark-service"):
        sys.exit(f"This code is {version('ai-benchmark-service')}, not {release}; record a release from its own code.")
    if (HISTORIES / release).exists():
        sys.exit(f"The histories of {release} are recorded; what a release did does not change any more.")
    return HISTORIES / release


async def _record_on(stack: Stack, folder: Path) -> int:
    environment = process_environment(stack.addresses, stack.folder, {})
    async with opened(
        environment["DATABASE_URL"],
        temporal_address=stack.addresses.temporal_address,
        temporal_namespace=stack.addresses.temporal_namespace,
    ) as service:
        await record(service, folder)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", metavar="VERSION", help="record them for good, as those of this release")
    folder = folder_of(parser.parse_args().release)
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        options, work = StackOptions(data=Path(data) / "data"), partial(_record_on, folder=folder)
        sys.exit(asyncio.run(run_stack(options, work, console=Console())))


if __name__ == "__main__":
    main()
