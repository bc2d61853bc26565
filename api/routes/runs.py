"""`/v1/runs`: starting, listing and watching runs."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import AwareDatetime, StringConstraints

from adapters.database.cursors import Cursor
from adapters.database.runs import RunFilter
from adapters.submission.resolution import resolve
from api.bodies import YAML_DOCUMENT
from api.estimating import estimate
from api.examples import RUN_REQUESTS
from api.idempotency import IDEMPOTENT, new_run_id, repeated_run_id
from api.listings import Listing, Part
from api.live import live
from api.problems import documented
from api.revisions import mark
from api.routing import GuardedRoute
from api.security import Principal, Reader, Writer
from api.services import Services, ServicesDep
from api.submission import accept
from api.views import RunView, brief, run_view
from api.waiting import Patience, ended
from core.benchmarks import BenchmarkDefinition
from core.estimates import Estimate
from core.run_requests import RunRequest
from core.runs import ENDED, Run, RunStatus

POLL_S = 1
"""Seconds after which looking at an accepted run again is worth it."""
RUNS = Cursor("runs", tuple[AwareDatetime, str])

router = APIRouter(tags=["runs"], route_class=GuardedRoute)
RunIdPath = Annotated[
    str, Path(max_length=200, description="The run's id.", examples=["run_01k9rjw1qye8xs5vt1m4ywk0a4"])
]
Posted = Annotated[RunRequest, Body(openapi_examples=RUN_REQUESTS)]
DryRun = Annotated[bool, Query(description="Validate and count (200), but start nothing.")]
NameFilter = Annotated[str | None, StringConstraints(max_length=200)]
ACCEPTING: dict[str, Any] = {
    "status_code": 202,
    "response_model": RunView | Estimate,
    "responses": {
        200: {
            "model": RunView | Estimate,
            "description": "A dry run: what a run would do. Or the run, which ended while it was waited for.",
        },
        202: {
            "model": RunView,
            "description": "Accepted: `Location` leads to the run.",
        },
        **documented(400, 401, 403, 409, 413, 415, 422, 503),
    },
    "openapi_extra": YAML_DOCUMENT | IDEMPOTENT,
}


@router.post("/v1/runs", operation_id="create_run", summary="Start a run", **ACCEPTING)
async def create_run(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Posted,
    patience: Patience,
    dry_run: DryRun = False,
) -> RunView | Estimate:
    """Post a whole definition, or the name of a stored or ready-made benchmark with what this run does otherwise.

    Everything that can be known beforehand is checked first: a mistake is a 422 that points at its place, and
    nothing was started. An accepted run is safe: it starts even if Temporal is away at this moment.

    With `Prefer: wait=N` the answer waits for the run's end, and is 200 if it came in time. Who posts it again with
    the same `Idempotency-Key` may wait again.
    """
    if (run_id := repeated_run_id(request)) is not None:
        run = await services.runs.get(run_id, project_id=principal.project_id)
        return await _answered(response, services, run, patience)
    definition = await resolve(body, services, principal.project_id)
    if dry_run:
        response.status_code = 200
        return await estimate(services, definition, project_id=principal.project_id)
    return await _accepted(request, response, services, principal, definition, patience)


router.add_api_route(
    "/benchmark/run",
    create_run,
    methods=["POST"],
    operation_id="run_benchmark",
    summary="Start a run (short form)",
    **ACCEPTING,
)


@router.get("/v1/runs", operation_id="list_runs", summary="List runs", responses=documented(400, 401, 403, 422, 503))
async def list_runs(
    services: ServicesDep,
    principal: Reader,
    part: Part,
    status: Annotated[RunStatus | None, Query(description="Only runs that are at this now, as recorded.")] = None,
    name: Annotated[NameFilter, Query(description="The benchmark's name, exactly.")] = None,
    benchmark_type: Annotated[NameFilter, Query(description="The definition's `benchmark_type`, exactly.")] = None,
    schedule: Annotated[
        NameFilter, Query(description="The id of the schedule that started them; `none`: those that somebody started.")
    ] = None,
) -> Listing[RunView]:
    """The newest first, as last recorded. Pages hold still while new runs come in.

    Definitions with many rows of their own come without them here; a run by itself has them.
    """
    found = await services.runs.page(
        project_id=principal.project_id,
        limit=part.limit + 1,
        after=RUNS.decode(part.cursor),
        narrow=RunFilter(status=status, name=name, benchmark_type=benchmark_type, schedule=schedule),
    )
    page = RUNS.page(found, part.limit, lambda run: (run.created_at, run.run_id))
    verdicts = await services.gates.verdicts([run.run_id for run in page.items])
    return part.of(page, lambda run: run_view(brief(run), services, verdict=verdicts.get(run.run_id)))


@router.get(
    "/v1/runs/{run_id}", operation_id="get_run", summary="Watch a run", responses=documented(401, 403, 404, 422, 503)
)
async def get_run(
    response: Response, services: ServicesDep, principal: Reader, run_id: RunIdPath, patience: Patience
) -> RunView:
    """Live from the run's workflows (`live: true`); as last recorded if they do not answer within two seconds. With
    `Prefer: wait=N` the answer waits for the run's end.

    The `ETag` begins with the revision of its configuration, for the `If-Match` of a change.
    """
    run = await services.runs.get(run_id, project_id=principal.project_id)
    run = await ended(services, run, patience, response)
    mark(response, run.revision)
    verdicts = await services.gates.verdicts([run_id])
    return run_view(await live(run, services.temporal), services, verdict=verdicts.get(run_id))


async def _accepted(
    request: Request,
    response: Response,
    services: Services,
    principal: Principal,
    definition: BenchmarkDefinition,
    patience: int,
) -> RunView:
    run_id = new_run_id(request)
    structlog.contextvars.bind_contextvars(run_id=run_id)
    run = await accept(services, definition, run_id=run_id, project_id=principal.project_id, by=principal.name)
    return await _answered(response, services, run, patience)


async def _answered(response: Response, services: Services, run: Run, patience: int) -> RunView:
    run_id = run.run_id
    response.headers["Location"] = f"/v1/runs/{run_id}"
    run = await ended(services, run, patience, response)
    mark(response, run.revision)
    if run.status in ENDED:
        response.status_code = 200
        verdicts = await services.gates.verdicts([run_id])
        return run_view(run, services, verdict=verdicts.get(run_id))
    response.headers["Retry-After"] = str(POLL_S)
    return run_view(run, services)
