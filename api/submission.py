"""From a definition to a run that is recorded and on its way. Once it is recorded, it will run."""

from api.services import Services
from core.benchmarks import BenchmarkDefinition
from core.openai_evals import EvalRunRecord
from core.runs import Run


async def accept(
    services: Services,
    definition: BenchmarkDefinition,
    *,
    run_id: str,
    project_id: str,
    forked_from: str | None = None,
    reproduces: Run | None = None,
    by: str | None = None,
    of_eval: EvalRunRecord | None = None,
) -> Run:
    """Records the run, who wanted it where that is not recorded otherwise, and whose eval it is of, then has it
    started."""
    run = await services.runs.create(
        run_id,
        definition,
        project_id=project_id,
        forked_from=forked_from,
        reproduces=reproduces,
        by=by,
        of_eval=of_eval,
    )
    services.starter.start_soon(run_id)
    return run
