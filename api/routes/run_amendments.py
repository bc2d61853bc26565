"""`/v1/runs/{run_id}`: changing a run that is there, scoring it anew, and forking it."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field

from adapters.submission.resolution import chosen_agents, overridden
from adapters.submission.validation import mistakes_of, refuse
from api.amending import extend, rescore, retune
from api.idempotency import IDEMPOTENT, new_run_id
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routes.runs import POLL_S, RunIdPath
from api.routing import GuardedRoute
from api.security import Writer
from api.services import Services, ServicesDep
from api.submission import accept
from api.views import RunView, run_view
from core.benchmarks import Evaluation
from core.budgets import Budget, NewBudget
from core.errors import InvalidInput
from core.model import Model
from core.run_requests import AgentChoices, Overrides
from core.runs import Run

router = APIRouter(tags=["runs"], route_class=GuardedRoute)
InFlight = Annotated[int, Field(ge=1, le=2000)]
AMENDING: dict[str, Any] = {
    "status_code": 202,
    "responses": documented(401, 403, 404, 409, 412, 422, 503),
    "openapi_extra": IDEMPOTENT,
}


class RunPatch(Model):
    """What to change; absent fields stay as they are."""

    concurrency: InFlight | dict[str, InFlight] | None = None
    """Calls in flight at once: for every agent, or by agent. Takes effect when the calls in flight have come home."""
    budget: Budget | None = None
    """What the run may spend in all, in place of its former budget, which `null` lifts; a run that paused because it
    was spent goes on."""
    trials: int | None = Field(default=None, ge=1, le=1000)
    """More trials than now; they are asked in another round, which also asks again what failed."""
    agents: AgentChoices = ()
    """Agents to add: spelled out, or names of stored ones."""

    @property
    def new_budget(self) -> NewBudget | None:
        """None where it stays what it is."""
        return NewBudget(budget=self.budget) if "budget" in self.model_fields_set else None


class RescoreRequest(Model):
    evaluators: tuple[Evaluation, ...] = Field(min_length=1, max_length=20)
    """The first decides what counts as correct from now on."""


class ForkRequest(Overrides):
    agents: AgentChoices = ()
    """The fork's agents; those of the run when there are none here."""


@router.patch("/v1/runs/{run_id}", operation_id="amend_run", summary="Change a run", **AMENDING)
async def amend_run(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    run_id: RunIdPath,
    body: RunPatch,
    expected: ExpectedRevision,
) -> RunView:
    """Another concurrency or budget while it runs; more trials or agents at any time. Nothing is asked for twice."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    agents = await chosen_agents(body.agents, services, principal.project_id)
    budget = body.new_budget
    if body.concurrency is None and budget is None and body.trials is None and not agents:
        raise InvalidInput("Say what to change: `concurrency`, `budget`, `trials` or `agents`.", pointer="")
    if body.concurrency is not None or budget is not None:
        told = await retune(services, run, body.concurrency, budget, expected=expected)
        changes = {name: str(number) for name, number in told.items()}
        if budget is not None:
            changes["budget"] = "none" if budget.budget is None else budget.budget.model_dump_json(exclude_none=True)
        await services.audit.record(principal.project_id, principal.name, "run.retune", run_id, changes)
        run, expected = await services.runs.get(run_id), expected and expected.further
    if body.trials is not None or agents:
        await extend(services, run, trials=body.trials, agents=agents, expected=expected)
        changes = {"trials": str(body.trials), "agents": ", ".join(agent.name for agent in agents)}
        await services.audit.record(principal.project_id, principal.name, "run.extend", run_id, changes)
    return _changed(response, await services.runs.get(run_id), services)


@router.post("/v1/runs/{run_id}/rescore", operation_id="rescore_run", summary="Score a run anew", **AMENDING)
async def rescore_run(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    run_id: RunIdPath,
    body: RescoreRequest,
    expected: ExpectedRevision,
) -> RunView:
    """Judges the stored answers by other evaluators or judges; no agent is asked.

    Scores that are there stay, with the version of their evaluator; those of evaluators that no longer belong to the
    run are `stale` in its items. Possible once the run has ended.
    """
    run = await services.runs.get(run_id, project_id=principal.project_id)
    await rescore(services, run, body.evaluators, expected=expected)
    labels = ", ".join(each.label for each in body.evaluators)
    await services.audit.record(principal.project_id, principal.name, "run.rescore", run_id, {"evaluators": labels})
    return _changed(response, await services.runs.get(run_id), services)


@router.post(
    "/v1/runs/{run_id}/fork",
    operation_id="fork_run",
    summary="Fork a run",
    status_code=202,
    responses=documented(401, 403, 404, 409, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def fork_run(
    request: Request, response: Response, services: ServicesDep, principal: Writer, run_id: RunIdPath, body: ForkRequest
) -> RunView:
    """A new run of the same definition but for what is said here: more cases, trials or agents, other evaluators.

    It takes over every answer that the same agent gave to the same question, with its verdicts, and asks only the rest.
    """
    origin = await services.runs.get(run_id, project_id=principal.project_id)
    agents = await chosen_agents(body.agents, services, principal.project_id)
    definition = overridden(origin.config, agents or origin.config.agents, body)
    refuse(await mistakes_of(definition, services, principal.project_id))
    fork_id = new_run_id(request)
    structlog.contextvars.bind_contextvars(run_id=fork_id)
    run = await accept(services, definition, run_id=fork_id, project_id=principal.project_id, forked_from=run_id)
    await services.audit.record(principal.project_id, principal.name, "run.fork", fork_id, {"origin": run_id})
    response.headers["Location"] = f"/v1/runs/{fork_id}"
    response.headers["Retry-After"] = str(POLL_S)
    return run_view(run, services)


def _changed(response: Response, run: Run, services: Services) -> RunView:
    response.headers["Location"] = f"/v1/runs/{run.run_id}"
    mark(response, run.revision)
    return run_view(run, services)
