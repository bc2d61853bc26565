"""From a definition to a run that is recorded and on its way. Once it is recorded, it will run."""

import asyncio
from typing import Literal

import structlog
from temporalio.service import RPCError

from api.services import Services
from core.benchmarks import BenchmarkDefinition
from core.errors import TimedOut
from core.model import Model
from core.runs import Run
from workflows.start import start_run

START_S = 2.0
"""How long the start may keep the caller of an accepted run waiting; the reconciler starts what was not started."""

LOADING_S = 20.0
"""How long a dry run may load cases."""

logger = structlog.get_logger(__name__)


class Estimate(Model):
    """What a run would do. Nothing was started."""

    name: str
    cases: int
    agents: int
    trials: int
    calls: int
    """`cases x agents x trials`, retries not counted."""
    dry_run: Literal[True] = True


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


async def estimate(services: Services, definition: BenchmarkDefinition, *, project_id: str) -> Estimate:
    """Loads the cases as the run would. Raises InvalidDataset and what else the dataset does, TimedOut."""
    try:
        async with asyncio.timeout(LOADING_S):
            case_set = await services.case_sets.prepare(
                definition.dataset, project_id=project_id, examples=definition.examples
            )
    except TimeoutError as error:
        raise TimedOut(f"The dataset was not loaded within {LOADING_S:g} s; a run may take longer.") from error
    return Estimate(
        name=definition.name,
        cases=case_set.case_count,
        agents=len(definition.agents),
        trials=definition.trials,
        calls=case_set.case_count * len(definition.agents) * definition.trials,
    )
