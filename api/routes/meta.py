"""Whether the service is alive and ready, what it measures, and which version it is."""

import asyncio
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.measures import exposition
from api.problem_kinds import UNAVAILABLE
from api.problems import RETRY_S, ProblemDetail, ProblemError, documented
from api.readiness import Part, PartState
from api.routing import GuardedRoute
from api.security import Public, Reader
from api.services import ServicesDep
from core.model import Model

DISTRIBUTION = "ai-benchmark-service"
DESCRIBED: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["service"], route_class=GuardedRoute)


class Health(Model):
    status: str = "ok"


class Readiness(Model):
    ready: bool
    parts: dict[Part, PartState]


class VersionView(Model):
    name: str = DISTRIBUTION
    version: str
    python: str
    api: str = "v1"


@router.get("/health", operation_id="get_health", summary="Alive?")
async def get_health(_: Public) -> Health:
    """Answers as long as the process serves requests."""
    return Health()


@router.get("/ready", operation_id="get_readiness", summary="Ready?", responses=documented(422, 503))
async def get_readiness(
    services: ServicesDep,
    _: Public,
    require: Annotated[
        list[Part] | None, Query(max_length=3, description="Parts that must answer; all of them without one.")
    ] = None,
) -> Readiness:
    """Whether PostgreSQL, Temporal and the object storage answer, each by name; 503 when one does not.

    What was found holds for a second, for whoever asks. Runs are accepted as long as PostgreSQL answers: a probe that
    decides about traffic asks `?require=postgres`.
    """
    parts = await services.examination.parts()
    required: list[Part] = list(parts) if require is None else require
    missing: list[Part] = [part for part in required if not parts[part].ok]
    if missing:
        errors = [ProblemDetail(pointer=part, detail=parts[part].detail or "") for part in missing]
        detail = f"Not ready: {', '.join(missing)} does not answer."
        raise ProblemError(UNAVAILABLE, detail, errors=errors, headers={"Retry-After": str(RETRY_S)})
    return Readiness(ready=True, parts=parts)


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(401, 403)},
)
async def get_metrics(services: ServicesDep, principal: Reader) -> Response:
    """Prometheus' text format: `benchmark_requests_total`, `benchmark_response_time_seconds`, `benchmark_active_runs`
    and the process's own. With several API processes the sums of all."""
    try:
        active = await services.runs.active()
    except (OSError, SQLAlchemyError):
        # Metrics matter most when something is away; unknown is then unknown, not zero.
        active = None
    return Response(exposition(active), media_type=PROMETHEUS)


@router.get("/version", operation_id="get_version", summary="Which version?")
async def get_version(_: Public) -> VersionView:
    """Of the service, of Python, and of the API."""
    return VersionView(version=installed_version(), python=platform.python_version())


@router.get(
    "/openapi.json", operation_id="get_openapi", summary="This API, described", response_model=None, responses=DESCRIBED
)
async def get_openapi(_: Public, request: Request) -> Response:
    """OpenAPI 3.1."""
    # Made once, which takes a second that nobody else should wait for.
    description = await asyncio.to_thread(request.app.openapi)
    return Response(orjson.dumps(description), media_type="application/json")


def installed_version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0+unknown"
