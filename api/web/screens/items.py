"""`/ui/runs/{run_id}/items`: every question to every agent, and one of them with all that is known of it."""

from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from adapters.database.items import RunKey
from api.item_views import ItemView, item_views, judging_versions
from api.routes.run_results import ItemId, get_item
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import Amount, Blank, CursorField, Share, Text
from api.web.shell import ResultsViewer
from core.items import ItemFilters
from core.outcomes import Cause
from core.runs import Run

SIZE: Final = 50
LONGEST: Final = 200_000
"""Characters of a text that are shown; the whole of a longer one is at its address in the API."""
Verdict = Annotated[Annotated[str, StringConstraints(pattern="^(right|other)$")] | None, Blank]
Status = Annotated[Annotated[str, StringConstraints(pattern="^(answered|failed)$")] | None, Blank]

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
HERE: Final = PAGES + "/runs/{run_id}/items"


@router.get(HERE)
async def show_items(
    screen: ResultsViewer,
    run_id: RunIdPath,
    agent: Text = None,
    status: Status = None,
    cause: Annotated[Cause | None, Blank] = None,
    category: Text = None,
    case_id: Text = None,
    evaluator: Text = None,
    verdict: Verdict = None,
    min_score: Share = None,
    max_score: Share = None,
    min_latency_s: Amount = None,
    min_cost_usd: Amount = None,
    text: Text = None,
    cursor: CursorField = None,
) -> Response:
    services = screen.services
    run = await services.runs.get(run_id, project_id=screen.project_id)
    filters = ItemFilters.model_validate(
        {
            "agent_id": agent,
            "status": status,
            "cause": cause,
            "category": category,
            "case_id": case_id,
            "evaluator": evaluator,
            "correct": None if verdict is None else verdict == "right",
            "min_score": min_score,
            "max_score": max_score,
            "min_latency_s": min_latency_s,
            "min_cost_usd": min_cost_usd,
            "text": text,
        }
    )
    key = await services.items.key(screen.project_id, run_id)
    page = await services.items.page(key, filters, versions=judging_versions(run), limit=SIZE, cursor=cursor)
    labels = [each.label for each in run.config.evaluators]
    return screen.show(
        "items.html",
        title=f"Items of {run.name}",
        run=run,
        rows=[_row(item, evaluator or labels[0]) for item in await item_views(services, run, page.items)],
        asked=filters,
        verdict=verdict,
        narrowed=any(value is not None for value in filters.model_dump().values()),
        evaluators=labels,
        causes=get_args(Cause),
        categories=_categories(run),
        **screen.pager(cursor, page.next_cursor),
    )


def _row(item: ItemView, evaluator: str) -> dict[str, Any]:
    scores = {each.evaluator: each for each in item.scores if not each.stale}
    return {"item": item, "score": scores.get(evaluator)}


def _categories(run: Run) -> list[str]:
    return sorted({name for agent in run.agents if agent.metrics for name in agent.metrics.category_scores if name})


@router.get(f"{HERE}/{{item_id}}")
async def show_item(screen: ResultsViewer, run_id: RunIdPath, item_id: ItemId) -> Response:
    services = screen.services
    run = await services.runs.get(run_id, project_id=screen.project_id)
    key = await services.items.key(screen.project_id, run_id)
    item = await get_item(services, screen.principal, run_id, item_id)
    agent_no, case_index, trial = item.agent_no, item.case_index, item.trial
    return screen.show(
        "item.html",
        title=f"{item.case_id} · {item.agent_id}",
        run=run,
        item=item,
        longest=LONGEST,
        others=await _of_the_case(screen, run, key, item.case_id),
        before=_place(agent_no, case_index - 1, trial) if case_index else None,
        after=_place(agent_no, case_index + 1, trial) if case_index + 1 < (run.case_count or 0) else None,
    )


async def _of_the_case(screen: ResultsViewer, run: Run, key: RunKey, case_id: str) -> list[dict[str, Any]]:
    """All agents' answers to the question, in all trials."""
    filters = ItemFilters(case_id=case_id)
    page = await screen.services.items.page(key, filters, versions=judging_versions(run), limit=SIZE)
    deciding = run.config.evaluators[0].label
    return [_row(each, deciding) for each in await item_views(screen.services, run, page.items)]


def _place(agent_no: int, case_index: int, trial: int) -> str:
    return f"{agent_no}-{case_index}-{trial}"
