"""From a definition to a run that is recorded and on its way. Once it is recorded, it will run."""

import asyncio

import structlog
from temporalio.service import RPCError

from api.services import Services
from core.benchmarks import BenchmarkDefinition
from core.runs import Run
from workflows.start import start_run

START_S = 2.0
"""How long the start may keep the caller of an accepted run waiting; the reconciler starts what was not started."""

logger = structlog.get_logger(__name__)


async def accept(
    services: Services,
    definition: BenchmarkDefinition,
    *,
    run_id: str,
    project_id: str,
    forked_from: str | None = None,
) -> Run:
    """Records the run, then starts it if Temporal is there."""
    run = await services.runs.create(run_id, definition, project_id=project_id, forked_from=forked_from)
    try:
        async with asyncio.timeout(START_S):
            await start_run(services.temporal, run_id, task_queue=services.settings.task_queue)
    except (RPCError, RuntimeError, TimeoutError) as error:
        logger.warning("run_start_left_to_reconciler", run_id=run_id, error=str(error) or type(error).__name__)
    return run
