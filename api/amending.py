"""Amending a run: the record first, then its workflow is told; what was recorded is done even if we die in between."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.revisions import Expected
from adapters.database.runs import RunFilter
from adapters.submission.resolution import build
from adapters.submission.validation import mistakes_of, refuse
from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation
from core.budgets import NewBudget
from core.errors import Conflict, InvalidInput, ServiceUnavailable, listed
from core.runs import ENDED, Run, RunStatus
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Concurrency, Decision, Retry
from workflows.start import start_run

AT_ONCE: Final = 200
GOING_ON_OR_PAUSED: Final[tuple[RunStatus, ...]] = ("processing", "paused")

logger = structlog.get_logger(__name__)


async def retune(
    services: Services,
    run: Run,
    wanted: Mapping[str, int] | int | None,
    budget: NewBudget | None = None,
    *,
    expected: Expected | None = None,
) -> dict[str, int]:
    """How many calls may be in flight, by agent or for each, and what may be spent; a run that waits for a budget goes
    on. Raises Conflict, InvalidInput, ServiceUnavailable."""
    names = [agent.name for agent in run.config.agents]
    concurrency = dict.fromkeys(names, wanted) if isinstance(wanted, int) else dict(wanted or {})
    for name in concurrency:
        if name not in names:
            raise InvalidInput(f"The run has no agent {name!r}; it has {listed(names)}.", pointer="/concurrency")
    if run.status in ENDED:
        raise Conflict(f"The run is {run.status}; its concurrency and its budget can be changed until it ends.")
    await services.amendments.retune(run.run_id, concurrency, budget=budget, expected=expected)
    workflow = services.temporal.get_workflow_handle_for(BenchmarkWorkflow.run, run.run_id)
    try:
        if concurrency:
            numbers = {names.index(name): number for name, number in concurrency.items()}
            await workflow.signal(BenchmarkWorkflow.retune, Concurrency(agents=numbers))
        if budget is not None:
            await workflow.signal(BenchmarkWorkflow.decided, Decision(kind="budget"))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise ServiceUnavailable(f"Temporal does not take the change now: {error.message}; repeat it.") from error
        # It was not started yet, and will read the record.
    except RuntimeError as error:
        raise ServiceUnavailable(f"Temporal does not answer: {error}; repeat the change.") from error
    return concurrency


async def release_waiting(services: Services, project_id: str) -> None:
    """Has the project's runs that wait for a budget look again; whoever cannot be told now can still be resumed.

    Those that go on are told, too, and first: one that is about to pause is not on record as paused yet.
    """
    for status in GOING_ON_OR_PAUSED:
        after: tuple[datetime, str] | None = None
        narrow = RunFilter(status=status)
        while page := await services.runs.page(project_id=project_id, limit=AT_ONCE, after=after, narrow=narrow):
            for run in page:
                await _tell_of_budget(services, run.run_id)
            after = page[-1].created_at, page[-1].run_id


async def _tell_of_budget(services: Services, run_id: str) -> None:
    workflow = services.temporal.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
    try:
        await workflow.signal(BenchmarkWorkflow.decided, Decision(kind="budget"))
    except (RPCError, RuntimeError) as error:
        logger.warning("budget_not_told", run_id=run_id, error=str(error))


async def extend(
    services: Services, run: Run, *, trials: int | None, agents: tuple[AgentSpec, ...], expected: Expected | None = None
) -> None:
    """Asks more of the same run. Raises InvalidRequest, Conflict."""
    trials = run.config.trials if trials is None else trials
    if trials < run.config.trials:
        raise InvalidInput(f"The run has {run.config.trials} trials already; trials can be added.", pointer="/trials")
    if trials == run.config.trials and not agents:
        raise InvalidInput("Nothing would change; say more `trials`, or `agents` to add.", pointer="")
    wanted = build({**run.config.model_dump(), "trials": trials, "agents": (*run.config.agents, *agents)})
    refuse(await _new_mistakes(services, run, wanted))
    number = await services.amendments.extend(run.run_id, trials=trials, agents=agents, expected=expected)
    await _start_round(services, run.run_id, number)


async def rescore(
    services: Services, run: Run, evaluators: tuple[Evaluation, ...], *, expected: Expected | None = None
) -> None:
    """Has the stored answers judged by these evaluators; nobody is asked. Raises InvalidRequest, Conflict."""
    wanted = build({**run.config.model_dump(), "evaluators": [each.model_dump() for each in evaluators]})
    refuse(await _new_mistakes(services, run, wanted))
    number = await services.amendments.rescore(run.run_id, wanted.evaluators, expected=expected)
    await _start_round(services, run.run_id, number)


async def _new_mistakes(services: Services, run: Run, wanted: BenchmarkDefinition) -> list[InvalidInput]:
    """Mistakes of what is new: that a dataset is gone, say, keeps nobody from judging answers that are there."""
    found = await mistakes_of(wanted, services, run.project_id)
    new_agents = len(run.config.agents)
    return [
        mistake
        for mistake in found
        if mistake.pointer.startswith("/evaluators") or _agent_number(mistake.pointer) >= new_agents
    ]


def _agent_number(pointer: str) -> int:
    parts = pointer.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[1] == "agents" and parts[2].isdigit() else -1


async def _start_round(services: Services, run_id: str, number: int) -> None:
    try:
        await start_run(services.temporal, run_id, task_queue=services.settings.task_queue, retry=Retry(round=number))
    except (RPCError, RuntimeError) as error:
        logger.warning("round_start_left_to_reconciler", run_id=run_id, error=str(error))
