"""Runs that stop asking once their question is decided."""

from core.benchmarks import BenchmarkDefinition
from core.cases import Question, Reply
from core.ids import DEFAULT_PROJECT, new_id
from core.runs import Run
from tests.fakes import CalculatingAgent
from tests.workflows.service import Service
from workflows.start import start_run

CASES = 1500


def wrong_in(every: int) -> CalculatingAgent:
    """Wrong in every so many cases."""

    def answer(question: Question) -> Reply:
        number = int(question.case_id.removeprefix("sum-"))
        return Reply(text="no idea" if number % every == 0 else question.expected or "")

    return CalculatingAgent(answer=answer)


async def run_of(service: Service, agents: dict[str, CalculatingAgent], stopping: dict[str, object]) -> Run:
    config = BenchmarkDefinition.model_validate(
        {
            "name": "sums",
            "dataset": {"source": {"kind": "inline"}, "seed": 1, "order": "drawn"},
            "agents": [{"name": name, "agent": {"kind": "simulated"}, "concurrency": 4} for name in agents],
            "evaluators": [{"kind": "exact"}],
            "stopping": stopping,
        }
    )
    run_id = new_id("run")
    async with service.worker({**agents}, cases=CASES):
        await service.runs.create(run_id, config, project_id=DEFAULT_PROJECT)
        await start_run(service.client, run_id, task_queue=service.task_queue)
        return await service.ended(run_id)


async def test_a_clear_case_is_decided_with_a_third_fewer_calls(service: Service) -> None:
    agent = wrong_in(10)
    run = await run_of(service, {"agent": agent}, {"threshold": 0.6})
    [agent_run] = run.agents
    assert run.status == "completed"
    assert agent_run.decision is not None
    assert "the accuracy is above 0.6" in agent_run.decision
    assert sum(agent.calls.values()) < 0.7 * CASES
    assert agent_run.counts.total == agent_run.counts.answered == sum(agent.calls.values())
    assert (run.validity, agent_run.coverage) == ("valid", 1.0)


async def test_what_stays_open_is_asked_to_the_end(service: Service) -> None:
    agent = wrong_in(10)
    run = await run_of(service, {"agent": agent}, {"threshold": 0.9001, "error": 0.001})
    assert sum(agent.calls.values()) == CASES
    assert run.status == "completed"


async def test_both_agents_stop_once_one_is_better(service: Service) -> None:
    good, poor = wrong_in(20), wrong_in(2)
    run = await run_of(service, {"good": good, "poor": poor}, {"rival": "poor"})
    assert run.agents[0].decision is not None
    assert "better than poor" in run.agents[0].decision
    assert sum(good.calls.values()) < 0.7 * CASES
    assert sum(poor.calls.values()) < 0.7 * CASES
