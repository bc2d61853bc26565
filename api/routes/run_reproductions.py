"""`/v1/runs/{run_id}/reproduce`: the same run once more."""

import structlog
from fastapi import APIRouter, Request, Response

from api.idempotency import IDEMPOTENT, new_run_id
from api.problems import documented
from api.reproducing import Otherwise, check_reproducible
from api.routes.runs import POLL_S, RunIdPath
from api.routing import GuardedRoute
from api.security import Writer
from api.services import ServicesDep
from api.submission import accept
from api.views import RunView, run_view
from core.model import Model

router = APIRouter(tags=["runs"], route_class=GuardedRoute)


class ReproduceRequest(Model):
    allow: tuple[Otherwise, ...] = ()
    """What may be otherwise than it was: `evaluator`, its version."""


AS_IT_WAS = ReproduceRequest()


@router.post(
    "/v1/runs/{run_id}/reproduce",
    operation_id="reproduce_run",
    summary="Do a run again",
    status_code=202,
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def reproduce_run(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    run_id: RunIdPath,
    body: ReproduceRequest = AS_IT_WAS,
) -> RunView:
    """A new run of the same definition over the very cases that were asked, even if their source changed since.

    Refused (409) where an evaluator judges in another version by now. Models that serve, code, packages and prices are
    as they are now: `/manifest/differences?baseline=` lists what came out otherwise.
    """
    origin = await services.runs.get(run_id, project_id=principal.project_id)
    await check_reproducible(services, origin, body.allow)
    again = new_run_id(request)
    structlog.contextvars.bind_contextvars(run_id=again)
    run = await accept(services, origin.config, run_id=again, project_id=principal.project_id, reproduces=origin)
    await services.audit.record(principal.project_id, principal.name, "run.reproduce", again, {"origin": run_id})
    response.headers["Location"] = f"/v1/runs/{again}"
    response.headers["Retry-After"] = str(POLL_S)
    return run_view(run, services)
