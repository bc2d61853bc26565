"""`/v1/leaderboards`: the agents of a benchmark in order."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.problems import documented
from api.ranking import ranked
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import ServicesDep
from core.leaderboards import Leaderboard

router = APIRouter(tags=["comparisons"], route_class=GuardedRoute)


@router.get(
    "/v1/leaderboards",
    operation_id="get_leaderboard",
    summary="Rank the agents of a benchmark",
    responses=documented(400, 401, 403, 404, 422, 503),
)
async def get_leaderboard(
    services: ServicesDep,
    principal: ResultsReader,
    benchmark: Annotated[str, Query(max_length=200, description="The benchmark's name, as its runs bear it.")],
    case_set: Annotated[
        str | None, Query(max_length=200, description="The digest of the cases; default: the newest run's.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=50, description="How many agents at most.")] = 20,
) -> Leaderboard:
    """Each agent by its newest completed run over the same cases, with the ranks that chance allows it and the agents
    that it cannot be told from. Agents that cannot be ranked beside the others are told with the reason."""
    return await ranked(services, benchmark, principal.project_id, case_set=case_set, limit=limit)
