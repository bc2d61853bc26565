"""Steering at awkward moments: a wish that arrives early, late or twice is neither lost nor paid for twice."""

import asyncio
from dataclasses import dataclass

from core.cases import Question, Reply
from core.errors import AgentRefused, TimedOut
from core.runs import Counts
from tests.fakes import CalculatingAgent, MemoryStorage
from tests.workflows.service import Service
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Phase, Retry
from workflows.start import start_run


@dataclass
class SlowStorage(MemoryStorage):
    """Keeps a run aggregating for long enough to steer it meanwhile."""

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None:
        await asyncio.sleep(1.5)
        await super().put(key, content, media_type=media_type)


async def reached(service: Service, run_id: str, phase: Phase) -> None:
    handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
    while True:
        if (await handle.query(BenchmarkWorkflow.progress)).phase == phase:
            return
        await asyncio.sleep(0.02)


async def retried(service: Service, run_id: str) -> None:
    retry = Retry(round=await service.runs.next_round(run_id))
    await start_run(service.client, run_id, task_queue=service.task_queue, retry=retry)


async def test_a_retry_that_comes_while_figures_are_made_is_not_lost(service: Service) -> None:
    service.storage = SlowStorage()
    broken = True

    def answer(question: Question) -> Reply | BaseException:
        return AgentRefused("Not today.") if broken else Reply(text=question.expected or "")

    agent = CalculatingAgent(answer=answer)
    async with service.worker({"agent": agent}, cases=20):
        run_id = await service.submit("agent")
        await reached(service, run_id, "aggregating")
        broken = False
        await retried(service, run_id)
        run = await service.ended(run_id)
    assert (run.status, run.round) == ("completed", 2)
    assert run.counts == Counts(total=20, answered=20, evaluated=20)


async def test_a_retry_after_a_cancellation_goes_on_with_the_rest(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.05)
    async with service.worker({"agent": agent}, cases=200):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=10)
        await service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id).signal(BenchmarkWorkflow.cancel)
        await retried(service, run_id)
        run = await service.ended(run_id)
    assert run.status == "completed"
    assert run.counts == Counts(total=200, answered=200, evaluated=200)
    assert set(agent.calls.values()) == {1}


async def test_cancelling_in_the_temporal_ui_while_figures_are_made_leaves_a_cancelled_run_with_figures(
    service: Service,
) -> None:
    service.storage = SlowStorage()
    async with service.worker({"agent": CalculatingAgent()}, cases=20):
        run_id = await service.submit("agent")
        await reached(service, run_id, "aggregating")
        await service.client.get_workflow_handle(run_id).cancel()
        run = await service.ended(run_id)
    assert (run.status, run.error) == ("cancelled", None)
    assert run.agents[0].metrics is not None


async def test_a_run_paused_and_resumed_before_its_first_step_is_not_called_paused(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.2)
    run_id = await service.submit("agent")
    handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
    await handle.signal(BenchmarkWorkflow.pause)
    async with service.worker({"agent": agent}, cases=100):
        await service.until(run_id, status="paused")
        await handle.signal(BenchmarkWorkflow.resume)
        await handle.signal(BenchmarkWorkflow.pause)
        await handle.signal(BenchmarkWorkflow.resume)
        await service.until(run_id, settled=10)
        assert (await service.runs.get(run_id)).status == "processing"
        run = await service.ended(run_id)
    assert run.counts == Counts(total=100, answered=100, evaluated=100)


async def test_a_run_reset_while_agents_are_asked_buys_nothing_again(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.05)
    async with service.worker({"agent": agent}, cases=200):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        await service.reset(run_id)
        run = await service.ended(run_id)
    assert run.status == "completed", run.error
    assert run.counts == Counts(total=200, answered=200, evaluated=200)
    assert set(agent.calls.values()) == {1}


async def test_retrying_the_hard_cases_does_not_condemn_an_agent_that_answered_the_rest(service: Service) -> None:
    def answer(question: Question) -> Reply | BaseException:
        hard = int(question.case_id.removeprefix("sum-")) % 2 == 0
        return TimedOut("No complete answer within 1 s.") if hard else Reply(text=question.expected or "")

    async with service.worker({"agent": CalculatingAgent(answer=answer)}, cases=400):
        run_id = await service.submit("agent", concurrency=100, max_attempts=1)
        assert (await service.ended(run_id)).status == "completed"
        await retried(service, run_id)
        run = await service.ended(run_id)
    assert run.status == "completed", run.error
    assert run.counts == Counts(total=400, answered=200, failed=200, evaluated=200)


async def test_an_answer_that_cannot_be_stored_costs_only_itself(service: Service) -> None:
    def answer(question: Question) -> Reply | BaseException:
        match question.case_id:
            case "sum-3":
                return Reply(text="12", metadata={"seed": 2**70})
            case "sum-4":
                return ValueError("It holds \x00.")
            case _:
                return Reply(text=question.expected or "")

    agent = CalculatingAgent(answer=answer)
    async with service.worker({"agent": agent}, cases=20):
        run = await service.ended(await service.submit("agent"))
    assert run.status == "completed"
    assert run.counts == Counts(total=20, answered=18, failed=2, evaluated=18)
    assert set(agent.calls.values()) == {1}


async def test_a_run_cancelled_while_it_is_paused_judges_every_answer(service: Service) -> None:
    async with service.worker({"agent": CalculatingAgent(seconds=0.02)}, cases=500):
        run_id = await service.submit("agent")
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await service.until(run_id, settled=40)
        await handle.signal(BenchmarkWorkflow.pause)
        await service.until(run_id, status="paused")
        await asyncio.sleep(0.5)
        await handle.signal(BenchmarkWorkflow.cancel)
        run = await service.ended(run_id)
    assert run.status == "cancelled"
    assert 40 <= run.counts.evaluated == run.counts.answered < 500
