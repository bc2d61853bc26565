"""The reconciler: brings the record of open runs and Temporal together again, outside of the workflows.

A run whose start was lost is started; a run whose workflow was terminated, or failed on its own, is closed with
the reason. Both are told as stalls: a run has lost its workflow.
"""

from datetime import timedelta

import structlog
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.run_watch import RunWatch
from adapters.database.runs import OpenRun, RunRepository
from core.runs import RunStatus
from core.stalls import Stall
from workflows.start import start_run

QUIET_S = 3.0
"""Runs touched more recently are left alone: their start, or their end, may be on its way."""
ANSWER = timedelta(seconds=2)
"""For each question to Temporal."""
LOST = (
    "Its workflow was not started: the process that accepted it ended first, or Temporal was away. "
    "It is started as soon as Temporal answers."
)

logger = structlog.get_logger(__name__)

RUNNING = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
ENDINGS: dict[WorkflowExecutionStatus, tuple[RunStatus, str]] = {
    WorkflowExecutionStatus.TERMINATED: ("cancelled", "The run's workflow was terminated in Temporal."),
    WorkflowExecutionStatus.CANCELED: ("cancelled", "The run's workflow was cancelled in Temporal."),
    WorkflowExecutionStatus.FAILED: ("failed", "The run's workflow failed; its history in the Temporal UI says why."),
    WorkflowExecutionStatus.TIMED_OUT: ("failed", "The run's workflow ran out of time."),
    WorkflowExecutionStatus.COMPLETED: ("failed", "The run's workflow ended without recording its end."),
}


class Reconciler:
    def __init__(self, *, client: Client, runs: RunRepository, watch: RunWatch, task_queue: str) -> None:
        self._client = client
        self._runs = runs
        self._watch = watch
        self._task_queue = task_queue

    async def reconcile(self) -> None:
        """Looks once after every open run that was not touched lately."""
        for run in await self._runs.open_runs(quiet_s=QUIET_S):
            try:
                await self._reconcile_run(run)
            except (RPCError, RuntimeError) as error:
                # The whole of Temporal is away, not this run's workflow.
                logger.warning("reconciling_waits", run_id=run.run_id, error=str(error))
                return

    async def _reconcile_run(self, run: OpenRun) -> None:
        found = await self._describe(run.run_id)
        if found is not None and found.status in RUNNING:
            return
        ended_since = found is not None and found.close_time is not None and found.close_time >= run.updated_at
        if found is None or found.status is None or (run.status == "queued" and not ended_since):
            # The record was written, the start never came through: a crash in between, or Temporal was away.
            logger.warning("run_started_late", run_id=run.run_id)
            await self._watch.stall(run.run_id, Stall(cause="lost_start", reason=LOST, since=run.updated_at))
            await start_run(self._client, run.run_id, task_queue=self._task_queue)
            return
        ending, reason = ENDINGS[found.status]
        logger.warning("run_closed_by_reconciler", run_id=run.run_id, status=ending, reason=reason)
        stall = Stall(cause="terminated", reason=reason, since=found.close_time or run.updated_at)
        await self._runs.note(run.run_id, ending, reason, unchanged_since=run.updated_at, stalled=stall)

    async def _describe(self, run_id: str) -> WorkflowExecutionDescription | None:
        try:
            return await self._client.get_workflow_handle(run_id).describe(rpc_timeout=ANSWER)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return None
