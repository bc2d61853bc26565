"""Every recorded history replays: a run that began on released code can finish on this code."""

import asyncio
import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.workflows.regrouping import swallowing
from tests.workflows.scenarios import HISTORIES, SCENARIOS
from workflows.agent import AgentWorkflow
from workflows.benchmark import BenchmarkWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.scheduled import ScheduledRunWorkflow

WORKFLOWS = [BenchmarkWorkflow, AgentWorkflow, ScheduledRunWorkflow, DeliveryWorkflow]
RECORDED = sorted(HISTORIES.rglob("*.json"))
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def test_every_scenario_is_recorded_with_its_agent() -> None:
    names = {scenario.__name__ for scenario in SCENARIOS}
    wanted = names | {f"{name}.agent" for name in names} | {"delivered", "scheduled"}
    assert {path.stem for path in HISTORIES.glob("*.json")} >= wanted


def test_every_release_has_left_its_histories() -> None:
    released = re.findall(r"^## \[(\S+)\] - \d", CHANGELOG.read_text(), re.MULTILINE)
    recorded = {folder.name for folder in HISTORIES.iterdir() if any(folder.glob("*.json"))}
    assert recorded >= set(released), "run `make histories RELEASE=...` with the code of the release"


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: str(path.relative_to(HISTORIES)))
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    recorded = await asyncio.to_thread(path.read_text)
    await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, recorded))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: str(path.relative_to(HISTORIES)))
async def test_how_many_events_come_at_once_does_not_change_what_a_workflow_does(path: Path) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    recorded = await asyncio.to_thread(path.read_text)
    for told in swallowing(recorded):
        await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, told))


def test_histories_can_be_told_in_larger_gulps() -> None:
    assert len(list(swallowing((HISTORIES / "completed.agent.json").read_text()))) > 5
