"""The reconciler: brings the record of open runs and Temporal together again, outside of the workflows.

A run whose start was lost is started; a run whose workflow was terminated, or failed on its own, is closed with
the reason. One process at a time does it.
"""

import asyncio

import structlog
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.leader import Leadership
from adapters.database.runs import OpenRun, RunRepository
from core.runs import RunStatus
from workflows.start import start_run

INTERVAL_S = 2.0
QUIET_S = 3.0
"""Runs touched more recently are left alone: their start, or their end, may be on its way."""

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
    def __init__(self, *, client: Client, runs: RunRepository, leadership: Leadership, task_queue: str) -> None:
        self._client = client
        self._runs = runs
        self._leadership = leadership
        self._task_queue = task_queue

    async def run(self) -> None:
        """Until cancelled. Trouble is logged and tried again: this is the part that must not give up."""
        while True:
            try:
                async with self._leadership.held() as leading:
                    if leading:
                        await self.reconcile()
            except Exception:
                logger.exception("reconciling_failed")
            await asyncio.sleep(INTERVAL_S)

    async def reconcile(self) -> None:
        """Looks once after every open run that was not touched lately."""
        for run in await self._runs.open_runs(quiet_s=QUIET_S):
            try:
                await self._reconcile_run(run)
            except RPCError as error:
                logger.warning("reconciling_waits", run_id=run.run_id, error=error.message)
                return

    async def _reconcile_run(self, run: OpenRun) -> None:
        found = await self._describe(run.run_id)
        if found is not None and found.status in RUNNING:
            return
        ended_since = found is not None and found.close_time is not None and found.close_time >= run.updated_at
        if found is None or found.status is None or (run.status == "queued" and not ended_since):
            # The record was written, the start never came through: a crash in between, or Temporal was away.
            logger.warning("run_started_late", run_id=run.run_id)
            await start_run(self._client, run.run_id, task_queue=self._task_queue)
            return
        ending, reason = ENDINGS[found.status]
        logger.warning("run_closed_by_reconciler", run_id=run.run_id, status=ending, reason=reason)
        await self._runs.note(run.run_id, ending, reason, unchanged_since=run.updated_at)

    async def _describe(self, run_id: str) -> WorkflowExecutionDescription | None:
        try:
            return await self._client.get_workflow_handle(run_id).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return None
