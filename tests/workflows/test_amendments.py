"""Runs that are changed after they were accepted: other figures, more work, other evaluators, forks."""

import asyncio

import pytest
from sqlalchemy import text

from adapters.database.amendments import Amendments
from adapters.database.engine import sessions
from adapters.database.revisions import Expected
from core.benchmarks import AgentSpec, Evaluation
from core.cases import Question, Reply
from core.errors import AgentRefused, Conflict, StaleRevision
from core.ids import DEFAULT_PROJECT, new_id
from core.plugins import PluginSpec
from core.runs import Counts
from tests.fakes import CalculatingAgent
from tests.workflows.service import Service
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Concurrency, Retry
from workflows.start import start_run


@pytest.fixture
def amendments(service: Service) -> Amendments:
    return Amendments(sessions(service.engine))


async def another_round(service: Service, run_id: str, number: int) -> None:
    await start_run(service.client, run_id, task_queue=service.task_queue, retry=Retry(round=number))


async def test_another_concurrency_takes_effect_while_the_run_goes_on(service: Service) -> None:
    agent = CalculatingAgent(seconds=0.05)
    async with service.worker({"agent": agent}, cases=240):
        run_id = await service.submit("agent", concurrency=2)
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await service.until(run_id, settled=10)
        assert agent.most_in_flight <= 2
        await handle.signal(BenchmarkWorkflow.retune, Concurrency(agents={0: 12}))
        await service.until(run_id, settled=120)
        assert 8 < agent.most_in_flight <= 12
        await handle.signal(BenchmarkWorkflow.retune, Concurrency(agents={0: 1}))
        await asyncio.sleep(1)
        agent.most_in_flight = 0
        await asyncio.sleep(0.5)
        assert agent.most_in_flight == 1
        await handle.signal(BenchmarkWorkflow.retune, Concurrency(agents={0: 20}))
        run = await service.ended(run_id)
    assert run.counts == Counts(total=240, answered=240, evaluated=240)
    assert set(agent.calls.values()) == {1}, "a change of figures bought an answer twice"


async def test_more_trials_and_agents_ask_only_what_is_new(service: Service, amendments: Amendments) -> None:
    agent, late = CalculatingAgent(), CalculatingAgent()
    async with service.worker({"agent": agent, "late": late}, cases=30):
        run_id = await service.submit("agent")
        await service.ended(run_id)
        spec = AgentSpec(name="late", agent=PluginSpec(kind="simulated"))
        await another_round(service, run_id, await amendments.extend(run_id, trials=3, agents=[spec]))
        run = await service.ended(run_id)
    assert (run.status, run.revision, run.config.trials) == ("completed", 2, 3)
    assert [each.counts for each in run.agents] == [Counts(total=90, answered=90, evaluated=90)] * 2
    assert len(agent.calls) == len(late.calls) == 90
    assert set(agent.calls.values()) | set(late.calls.values()) == {1}


async def test_scoring_anew_asks_nobody_and_keeps_the_old_scores(service: Service, amendments: Amendments) -> None:
    def answer(question: Question) -> Reply | BaseException:
        return AgentRefused("Never.") if question.case_id == "sum-3" else Reply(text=question.expected or "")

    agent = CalculatingAgent(answer=answer)
    async with service.worker({"agent": agent}, cases=40):
        run_id = await service.submit("agent")
        await service.ended(run_id)
        asked = sum(agent.calls.values())
        other = Evaluation(kind="exact", name="strict")
        await another_round(service, run_id, await amendments.rescore(run_id, [other]))
        run = await service.ended(run_id)
    assert sum(agent.calls.values()) == asked == 40
    assert run.counts == Counts(total=40, answered=39, failed=1, evaluated=39)
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert [score.evaluator for score in metrics.scores] == ["strict"]
    async with service.engine.connect() as connection:
        rows = await connection.execute(text("select evaluator, count(*) from scores group by 1 order by 1"))
        assert [tuple(row) for row in rows] == [("exact", 39), ("strict", 39)]


async def test_scoring_anew_leaves_the_run_as_it_had_ended(service: Service, amendments: Amendments) -> None:
    agent = CalculatingAgent(seconds=0.02)
    async with service.worker({"agent": agent}, cases=400):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=20)
        await service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id).signal(BenchmarkWorkflow.cancel)
        before = await service.ended(run_id)
        await another_round(service, run_id, await amendments.rescore(run_id, before.config.evaluators))
        after = await service.ended(run_id)
    assert (before.status, after.status) == ("cancelled", "cancelled")
    assert after.counts == before.counts


async def test_a_running_run_is_not_scored_anew(service: Service, amendments: Amendments) -> None:
    async with service.worker({"agent": CalculatingAgent(seconds=0.05)}, cases=40):
        run_id = await service.submit("agent")
        await service.until(run_id, settled=1)
        with pytest.raises(Conflict, match="once it has ended"):
            await amendments.rescore(run_id, [Evaluation(kind="exact")])
        await service.ended(run_id)


async def test_a_change_to_another_revision_than_the_known_one_is_refused(
    service: Service, amendments: Amendments
) -> None:
    async with service.worker({"agent": CalculatingAgent()}, cases=5):
        run_id = await service.submit("agent")
        await service.ended(run_id)
        await amendments.retune(run_id, {"agent": 3}, expected=Expected(1))
        with pytest.raises(StaleRevision, match="revision 2 by now, not 1"):
            await amendments.retune(run_id, {"agent": 4}, expected=Expected(1))
        assert (await service.runs.get(run_id)).config.agents[0].concurrency == 3


async def test_a_fork_takes_over_what_was_answered_and_asks_the_rest(service: Service) -> None:
    agent = CalculatingAgent()
    async with service.worker({"agent": agent}, cases=50):
        origin = await service.submit("agent", trials=2)
        config = (await service.ended(origin)).config.model_copy(update={"trials": 3})
        fork = new_id("run")
        await service.runs.create(fork, config, project_id=DEFAULT_PROJECT, forked_from=origin)
        await start_run(service.client, fork, task_queue=service.task_queue)
        run = await service.ended(fork)
        untouched = await service.runs.get(origin)
    assert run.counts == Counts(total=150, answered=150, evaluated=150)
    assert run.agents[0].metrics is not None
    assert run.agents[0].metrics.answered == 150
    assert len(agent.calls) == 150
    assert set(agent.calls.values()) == {1}
    assert untouched.counts == Counts(total=100, answered=100, evaluated=100)


async def test_a_fork_takes_no_verdict_on_an_answer_it_did_not_take(service: Service, amendments: Amendments) -> None:
    """The origin goes on after the fork was made: its later verdicts are about answers of its own."""
    wrong = CalculatingAgent(seconds=0.03, answer=lambda question: Reply(text="no idea"))
    async with service.worker({"agent": wrong}, cases=60):
        origin = await service.submit("agent", concurrency=2)
        await service.until(origin, settled=10)
        config = (await service.runs.get(origin)).config
        other = config.model_copy(update={"evaluators": (Evaluation(kind="exact", name="other"),)})
        fork = new_id("run")
        await service.runs.create(fork, other, project_id=DEFAULT_PROJECT, forked_from=origin)
        await start_run(service.client, fork, task_queue=service.task_queue)
        await asyncio.gather(service.ended(origin), service.ended(fork))
        taken = 120 - sum(wrong.calls.values())
        await another_round(service, fork, await amendments.rescore(fork, config.evaluators))
        run = await service.ended(fork)
        assert 10 <= taken < 60
        assert run.counts == Counts(total=60, answered=60, evaluated=60)
        async with service.engine.connect() as connection:
            query = "select count(distinct scored_at) from scores join runs using (run_no) where run_id = :fork"
            judged = await connection.execute(text(f"{query} and evaluator = 'exact'"), {"fork": fork})
            assert (judged.scalar() or 0) >= 2, "verdicts on the fork's own answers were taken from the origin"
