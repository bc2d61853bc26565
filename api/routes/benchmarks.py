"""`/v1/benchmarks`: stored definitions, and the ready-made ones."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response

from adapters.submission.validation import mistakes_of, refuse
from api.bodies import YAML_DOCUMENT
from api.examples import BENCHMARKS
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part, Version
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Reader, Writer
from api.services import ServicesDep
from core.benchmarks import BenchmarkDefinition
from core.definitions import BenchmarkVersion
from core.model import Model
from core.run_requests import Reference, named, refuse_versioned_name

router = APIRouter(tags=["benchmarks"], route_class=GuardedRoute)
READING = documented(400, 401, 403, 404, 422, 503)


class BenchmarkView(Model):
    benchmark_id: str
    name: str
    version: int
    definition: BenchmarkDefinition
    created_at: datetime


@router.post(
    "/v1/benchmarks",
    status_code=201,
    operation_id="create_benchmark",
    summary="Store a benchmark",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=YAML_DOCUMENT | IDEMPOTENT,
)
async def create_benchmark(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[BenchmarkDefinition, Body(openapi_examples=BENCHMARKS)],
) -> BenchmarkView:
    """A definition in JSON or YAML (`Content-Type: application/yaml`); `/v1/schemas/benchmark.json` describes it.

    Other content under the same name is its next version. A definition may leave its agents to the runs.
    """
    refuse(await mistakes_of(body, services, principal.project_id))
    refuse_versioned_name(body.name)
    stored = await services.benchmarks.add(principal.project_id, body)
    await services.audit.record(
        principal.project_id, principal.name, "benchmark.store", stored.name, {"version": str(stored.version)}
    )
    response.headers["Location"] = f"/v1/benchmarks/{stored.benchmark_id}"
    return _view(stored)


@router.get("/v1/benchmarks", operation_id="list_benchmarks", summary="List benchmarks", responses=READING)
async def list_benchmarks(services: ServicesDep, principal: Reader, part: Part) -> Listing[BenchmarkView]:
    """The newest version of every stored benchmark, by name."""
    page = await services.benchmarks.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, _view)


@router.get(
    "/v1/benchmarks/{name:path}/versions",
    operation_id="list_benchmark_versions",
    summary="List versions",
    responses=READING,
)
async def list_benchmark_versions(
    services: ServicesDep, principal: Reader, name: Reference, part: Part
) -> Listing[BenchmarkView]:
    """The newest first."""
    page = await services.benchmarks.versions(principal.project_id, name, limit=part.limit, cursor=part.cursor)
    return part.of(page, _view)


@router.get(
    "/v1/benchmarks/{name:path}", operation_id="get_benchmark", summary="Look at a benchmark", responses=READING
)
async def get_benchmark(
    services: ServicesDep, principal: Reader, name: Reference, version: Version = None
) -> BenchmarkView:
    """By name, `name@version` or id."""
    known = named(name)
    return _view(await services.benchmarks.get(principal.project_id, known.name, version or known.version))


def _view(stored: BenchmarkVersion) -> BenchmarkView:
    return BenchmarkView.model_validate({name: getattr(stored, name) for name in BenchmarkView.model_fields})
