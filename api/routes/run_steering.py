"""`/v1/runs/{run_id}/...`: cancel, pause, resume and retry."""

from typing import Any

from fastapi import APIRouter, Response

from api.idempotency import IDEMPOTENT
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import Principal, Writer
from api.services import Services, ServicesDep
from api.steering import Action, steer
from api.views import RunView, run_view

router = APIRouter(tags=["runs"], route_class=GuardedRoute)
STEERING: dict[str, Any] = {
    "status_code": 202,
    "responses": documented(401, 403, 404, 409, 412, 422, 503),
    "openapi_extra": IDEMPOTENT,
}


@router.post("/v1/runs/{run_id}/cancel", operation_id="cancel_run", summary="Cancel a run", **STEERING)
async def cancel_run(
    response: Response, services: ServicesDep, principal: Writer, run_id: RunIdPath, expected: ExpectedRevision
) -> RunView:
    """Asks nothing more; calls in flight are awaited, for they are paid. What was answered stays, with its figures.

    Possible while a run is queued, processing or paused.
    """
    return await _steered(response, services, principal, run_id, expected, "cancel")


@router.post("/v1/runs/{run_id}/pause", operation_id="pause_run", summary="Pause a run", **STEERING)
async def pause_run(
    response: Response, services: ServicesDep, principal: Writer, run_id: RunIdPath, expected: ExpectedRevision
) -> RunView:
    """Asks nothing more until resumed. Possible while a run is queued or processing."""
    return await _steered(response, services, principal, run_id, expected, "pause")


@router.post("/v1/runs/{run_id}/resume", operation_id="resume_run", summary="Resume a paused run", **STEERING)
async def resume_run(
    response: Response, services: ServicesDep, principal: Writer, run_id: RunIdPath, expected: ExpectedRevision
) -> RunView:
    """Goes on asking where the pause began. Possible while a run is paused."""
    return await _steered(response, services, principal, run_id, expected, "resume")


@router.post("/v1/runs/{run_id}/retry", operation_id="retry_run", summary="Ask failed questions again", **STEERING)
async def retry_run(
    response: Response, services: ServicesDep, principal: Writer, run_id: RunIdPath, expected: ExpectedRevision
) -> RunView:
    """Asks every question again that failed or was not asked, and aggregates anew; answers are never asked again.

    Possible in every state but queued, if there is anything to ask again; an ended run starts again.
    """
    return await _steered(response, services, principal, run_id, expected, "retry")


async def _steered(
    response: Response,
    services: Services,
    principal: Principal,
    run_id: str,
    expected: ExpectedRevision,
    action: Action,
) -> RunView:
    run = await services.runs.get(run_id, project_id=principal.project_id)
    run = await steer(services, run, action, expected=expected)
    await services.audit.record(principal.project_id, principal.name, f"run.{action}", run_id)
    response.headers["Location"] = f"/v1/runs/{run_id}"
    mark(response, run.revision)
    return run_view(run, services)
