"""The watch over deliveries: events become deliveries, and every delivery has a workflow that brings it.

Where each webhook stands in the outbox is in the record, so whoever looks next goes on from there: nothing is left out,
and nothing is made twice. A process that dies before it has started a workflow leaves that to the next look.
"""

import asyncio
import time
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from adapters.database.delivery_watch import DeliveryWatchRepository, Due
from workflows.delivery import DeliveryInput, DeliveryWorkflow

AT_ONCE: Final = 10
"""Workflows that are started side by side."""
TIDY_S: Final = 600.0

logger = structlog.get_logger(__name__)


class DeliveryWatch:
    def __init__(self, *, client: Client, watch: DeliveryWatchRepository, task_queue: str) -> None:
        self._client = client
        self._watch = watch
        self._task_queue = task_queue
        self._tidied = 0.0

    async def look(self) -> None:
        """Takes what happened since the last look, and has everything that is due delivered."""
        for webhook_id in await self._watch.behind():
            await self._watch.take(webhook_id)
        if time.monotonic() - self._tidied > TIDY_S:
            await self._watch.tidy()
            self._tidied = time.monotonic()
        due = await self._watch.due()
        for first in range(0, len(due), AT_ONCE):
            part = due[first : first + AT_ONCE]
            async with asyncio.TaskGroup() as group:
                starts = {each.delivery_id: group.create_task(self._started(each)) for each in part}
            await self._watch.mark_told([each for each in part if starts[each.delivery_id].result()])
            if not all(start.result() for start in starts.values()):
                # The whole of Temporal is away, as a rule: what was not started is due at the next look.
                return

    async def _started(self, due: Due) -> bool:
        try:
            await self._start(due)
        except (RPCError, RuntimeError) as error:
            logger.warning("delivery_waits", delivery_id=due.delivery_id, error=str(error))
            return False
        return True

    async def _start(self, due: Due) -> None:
        """One that runs is told to try at once; one that has ended runs again."""
        await self._client.start_workflow(
            DeliveryWorkflow.run,
            DeliveryInput(delivery_id=due.delivery_id, title=due.title),
            id=due.delivery_id,
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Webhook: {due.title}",
            start_signal="hurry",
        )
