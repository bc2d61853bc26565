"""`/v1/runs/{run_id}/attempts`: every call of a run, as the ledger has it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.listings import Listing, Part
from api.problems import documented
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import ServicesDep
from core.items import AttemptFilters, AttemptRecord, AttemptStatus

router = APIRouter(tags=["results"], route_class=GuardedRoute)
AgentName = Annotated[str | None, StringConstraints(max_length=256), Query(description="The agent's name in the run.")]
Status = Annotated[AttemptStatus | None, Query(description="How the call ended.")]
CaseIndex = Annotated[int | None, Query(ge=0, lt=2**31, description="The case's index in the case set.")]


@router.get(
    "/v1/runs/{run_id}/attempts",
    operation_id="list_attempts",
    summary="List calls",
    responses=documented(400, 401, 403, 404, 422, 503),
)
async def list_attempts(
    services: ServicesDep,
    principal: ResultsReader,
    run_id: RunIdPath,
    part: Part,
    agent: AgentName = None,
    status: Status = None,
    case: CaseIndex = None,
) -> Listing[AttemptRecord]:
    """Every call that was claimed for the run, the lost and the late ones included: in the order of agents, trials,
    cases and claims. What they add up to is the run's `ledger`.

    Calls to judges are no calls to agents: the run's `judging` adds them up, and each verdict in an item tells its own
    in `spent`. They are not claimed beforehand, so those in flight when a worker was lost are not known."""
    key = await services.items.key(principal.project_id, run_id)
    filters = AttemptFilters(agent_id=agent, status=status, case_index=case)
    page = await services.items.attempt_page(key, filters, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda attempt: attempt)
