"""`/v1/agents`: stored agents, and trying one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import Field

from adapters.submission.validation import mistakes_of_agent, refuse
from api.agent_trial import try_agent
from api.bodies import YAML_DOCUMENT
from api.examples import AGENTS, QUESTIONS
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part, Version
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Reader, Writer
from api.services import ServicesDep
from core.benchmarks import AgentSpec
from core.cases import Reply
from core.definitions import AgentVersion
from core.model import Model
from core.run_requests import AgentChoice, Reference, named, refuse_versioned_name

router = APIRouter(tags=["agents"], route_class=GuardedRoute)
READING = documented(400, 401, 403, 404, 422, 503)
TRYING: dict[str, Any] = {"responses": documented(400, 401, 403, 404, 413, 415, 422, 502, 503, 504)}
Question = Annotated[str, Field(min_length=1, max_length=100_000)]


class AgentTrial(Model):
    agent: AgentChoice
    """A stored agent's name, or an agent spelled out."""
    question: Question = "Reply with the word ready."


class StoredAgentTrial(Model):
    question: Question = "Reply with the word ready."


class AgentView(Model):
    agent_id: str
    name: str
    version: int
    kind: str
    spec: AgentSpec
    created_at: datetime


@router.post(
    "/v1/agents",
    status_code=201,
    operation_id="create_agent",
    summary="Store an agent",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=YAML_DOCUMENT | IDEMPOTENT,
)
async def create_agent(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[AgentSpec, Body(openapi_examples=AGENTS)],
) -> AgentView:
    """Runs may then name it. Other content under the same name is its next version; the newest content again is not.

    Secrets do not belong here: store them as a credential and name it.
    """
    refuse(mistakes_of_agent(body))
    refuse_versioned_name(body.name)
    stored = await services.agents.add(principal.project_id, body)
    await services.audit.record(
        principal.project_id, principal.name, "agent.store", stored.name, {"version": str(stored.version)}
    )
    response.headers["Location"] = f"/v1/agents/{stored.agent_id}"
    return _view(stored)


@router.get("/v1/agents", operation_id="list_agents", summary="List agents", responses=READING)
async def list_agents(services: ServicesDep, principal: Reader, part: Part) -> Listing[AgentView]:
    """The newest version of every stored agent, by name."""
    page = await services.agents.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, _view)


@router.post("/v1/agents/test", operation_id="test_agent", summary="Try an agent", **TRYING)
async def test_agent(
    services: ServicesDep, principal: Writer, body: Annotated[AgentTrial, Body(openapi_examples=QUESTIONS)]
) -> Reply:
    """Asks one question, once, from where the API runs, and tells the reply; what goes wrong is a problem.

    Costs what the question costs. Takes up to 60 seconds, or the agent's own time limit if that is shorter.
    """
    if isinstance(body.agent, str):
        stored = await services.agents.get(principal.project_id, *named(body.agent))
        return await try_agent(services, stored.spec, body.question, principal.project_id)
    return await try_agent(services, body.agent, body.question, principal.project_id, pointer="/agent")


@router.post("/v1/agents/{name:path}/test", operation_id="test_stored_agent", summary="Try a stored agent", **TRYING)
async def test_stored_agent(services: ServicesDep, principal: Writer, name: Reference, body: StoredAgentTrial) -> Reply:
    """As `POST /v1/agents/test`, for a stored agent: `name`, `name@version` or its id."""
    stored = await services.agents.get(principal.project_id, *named(name))
    return await try_agent(services, stored.spec, body.question, principal.project_id)


@router.get(
    "/v1/agents/{name:path}/versions", operation_id="list_agent_versions", summary="List versions", responses=READING
)
async def list_agent_versions(
    services: ServicesDep, principal: Reader, name: Reference, part: Part
) -> Listing[AgentView]:
    """The newest first."""
    page = await services.agents.versions(principal.project_id, name, limit=part.limit, cursor=part.cursor)
    return part.of(page, _view)


@router.get("/v1/agents/{name:path}", operation_id="get_agent", summary="Look at an agent", responses=READING)
async def get_agent(services: ServicesDep, principal: Reader, name: Reference, version: Version = None) -> AgentView:
    """By name, `name@version` or id."""
    known = named(name)
    return _view(await services.agents.get(principal.project_id, known.name, version or known.version))


def _view(stored: AgentVersion) -> AgentView:
    return AgentView(
        agent_id=stored.agent_id,
        name=stored.name,
        version=stored.version,
        kind=stored.spec.agent.kind,
        spec=stored.spec,
        created_at=stored.created_at,
    )
