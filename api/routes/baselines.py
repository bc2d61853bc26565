"""`/v1/benchmarks/{name}/baseline` and `/v1/baseline-checks`: what completed runs are held against, and what came of
it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import StringConstraints

from api.examples import BASELINES
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import Reader, ResultsReader, Writer
from api.services import ServicesDep
from core.baselines import Baseline, BaselineCheck, BenchmarkBaseline, FixedRun, Outcome

router = APIRouter(tags=["schedules"], route_class=GuardedRoute)
PROBLEMS: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 422, 503)
BenchmarkName = Annotated[str, Path(max_length=100, description="As its runs bear it.", examples=["capitals"])]
Watched = Annotated[
    str | None,
    Query(description="Only those of this schedule, by id, or of this benchmark's own baseline, by name."),
    StringConstraints(max_length=200),
]


@router.put(
    "/v1/benchmarks/{name}/baseline",
    operation_id="set_baseline",
    summary="Hold a benchmark's runs against a baseline",
    responses=documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def set_baseline(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    name: BenchmarkName,
    body: Annotated[Baseline, Body(openapi_examples=BASELINES)],
    expected: ExpectedRevision,
) -> BenchmarkBaseline:
    """Every run of that name that completes from now on is compared with its baseline, case by case; a significant drop
    is the event `regression.found`. Runs of a schedule with a baseline of its own are held against that."""
    if isinstance(body, FixedRun):
        await services.runs.get(body.run_id, project_id=principal.project_id)
    found = await services.baselines.set(principal.project_id, name, body, expected=expected)
    mark(response, found.revision)
    told = {"baseline": body.model_dump_json()}
    await services.audit.record(principal.project_id, principal.name, "baseline.set", name, told)
    return found


@router.get(
    "/v1/benchmarks/{name}/baseline", operation_id="get_baseline", summary="Read the baseline", responses=PROBLEMS
)
async def get_baseline(
    response: Response, services: ServicesDep, principal: Reader, name: BenchmarkName
) -> BenchmarkBaseline:
    """What the benchmark's runs are held against."""
    found = await services.baselines.get(principal.project_id, name)
    mark(response, found.revision)
    return found


@router.delete(
    "/v1/benchmarks/{name}/baseline",
    operation_id="delete_baseline",
    summary="Remove the baseline",
    status_code=204,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def delete_baseline(
    services: ServicesDep, principal: Writer, name: BenchmarkName, expected: ExpectedRevision
) -> Response:
    """What was found stays."""
    await services.baselines.remove(principal.project_id, name, expected=expected)
    await services.audit.record(principal.project_id, principal.name, "baseline.delete", name)
    return Response(status_code=204)


@router.get(
    "/v1/runs/{run_id}/baseline-check",
    operation_id="get_baseline_check",
    summary="Read how a run did against its baseline",
    responses=PROBLEMS,
)
async def get_baseline_check(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath) -> BaselineCheck:
    """Seconds after the run completed: the finding of each agent with effect and interval, the comparison behind it,
    and every field in which the two runs' manifests differ."""
    return await services.baselines.check_of(principal.project_id, run_id)


@router.get(
    "/v1/baseline-checks", operation_id="list_baseline_checks", summary="List what was found", responses=PROBLEMS
)
async def list_baseline_checks(
    services: ServicesDep,
    principal: ResultsReader,
    part: Part,
    watch: Watched = None,
    outcome: Annotated[Outcome | None, Query(description="Only checks that came to this.")] = None,
) -> Listing[BaselineCheck]:
    """The newest first; `outcome=regression` lists the regressions."""
    page = await services.baselines.page(
        principal.project_id, limit=part.limit, cursor=part.cursor, watch=watch, outcome=outcome
    )
    return part.of(page, lambda check: check)
