"""A run as it stands this moment: asked of its workflows, or as it was last recorded when they do not answer."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from core.runs import ENDED, Counts, Run, RunAgent, RunStatus
from workflows.agent import AgentWorkflow
from workflows.benchmark import BenchmarkWorkflow
from workflows.children import agent_workflow_id
from workflows.messages import Progress

ANSWER_S: Final = 2.0
"""For all questions together."""
WAIT: Final = timedelta(seconds=ANSWER_S)
SILENT = (RPCError, RuntimeError, TimeoutError, WorkflowQueryFailedError, WorkflowQueryRejectedError)

logger = structlog.get_logger(__name__)


async def live(run: Run, client: Client) -> Run:
    """The run with `live` true if its workflow answered. Runs that have ended are in the record."""
    if run.status in ENDED:
        return run
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _asked(run, client)
    except TimeoutError:
        return run


async def _asked(run: Run, client: Client) -> Run:
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_progress(client, run.run_id))
        counting = [
            group.create_task(_counts(client, agent_workflow_id(run.run_id, number), agent))
            for number, agent in enumerate(run.agents)
        ]
    progress = asking.result()
    if progress is None:
        return run
    agents = tuple(
        _merged(agent, progress.agents.get(agent.agent_id), counts.result())
        for agent, counts in zip(run.agents, counting, strict=True)
    )
    status = _believed(progress.status, run.status)
    error = progress.waits_for if status == "paused" else run.error
    return run.model_copy(update={"status": status, "error": error, "agents": agents, "live": True})


async def _progress(client: Client, run_id: str) -> Progress | None:
    workflow = client.get_workflow_handle_for(BenchmarkWorkflow.run, run_id)
    try:
        return await workflow.query(BenchmarkWorkflow.progress, rpc_timeout=WAIT)
    except SILENT as error:
        logger.debug("run_not_live", run_id=run_id, error=str(error) or type(error).__name__)
        return None


async def _counts(client: Client, workflow_id: str, agent: RunAgent) -> Counts | None:
    """What the agent's own workflow counts; None while it has nothing to add to the record."""
    if agent.status in ENDED:
        return None
    workflow = client.get_workflow_handle_for(AgentWorkflow.run, workflow_id)
    try:
        told = await workflow.query(AgentWorkflow.progress, rpc_timeout=WAIT)
    except SILENT:
        return None
    return Counts(total=told.total, answered=told.answered, failed=told.failed, evaluated=told.evaluated)


def _merged(agent: RunAgent, status: RunStatus | None, counts: Counts | None) -> RunAgent:
    # The workflow counts whole batches, the record single answers: whoever knows of more is right.
    newer = counts is not None and counts.answered + counts.failed > agent.counts.answered + agent.counts.failed
    status = _believed(status, agent.status)
    return agent.model_copy(update={"status": status, "counts": counts if newer else agent.counts})


def _believed(told: RunStatus | None, recorded: RunStatus) -> RunStatus:
    # An end is one when it is recorded, with its reason and its figures; whoever waits for it looks for those next.
    return recorded if told is None or told in ENDED else told
