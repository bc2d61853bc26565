"""Steering a run that is on its way: each action, the states that allow it, and the signal it sends."""

from typing import Final, Literal

import structlog
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.revisions import Expected
from api.live import live
from api.revisions import refuse_other
from api.services import Services
from core.errors import Conflict, ServiceUnavailable, listed
from core.runs import ENDED, Run, RunStatus
from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Retry, RunOutcome
from workflows.start import start_run

Action = Literal["cancel", "pause", "resume", "retry"]
ALLOWED: Final[dict[Action, frozenset[RunStatus]]] = {
    "cancel": frozenset({"queued", "processing", "paused"}),
    "pause": frozenset({"queued", "processing"}),
    "resume": frozenset({"paused"}),
    "retry": frozenset({"processing", "paused", *ENDED}),
}
Handle = WorkflowHandle[BenchmarkWorkflow, RunOutcome]

logger = structlog.get_logger(__name__)


async def steer(services: Services, run: Run, action: Action, *, expected: Expected | None = None) -> Run:
    """Has the action done; the run may take a moment to follow. Raises StaleRevision, Conflict, ServiceUnavailable."""
    if action != "retry":
        refuse_other(run.revision, expected)
    run = await live(run, services.temporal)
    if run.status not in ALLOWED[action]:
        raise Conflict(f"The run is {run.status}; {action} is possible while a run is {listed(list(ALLOWED[action]))}.")
    if action == "retry" and not _has_something_to_retry(run):
        raise Conflict(f"No question of this run has failed: there is nothing to ask again; it is {run.status}.")
    if action == "resume" and (spent := await _spent_budget(services, run)) is not None:
        raise Conflict(f"{spent} Resumed now, the run would pause at once.")
    try:
        if action == "retry":
            await _retry(services, run, expected)
        else:
            await _signal(services, run, action)
    except RPCError as error:
        raise ServiceUnavailable(f"Temporal does not take the {action} now: {error.message}.") from error
    except RuntimeError as error:
        raise ServiceUnavailable(f"Temporal does not answer: {error}.") from error
    return await services.runs.get(run.run_id)


def _has_something_to_retry(run: Run) -> bool:
    if run.counts.failed or run.status in ("failed", "cancelled"):
        return True
    # An agent that was given up has questions that nobody asked; an unscored answer may be judged at another attempt.
    return any(agent.status == "failed" or (agent.metrics and agent.metrics.unscored) for agent in run.agents)


async def _spent_budget(services: Services, run: Run) -> str | None:
    """Why nothing more may be spent on the run; None while something may."""
    accounts = await services.budgets.accounts(run.run_id)
    return next((refusal for account in accounts if (refusal := account.refusal) is not None), None)


async def _retry(services: Services, run: Run, expected: Expected | None) -> None:
    # The record first: a run whose round is raised is started by the reconciler if we die before the signal.
    wanted = Retry(round=await services.runs.next_round(run.run_id, expected=expected))
    await start_run(services.temporal, run.run_id, task_queue=services.settings.task_queue, retry=wanted)


async def _signal(services: Services, run: Run, action: Action) -> None:
    workflow = services.temporal.get_workflow_handle_for(BenchmarkWorkflow.run, run.run_id)
    signals = {
        "cancel": BenchmarkWorkflow.cancel,
        "pause": BenchmarkWorkflow.pause,
        "resume": BenchmarkWorkflow.resume,
    }
    try:
        await workflow.signal(signals[action])
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        await _without_workflow(services, run, action)


async def _without_workflow(services: Services, run: Run, action: Action) -> None:
    """The run's workflow was not started yet, or has just ended."""
    if run.status == "queued" and action in ("cancel", "pause"):
        # Started with the wish, it does nothing before it knows of it; whoever is about to start it finds it started.
        await start_run(services.temporal, run.run_id, task_queue=services.settings.task_queue, steered=action)
        if action == "cancel":
            await services.runs.note(run.run_id, "cancelled", "Cancelled before it was started.")
        return
    raise Conflict(f"The run has no workflow at work, so it cannot {action}: it is about to start or has just ended.")
