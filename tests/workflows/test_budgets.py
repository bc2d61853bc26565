"""Budgets: a run pauses when nothing more may be spent, says why, and goes on with more."""

import asyncio
from typing import Any

import pytest

from adapters.database.amendments import Amendments
from adapters.database.budgets import BudgetRepository
from adapters.database.engine import sessions
from core.benchmarks import BenchmarkDefinition
from core.budgets import Budget, NewBudget
from core.cases import Question, Reply, Usage
from core.ids import DEFAULT_PROJECT, new_id
from core.runs import Counts
from tests.fakes import CalculatingAgent
from tests.workflows.service import Service
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Decision
from workflows.start import start_run

CASES = 200
CONCURRENCY = 6


def priced(cents: float | None, *, seconds: float = 0.01) -> CalculatingAgent:
    def answer(question: Question) -> Reply:
        usage = Usage(input_tokens=8, output_tokens=2)
        return Reply(text=question.expected or "", usage=usage, cost_usd=None if cents is None else cents / 100)

    return CalculatingAgent(seconds=seconds, answer=answer)


async def started(service: Service, budget: dict[str, Any] | None) -> str:
    config = BenchmarkDefinition.model_validate(
        {
            "name": "sums",
            "dataset": {"source": {"kind": "inline"}},
            "agents": [{"name": "agent", "agent": {"kind": "simulated"}, "concurrency": CONCURRENCY}],
            "evaluators": [{"kind": "exact"}],
            "budget": budget,
        }
    )
    run_id = new_id("run")
    await service.runs.create(run_id, config, project_id=DEFAULT_PROJECT)
    await start_run(service.client, run_id, task_queue=service.task_queue)
    return run_id


@pytest.mark.parametrize(
    ("budget", "share"),
    [({"max_usd": 1.0}, 0.5), ({"max_tokens": 500}, 0.25), ({"max_calls": 80}, 0.4)],
    ids=["dollars", "tokens", "calls"],
)
async def test_a_spent_budget_pauses_the_run_and_a_higher_one_lets_it_go_on(
    service: Service, budget: dict[str, Any], share: float
) -> None:
    agent = priced(1)
    async with service.worker({"agent": agent}, cases=CASES):
        run_id = await started(service, budget)
        await service.until(run_id, status="paused")
        paused = await service.runs.get(run_id)
        assert "The budget of the run is spent" in (paused.error or "")
        calls = sum(agent.calls.values())
        assert share * CASES <= calls <= share * CASES + CONCURRENCY, "more was spent than was in flight"
        more = Budget.model_validate({name: 100 * limit for name, limit in budget.items()})
        await Amendments(sessions(service.engine)).retune(run_id, {}, budget=NewBudget(budget=more))
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await handle.signal(BenchmarkWorkflow.decided, Decision(kind="budget"))
        run = await service.ended(run_id)
    assert run.counts == Counts(total=CASES, answered=CASES, evaluated=CASES)
    assert set(agent.calls.values()) == {1}
    [account] = await BudgetRepository(service.engine).accounts(run_id)
    assert (round(account.spent.usd, 6), account.spent.tokens, account.spent.calls) == (2.0, 2000, CASES)


async def test_an_unknown_price_ends_the_spending_of_dollars_unless_it_may_be_ignored(service: Service) -> None:
    agent = priced(None)
    async with service.worker({"agent": agent}, cases=CASES):
        run_id = await started(service, {"max_usd": 1.0})
        await service.until(run_id, status="paused")
        assert "is not known" in ((await service.runs.get(run_id)).error or "")
        assert sum(agent.calls.values()) <= 2 * CONCURRENCY
        careless = await started(service, {"max_usd": 1.0, "unknown_price": "ignore"})
        assert (await service.ended(careless)).status == "completed"


async def test_runs_of_a_project_share_its_budget(service: Service) -> None:
    budgets = BudgetRepository(service.engine)
    before = await budgets.of_project(DEFAULT_PROJECT)
    assert before is None
    await budgets.limit_project(DEFAULT_PROJECT, Budget(max_calls=300))
    agent = priced(1)
    async with service.worker({"agent": agent}, cases=CASES):
        first = await started(service, None)
        assert (await service.ended(first)).status == "completed"
        second = await started(service, None)
        await service.until(second, status="paused")
        assert "The budget of the project is spent" in ((await service.runs.get(second)).error or "")
    assert 300 <= sum(agent.calls.values()) <= 300 + CONCURRENCY


async def test_what_a_budget_stopped_before_it_was_raised_stops_nothing_after(service: Service) -> None:
    agent = priced(1, seconds=0.7)
    async with service.worker({"agent": agent}, cases=40):
        run_id = await started(service, {"max_calls": 10})
        await service.until(run_id, status="paused")
        # Other batches still have calls in flight, and will come home with the old refusal.
        await Amendments(sessions(service.engine)).retune(run_id, {}, budget=NewBudget(budget=Budget(max_calls=1000)))
        handle = service.client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
        await handle.signal(BenchmarkWorkflow.decided, Decision(kind="budget"))
        async with asyncio.timeout(40):
            run = await service.ended(run_id)
    assert run.counts == Counts(total=40, answered=40, evaluated=40)
