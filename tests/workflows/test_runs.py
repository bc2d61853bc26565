"""Runs from start to end: what is asked, what is recorded, and what steering does to them."""

import asyncio

from sqlalchemy import text

from core.cases import Question, Reply
from core.errors import AgentRefused, AgentUnusable, TargetRefused, Unavailable
from core.runs import Counts
from tests.fakes import CalculatingAgent
from tests.workflows.service import Service
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Retry
from workflows.start import start_run


async def test_every_agent_answers_every_case_in_every_trial_exactly_once(service: Service) -> None:
    first, second = CalculatingAgent(), CalculatingAgent()
    async with service.worker({"first": first, "second": second}, cases=130):
        run_id = await service.submit("first", "second", trials=3)
        run = await service.ended(run_id)
    assert run.status == "completed"
    assert [agent.counts for agent in run.agents] == [Counts(total=390, answered=390, evaluated=390)] * 2
    assert len(first.calls) == 390
    assert set(first.calls.values()) == {1}
    assert first.calls == second.calls
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert metrics.accuracy is not None
    assert (metrics.accuracy.value, metrics.accuracy.n) == (1.0, 390)
    assert run.report_key in service.storage.blobs


async def test_the_agents_concurrency_is_used_and_never_exceeded(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.02)
    async with service.worker({"agent": agent}, cases=400):
        await service.ended(await service.submit("agent", concurrency=23))
    assert agent.most_in_flight == 23


async def test_failures_are_outcomes_with_a_cause_and_never_wrong_answers(service: Service) -> None:
    def answer(question: Question) -> Reply | BaseException:
        number = int(question.case_id.removeprefix("sum-"))
        if number % 10 == 3:
            return AgentRefused("The content policy forbids it.")
        return Reply(text="wrong" if number % 10 == 4 else question.expected or "")

    async with service.worker({"agent": CalculatingAgent(answer=answer)}, cases=100):
        run = await service.ended(await service.submit("agent"))
    agent = run.agents[0]
    assert agent.metrics is not None
    assert agent.metrics.accuracy is not None
    assert agent.counts == Counts(total=100, answered=90, failed=10, evaluated=90)
    assert agent.metrics.errors == {"refused": 10}
    assert agent.metrics.accuracy.value == 80 / 90
    assert agent.coverage == 0.9


async def test_a_case_that_no_question_can_be_made_of_costs_only_itself(service: Service) -> None:
    agent = CalculatingAgent()
    async with service.worker({"agent": agent}, cases=30, poisoned=frozenset({"sum-7"})):
        run = await service.ended(await service.submit("agent"))
    assert run.status == "completed"
    assert run.counts == Counts(total=30, answered=29, failed=1, evaluated=29)
    assert ("sum-7", 0) not in agent.calls


async def test_a_transient_error_is_asked_again_and_leaves_no_trace_in_the_score(service: Service) -> None:
    failed: set[str] = set()

    def answer(question: Question) -> Reply | BaseException:
        if question.case_id not in failed:
            failed.add(question.case_id)
            return Unavailable("The connection broke.")
        return Reply(text=question.expected or "")

    agent = CalculatingAgent(answer=answer)
    async with service.worker({"agent": agent}, cases=10):
        run = await service.ended(await service.submit("agent"))
    assert run.agents[0].counts == Counts(total=10, answered=10, evaluated=10)
    assert run.agents[0].metrics is not None
    assert run.agents[0].metrics.retried_calls == 10


async def test_an_unusable_agent_fails_the_run_with_the_reason_and_without_hammering(service: Service) -> None:
    agent = CalculatingAgent(answer=lambda question: AgentUnusable("The key was rejected; set OPENAI_API_KEY."))
    async with service.worker({"agent": agent}, cases=500):
        run = await service.ended(await service.submit("agent"))
    assert run.status == "failed"
    assert run.error == "The key was rejected; set OPENAI_API_KEY."
    assert sum(agent.calls.values()) <= 80


async def test_one_unusable_agent_does_not_cost_the_others_their_result(service: Service) -> None:
    good, bad = CalculatingAgent(), CalculatingAgent(answer=lambda question: AgentUnusable("There is no such model."))
    async with service.worker({"good": good, "bad": bad}, cases=50):
        run = await service.ended(await service.submit("good", "bad"))
    assert run.status == "completed"
    assert [agent.status for agent in run.agents] == ["completed", "failed"]
    assert run.agents[1].error == "There is no such model."
    assert run.validity != "valid"


async def test_a_run_without_a_single_answer_fails_and_says_what_happened_last(service: Service) -> None:
    agent = CalculatingAgent(answer=lambda question: AgentRefused(f"{question.case_id} is not for me."))
    async with service.worker({"agent": agent}, cases=3):
        run = await service.ended(await service.submit("agent"))
    assert (run.status, run.agents[0].status, run.validity) == ("failed", "failed", "invalid")
    assert run.error is not None
    assert run.error == run.agents[0].error
    assert run.error.startswith("No question got an answer; the last of 3: sum-")
    assert run.counts == Counts(total=3, failed=3)


async def test_an_agent_that_cannot_be_had_is_given_up_on_however_small_the_batches(service: Service) -> None:
    agent = CalculatingAgent(answer=lambda question: Unavailable("The connection broke."))
    async with service.worker({"agent": agent}, cases=90):
        run = await service.ended(await service.submit("agent", concurrency=4, max_attempts=1))
    assert run.status == "failed"
    assert run.error is not None
    assert run.error.startswith("No question got an answer; the last of 1")
    assert run.error.endswith(": The connection broke.")
    assert sum(agent.calls.values()) < 60


async def test_a_forbidden_address_ends_the_run_and_leaves_no_call_in_doubt(service: Service) -> None:
    agent = CalculatingAgent(answer=lambda question: TargetRefused("10.0.0.1 is not a public address."))
    async with service.worker({"agent": agent}, cases=20):
        run = await service.ended(await service.submit("agent"))
    assert (run.status, run.error) == ("failed", "10.0.0.1 is not a public address.")
    async with service.engine.connect() as connection:
        assert (await connection.execute(text("select 1 from attempts where status = 'open'"))).all() == []


async def test_an_empty_dataset_fails_the_run_with_the_reason(service: Service) -> None:
    async with service.worker({"agent": CalculatingAgent()}, cases=0):
        run = await service.ended(await service.submit("agent"))
    assert run.status == "failed"
    assert run.error == "The dataset is empty; give it at least one row."


async def test_a_paused_run_asks_nothing_until_it_is_resumed(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.02)
    async with service.worker({"agent": agent}, cases=400):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await handle.signal(BenchmarkWorkflow.pause)
        await service.until(run_id, status="paused")
        await asyncio.sleep(1.5)
        asked = sum(agent.calls.values())
        await asyncio.sleep(0.5)
        assert sum(agent.calls.values()) == asked < 400
        await handle.signal(BenchmarkWorkflow.resume)
        run = await service.ended(run_id)
    assert run.status == "completed"
    assert run.counts == Counts(total=400, answered=400, evaluated=400)
    assert set(agent.calls.values()) == {1}


async def test_a_cancelled_run_sends_nothing_more_within_two_seconds_and_keeps_what_it_has(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.02)
    async with service.worker({"agent": agent}, cases=2000):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        await service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id).signal(BenchmarkWorkflow.cancel)
        await asyncio.sleep(2)
        asked = sum(agent.calls.values())
        run = await service.ended(run_id)
    assert run.status == "cancelled"
    assert sum(agent.calls.values()) == asked < 2000
    assert run.counts.answered == asked == run.counts.evaluated


async def test_cancelling_in_the_temporal_ui_ends_in_the_same_record(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.02)
    async with service.worker({"agent": agent}, cases=2000):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        await service.client.get_workflow_handle(run_id).cancel()
        run = await service.ended(run_id)
    assert run.status == "cancelled"
    assert run.agents[0].status == "cancelled"
    assert run.counts.answered == sum(agent.calls.values()) < 2000


async def test_a_terminated_agent_workflow_fails_that_agent_only(service: Service) -> None:
    slow, quick = CalculatingAgent(seconds=0.05), CalculatingAgent()
    async with service.worker({"slow": slow, "quick": quick}, cases=500):
        run_id = await service.submit("slow", "quick")
        await service.until(run_id, settled=520)
        await service.client.get_workflow_handle(f"{run_id}/0").terminate("enough")
        run = await service.ended(run_id)
    assert run.status == "completed"
    assert [agent.status for agent in run.agents] == ["failed", "completed"]
    assert "ended early" in (run.agents[0].error or "")


async def test_retry_asks_only_what_failed_and_replaces_its_outcome(service: Service) -> None:
    broken = True

    def answer(question: Question) -> Reply | BaseException:
        if broken and question.case_id.endswith("3"):
            return AgentRefused("Not today.")
        return Reply(text=question.expected or "")

    agent = CalculatingAgent(answer=answer)
    async with service.worker({"agent": agent}, cases=100):
        run_id = await service.submit("agent")
        assert (await service.ended(run_id)).counts.failed == 10
        broken = False
        retry = Retry(round=await service.runs.next_round(run_id))
        await start_run(service.client, run_id, task_queue=service.task_queue, retry=retry)
        run = await service.ended(run_id)
    assert run.status == "completed"
    assert run.counts == Counts(total=100, answered=100, evaluated=100)
    assert sum(agent.calls.values()) == 110
    assert run.validity == "valid"


async def test_a_reset_workflow_buys_nothing_again_and_ends_in_the_same_record(service: Service) -> None:
    agent = CalculatingAgent()
    async with service.worker({"agent": agent}, cases=60):
        run_id = await service.submit("agent")
        before = await service.ended(run_id)
        await service.reset(run_id)
        after = await service.ended(run_id)
    assert after.status == "completed"
    assert after.counts == before.counts
    assert set(agent.calls.values()) == {1}


async def test_batches_that_fill_every_slot_keep_no_other_run_from_its_steps(service: Service) -> None:
    """With one slot for batches, a slow agent holds it; the other run is prepared and shown all the same."""
    slow = CalculatingAgent(seconds=0.5)
    async with service.worker({"slow": slow, "other": CalculatingAgent()}, cases=40, batches=1):
        first = await service.submit("slow", concurrency=1)
        await service.until(first, settled=1)
        second = await service.submit("other")
        async with asyncio.timeout(3):
            await service.until(second, status="processing")
        for run_id in (first, second):
            await service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id).signal(BenchmarkWorkflow.cancel)
        assert (await service.ended(second)).status == "cancelled"
        assert (await service.ended(first)).status == "cancelled"
