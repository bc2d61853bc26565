"""`/v1/budget`: what all runs of the project may spend, and `/v1/runs/{run_id}/budget`: what one may and did."""

from typing import Any

from fastapi import APIRouter, Response

from api.amending import release_waiting
from api.idempotency import IDEMPOTENT
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import Reader, Writer
from api.services import ServicesDep
from core.budgets import Account, Budget, Spent
from core.errors import NotFound
from core.model import Model

router = APIRouter(tags=["budgets"], route_class=GuardedRoute)
PROBLEMS: dict[int | str, dict[str, Any]] = documented(401, 403, 404, 422, 503)
CHANGING: dict[int | str, dict[str, Any]] = documented(401, 403, 409, 412, 413, 415, 422, 503)


class Accounts(Model):
    """What limits the run, and what it has spent."""

    accounts: tuple[Account, ...]
    """Empty when nothing limits it."""
    spent: Spent
    """On agents, and on whom evaluators asked about their answers; what is in flight is not in it."""


@router.get("/v1/budget", operation_id="get_budget", summary="Read the project's budget", responses=PROBLEMS)
async def get_budget(response: Response, services: ServicesDep, principal: Reader) -> Account:
    """The budget of all runs of the project together, and what they have spent on agents."""
    account = await services.budgets.of_project(principal.project_id)
    if account is None:
        raise NotFound("The project has no budget; PUT one.")
    mark(response, account.revision)
    return account


@router.put(
    "/v1/budget",
    operation_id="set_budget",
    summary="Set the project's budget",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def set_budget(
    response: Response, services: ServicesDep, principal: Writer, body: Budget, expected: ExpectedRevision
) -> Account:
    """Runs that would spend more pause, with the reason; those that wait for a budget go on when there is more."""
    await services.budgets.limit_project(principal.project_id, body, expected=expected)
    await release_waiting(services, principal.project_id)
    changes = {"budget": body.model_dump_json(exclude_none=True)}
    await services.audit.record(principal.project_id, principal.name, "budget.set", principal.project_id, changes)
    return await get_budget(response, services, principal)


@router.delete(
    "/v1/budget",
    operation_id="delete_budget",
    summary="Remove the project's budget",
    status_code=204,
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def delete_budget(services: ServicesDep, principal: Writer, expected: ExpectedRevision) -> Response:
    """Its runs may spend what they like, but for budgets of their own."""
    await services.budgets.limit_project(principal.project_id, None, expected=expected)
    await release_waiting(services, principal.project_id)
    await services.audit.record(principal.project_id, principal.name, "budget.delete", principal.project_id)
    return Response(status_code=204)


@router.get(
    "/v1/runs/{run_id}/budget", operation_id="get_run_budget", summary="Read what a run spent", responses=PROBLEMS
)
async def get_run_budget(services: ServicesDep, principal: Reader, run_id: RunIdPath) -> Accounts:
    """The budgets that limit the run, its own and its project's, and what was spent of each."""
    await services.runs.get(run_id, project_id=principal.project_id)
    accounts, spent = await services.budgets.accounts(run_id), await services.budgets.spent(run_id)
    return Accounts(accounts=accounts, spent=spent)
