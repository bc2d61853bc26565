"""`/v1/runs/{run_id}/...`: items, results and exports."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, StringConstraints

from api.exporting import exported
from api.item_views import ItemDetail, ItemView, item_detail, item_views, judging_versions
from api.listings import Listing, Part
from api.problems import documented
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import Services, ServicesDep
from core.calls import Waiting
from core.errors import NotFound
from core.items import ItemFilters
from core.limit_views import LimitWait
from core.metrics import AgentMetrics, Category
from core.model import Model
from core.outcomes import Cause
from core.pages import Page
from core.runs import ENDED, Counts, Run, RunStatus, Validity
from core.stalls import Stall

RAW_MOST = 1000
"""Answers of one agent that `include=raw_responses` brings at most."""

router = APIRouter(tags=["results"], route_class=GuardedRoute)
ItemId = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{1,9}-[0-9]{1,9}-[0-9]{1,9}$",
        description="Agent number, case index and trial.",
        examples=["0-17-0"],
    ),
]
Text = Annotated[str | None, StringConstraints(max_length=256)]
Share = Annotated[float | None, Query(ge=0, le=1)]
Amount = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
EXPORT = {
    "description": "The file.",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "application/x-ndjson": {"schema": {"type": "string"}},
        "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        "application/xml": {"schema": {"type": "string"}},
        "application/zip": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {"schema": {"type": "object", "description": "Of `lm-eval` and `every-eval-ever`."}},
    },
}


class AgentResult(Model):
    agent_id: str
    status: RunStatus
    error: str | None
    metrics: AgentMetrics | None
    """None until the run is aggregated."""
    category_scores: dict[str, Category]
    counts: Counts
    validity: Validity | None
    coverage: float | None
    raw_responses_url: str
    raw_responses: tuple[ItemView, ...] | None = Field(default=None)
    """With `include=raw_responses` the first 1,000; all of them are at `raw_responses_url`."""


class Results(Model):
    run_id: str
    name: str
    status: RunStatus
    validity: Validity | None
    error: str | None
    case_count: int | None
    agents: tuple[AgentResult, ...]


class WaitingView(Model):
    """What a run that does not move waits for."""

    agents: tuple[Waiting, ...]
    limits: tuple[LimitWait, ...] = ()
    """Provider keys whose limits hold calls back at this moment."""
    stalled: Stall | None = None
    """Why it does not move, as the watch over runs found."""
    paused: str | None = None
    """Why it is paused, if nobody asked for it."""


@router.get("/v1/runs/{run_id}/items", operation_id="list_items", summary="List items", responses=PROBLEMS)
async def list_items(
    services: ServicesDep,
    principal: ResultsReader,
    run_id: RunIdPath,
    part: Part,
    agent: Annotated[Text, Query(description="The agent's name in the run.")] = None,
    status: Annotated[Literal["answered", "failed"] | None, Query(description="How the question ended.")] = None,
    cause: Annotated[Cause | None, Query(description="Why an item failed.")] = None,
    category: Annotated[Text, Query(description="The case's category, exactly.")] = None,
    case_id: Annotated[Text, Query(description="The case's id: its items of all agents and trials.")] = None,
    evaluator: Annotated[Text, Query(description="Whose verdict the score filters mean; default: the first.")] = None,
    correct: Annotated[bool | None, Query(description="A score of exactly 1, or any other.")] = None,
    min_score: Annotated[Share, Query(description="Scores of at least this.")] = None,
    max_score: Annotated[Share, Query(description="Scores of at most this.")] = None,
    min_latency_s: Annotated[Amount, Query(description="Answers that took at least so many seconds.")] = None,
    max_latency_s: Annotated[Amount, Query(description="Answers that took at most so many seconds.")] = None,
    min_cost_usd: Annotated[Amount, Query(description="Answers that cost at least so many dollars.")] = None,
    max_cost_usd: Annotated[Amount, Query(description="Answers that cost at most so many dollars.")] = None,
    text: Annotated[
        Text, Query(description="In the answer, or in why there is none; upper and lower case are alike.")
    ] = None,
) -> Listing[ItemView]:
    """One item is one question to one agent: in the order of agents, trials and cases, as they are recorded."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    filters = ItemFilters(
        agent_id=agent,
        status=status,
        cause=cause,
        category=category,
        case_id=case_id,
        evaluator=evaluator,
        correct=correct,
        min_score=min_score,
        max_score=max_score,
        min_latency_s=min_latency_s,
        max_latency_s=max_latency_s,
        min_cost_usd=min_cost_usd,
        max_cost_usd=max_cost_usd,
        text=text,
    )
    key = await services.items.key(principal.project_id, run_id)
    page = await services.items.page(key, filters, versions=judging_versions(run), limit=part.limit, cursor=part.cursor)
    shown = await item_views(services, run, page.items)
    return part.of(Page(shown, page.next_cursor), lambda item: item)


@router.get(
    "/v1/runs/{run_id}/items/{item_id}", operation_id="get_item", summary="Look at one item", responses=PROBLEMS
)
async def get_item(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath, item_id: ItemId) -> ItemDetail:
    """The question, the answer, every verdict and every call. An item's id is agent number, case index and trial."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    key = await services.items.key(principal.project_id, run_id)
    agent_no, case_index, trial = (int(part) for part in item_id.split("-"))
    if agent_no >= len(key.agents):
        raise NotFound(f"The run has {len(key.agents)} agents; the last one is number {len(key.agents) - 1}.")
    item = await services.items.get(key, key.agents[agent_no], case_index, trial)
    attempts = await services.items.attempts(key, item.agent_id, case_index, trial)
    return await item_detail(services, run, item, attempts)


@router.get(
    "/v1/runs/{run_id}/waiting", operation_id="get_waiting", summary="See what it waits for", responses=PROBLEMS
)
async def get_waiting(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath) -> WaitingView:
    """Per agent: calls without an answer, questions to be asked again and why, as the ledger has it; and calls that
    wait for admission by a provider key, since when and until when. Nothing of it once a run has ended."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    key = await services.items.key(principal.project_id, run_id)
    if run.status in ENDED:
        return WaitingView(agents=())
    return WaitingView(
        agents=await services.items.waiting(key),
        limits=await services.limits.waiting(run_id),
        stalled=run.stalled,
        paused=run.error if run.status == "paused" else None,
    )


@router.get("/v1/runs/{run_id}/results", operation_id="get_results", summary="Read the figures", responses=PROBLEMS)
async def get_results(
    services: ServicesDep,
    principal: ResultsReader,
    run_id: RunIdPath,
    include: Annotated[Literal["raw_responses"] | None, Query(description="Bring answers along.")] = None,
) -> Results:
    """Per agent: its metrics with intervals, its categories, and where its raw answers are."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    agents = [
        await _agent_result(services, run, number, bring=include is not None) for number in range(len(run.agents))
    ]
    told = {name: getattr(run, name) for name in ("run_id", "name", "status", "validity", "error", "case_count")}
    return Results(**told, agents=tuple(agents))


@router.get(
    "/v1/runs/{run_id}/export",
    operation_id="export_run",
    summary="Take a run elsewhere",
    response_class=Response,
    responses={200: EXPORT, **documented(400, 401, 403, 404, 409, 422, 503)},
)
async def export_run(
    request: Request,
    services: ServicesDep,
    principal: ResultsReader,
    run_id: RunIdPath,
    format: Annotated[
        str,
        Query(
            max_length=64,
            description="csv, jsonl, parquet, junit, inspect, lm-eval, every-eval-ever, or an installed format.",
        ),
    ] = "csv",
    agent: Annotated[Text, Query(description="Only this agent; formats with room for one need it.")] = None,
) -> Response:
    """Every question to every agent with its answer and scores, in the order of agents, trials and cases; a question
    that failed comes with its cause, never as a wrong answer. `inspect` is an eval log of Inspect AI; `lm-eval` and
    `every-eval-ever` are figures. A run that has not ended is refused (409)."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    return await exported(services, request, run, format=format, agent=agent)


async def _agent_result(services: Services, run: Run, number: int, *, bring: bool) -> AgentResult:
    agent = run.agents[number]
    raw = None
    if bring:
        key = await services.items.key(run.project_id, run.run_id)
        filters = ItemFilters(agent_id=agent.agent_id)
        page = await services.items.page(key, filters, versions={}, limit=RAW_MOST)
        raw = await item_views(services, run, page.items)
    return AgentResult(
        agent_id=agent.agent_id,
        status=agent.status,
        error=agent.error,
        metrics=agent.metrics,
        category_scores={} if agent.metrics is None else agent.metrics.category_scores,
        counts=agent.counts,
        validity=agent.validity,
        coverage=agent.coverage,
        raw_responses_url=f"/v1/runs/{run.run_id}/items?{urlencode({'agent': agent.agent_id})}",
        raw_responses=raw,
    )
