"""The watchdog: names what keeps an open run from moving, on the run and as an event, within twice the deadline."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from adapters.database.items import ItemRepository
from adapters.database.limit_records import LimitRepository
from adapters.database.run_watch import QuietRun, RunWatch
from adapters.database.runs import RunRepository
from core.runs import ENDED, Run
from core.stalls import Stall
from workflows.children import agent_workflow_id
from workflows.watch.diagnosis import Circumstances, Found, of_run, of_workers

ANSWER: Final = timedelta(seconds=2)
AWAY: Final = Found("temporal", "Temporal does not answer, so no step of it can begin.")

logger = structlog.get_logger(__name__)


class Watchdog:
    def __init__(
        self,
        *,
        client: Client,
        watch: RunWatch,
        runs: RunRepository,
        items: ItemRepository,
        limits: LimitRepository,
        task_queue: str,
        deadline_s: float,
    ) -> None:
        self._client = client
        self._watch = watch
        self._runs = runs
        self._items = items
        self._limits = limits
        self._task_queue = task_queue
        self._deadline_s = deadline_s

    async def look(self) -> None:
        """Looks once at every open run; those that stood still for the deadline get a reason."""
        quiet = await self._watch.look(deadline_s=self._deadline_s)
        if not quiet:
            return
        of_all = await self._of_all()
        for run in quiet:
            found = of_all or await self._of_one(run)
            if found is None:
                continue
            stall = Stall(cause=found.cause, reason=found.reason, since=run.moved_at)
            if await self._watch.stall(run.run_id, stall):
                logger.warning("run_stalled", run_id=run.run_id, cause=found.cause, reason=found.reason)

    async def _of_all(self) -> Found | None:
        """What keeps every run from moving."""
        found = of_workers(await self._watch.workers(self._task_queue), self._task_queue, datetime.now(UTC))
        if found is not None:
            return found
        try:
            await self._client.service_client.check_health(timeout=ANSWER)
        except (RPCError, RuntimeError):
            return AWAY
        return None

    async def _of_one(self, quiet: QuietRun) -> Found | None:
        run = await self._runs.get(quiet.run_id)
        if run.status in ENDED:
            return None
        key = await self._items.key(run.project_id, run.run_id)
        return of_run(
            Circumstances(
                run=run,
                waiting=await self._items.waiting(key),
                limits=await self._limits.waiting(run.run_id),
                steps=await self._steps(run),
            )
        )

    async def _steps(self, run: Run) -> Sequence[str]:
        """What Temporal says of the steps that the run waits for."""
        workflows = [run.run_id, *(agent_workflow_id(run.run_id, number) for number in range(len(run.agents)))]
        said: list[str] = []
        for workflow_id in workflows:
            try:
                found = await self._client.get_workflow_handle(workflow_id).describe(rpc_timeout=ANSWER)
            except (RPCError, RuntimeError):
                continue
            said += [_step(pending) for pending in found.raw_description.pending_activities]
        return said[:3]


def _step(pending: Any) -> str:
    name = pending.activity_type.name
    if pending.last_failure.message:
        return f"The step {name!r} is at attempt {pending.attempt}; the last one: {pending.last_failure.message}"
    if not pending.HasField("last_started_time"):
        return f"The step {name!r} waits for a worker that has room for it."
    return f"The step {name!r} is at work."
