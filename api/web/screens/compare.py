"""`/ui/compare`: two agents, of one run or of two, case by case."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from adapters.database.runs import RunFilter
from api.charts.marks import span_of
from api.comparing import compared
from api.report_page.contest_rows import difference_row, resource_row
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import Text
from api.web.shell import ResultsViewer
from core.comparisons import AgentOfRun, Comparison, ComparisonRequest, Flip, MismatchKind
from core.errors import Conflict, InvalidInput, NotFound
from core.runs import Run

CHOICES: Final = 60
"""The newest runs that are offered."""
MOST_FLIPS: Final = 40
MOST_FIELDS: Final = 60
SEPARATOR: Final = " "
"""Between a run's id and its agent's name, in the value of a choice."""
NONE: Final[list[MismatchKind]] = []

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/compare")
async def show_comparison(
    screen: ResultsViewer,
    baseline: Text = None,
    candidate: Text = None,
    allow: Annotated[list[MismatchKind], Query(max_length=5)] = NONE,
) -> Response:
    """Made anew each time from what is recorded; `POST /v1/comparisons` makes one that is kept."""
    runs = await _offered(screen, [_run_id(each) for each in (baseline, candidate) if each])
    told: dict[str, Any] = {"comparison": None, "why": None}
    if baseline and candidate:
        told |= await _compared(screen, baseline, candidate, allow)
    return screen.show(
        "compare.html",
        title="Compare",
        runs=runs,
        baseline=baseline,
        candidate=candidate,
        allow=allow,
        separator=SEPARATOR,
        **told,
    )


async def _offered(screen: ResultsViewer, asked: list[str]) -> list[Run]:
    """The newest completed runs, and those that were asked for."""
    services = screen.services
    newest = await services.runs.page(project_id=screen.project_id, limit=CHOICES, narrow=RunFilter(status="completed"))
    known = {run.run_id: run for run in newest}
    for run_id in asked:
        if run_id not in known:
            try:
                known[run_id] = await services.runs.get(run_id, project_id=screen.project_id)
            except NotFound:
                continue
    return [run for run in known.values() if any(agent.metrics for agent in run.agents)]


def _run_id(value: str) -> str:
    return value.split(SEPARATOR)[0]


def _side(value: str) -> AgentOfRun:
    """Raises ValidationError."""
    run_id, _, agent_id = value.partition(SEPARATOR)
    return AgentOfRun(run_id=run_id, agent_id=agent_id or None)


async def _compared(screen: ResultsViewer, baseline: str, candidate: str, allow: list[MismatchKind]) -> dict[str, Any]:
    try:
        request = ComparisonRequest(baseline=_side(baseline), candidate=_side(candidate), allow=tuple(allow))
        comparison, flips = await compared(screen.services, request, screen.project_id)
    except ValidationError:
        return {"why": "Choose two agents from the lists.", "refused_for_mismatch": False}
    except (InvalidInput, Conflict, NotFound) as error:
        mismatch = isinstance(error, InvalidInput) and error.pointer == "/allow"
        return {"why": str(error).split(" To compare all the same")[0], "refused_for_mismatch": mismatch}
    return {"comparison": comparison, "flips": _shown(flips), "flip_count": len(flips), **_rows(comparison)}


def _shown(flips: tuple[Flip, ...]) -> list[Flip]:
    """The greatest changes first."""
    return sorted(flips, key=lambda flip: -abs(flip.candidate - flip.baseline))[:MOST_FLIPS]


def _rows(comparison: Comparison) -> dict[str, Any]:
    scores, categories = comparison.scores, comparison.categories
    span = span_of([end for each in (*scores, *categories) for end in (each.low, each.high, each.difference)])
    name = comparison.candidate.agent_id
    return {
        "span": span,
        "scores": [difference_row(each.evaluator, each, span) for each in scores],
        "categories": [difference_row(each.category or "without one", each, span) for each in categories],
        "resources": [resource_row(name, each) for each in comparison.resources],
        "fields": comparison.made_of[:MOST_FIELDS],
    }
