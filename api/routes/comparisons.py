"""`/v1/comparisons`: two agents on the same cases."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import StringConstraints

from api.comparing import compared
from api.examples import COMPARISONS
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.routing import GuardedRoute
from api.security import ResultsReader, Writer
from api.services import ServicesDep
from core.comparisons import ComparedAgent, Comparison, ComparisonRequest, Flip
from core.model import Model

router = APIRouter(tags=["comparisons"], route_class=GuardedRoute)
ComparisonId = Annotated[
    str, Path(max_length=200, description="The comparison's id.", examples=["cmp_01k9rjw1qye8xs5vt1m4ywk0a4"])
]
Text = Annotated[str | None, StringConstraints(max_length=1000)]
PROBLEMS = documented(400, 401, 403, 404, 422, 503)


class ComparisonLinks(Model):
    self: str
    flips: str


class ComparisonView(Comparison):
    links: ComparisonLinks


class FlipView(Flip):
    baseline_items: str
    """Where the baseline's answers to this case are."""
    candidate_items: str


@router.post(
    "/v1/comparisons",
    operation_id="create_comparison",
    summary="Compare two agents",
    status_code=201,
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def create_comparison(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[ComparisonRequest, Body(openapi_examples=COMPARISONS)],
) -> ComparisonView:
    """Case by case, over the cases that both have a score for: differences with intervals and exact tests, for every
    evaluator and category; whether the candidate improved, and why, in a sentence.

    Runs over different cases, or judged by different evaluators or versions, are refused unless `allow` names what
    differs. What is compared is what is recorded now; the comparison keeps it.
    """
    comparison, flips = await compared(services, body, principal.project_id)
    await services.comparisons.add(comparison, flips)
    view = _view(comparison)
    response.headers["Location"] = view.links.self
    return view


@router.get("/v1/comparisons", operation_id="list_comparisons", summary="List comparisons", responses=PROBLEMS)
async def list_comparisons(
    services: ServicesDep,
    principal: ResultsReader,
    part: Part,
    run_id: Annotated[Text, Query(description="Only those that this run has a part in.")] = None,
) -> Listing[ComparisonView]:
    """The newest first."""
    page = await services.comparisons.page(principal.project_id, limit=part.limit, cursor=part.cursor, run_id=run_id)
    return part.of(page, _view)


@router.get(
    "/v1/comparisons/{comparison_id}",
    operation_id="get_comparison",
    summary="Read a comparison",
    responses=PROBLEMS,
)
async def get_comparison(
    services: ServicesDep, principal: ResultsReader, comparison_id: ComparisonId
) -> ComparisonView:
    """As it was made."""
    return _view(await services.comparisons.get(principal.project_id, comparison_id))


@router.get(
    "/v1/comparisons/{comparison_id}/flips",
    operation_id="list_flips",
    summary="List the cases that changed",
    responses=PROBLEMS,
)
async def list_flips(
    services: ServicesDep,
    principal: ResultsReader,
    comparison_id: ComparisonId,
    part: Part,
    direction: Annotated[
        Literal["better", "worse"] | None, Query(description="Where the candidate is better, or worse.")
    ] = None,
    category: Annotated[Text, Query(description="The cases' category, exactly.")] = None,
) -> Listing[FlipView]:
    """Cases whose mean score differs, the greatest changes first, with the way to both sides' answers."""
    comparison = await services.comparisons.get(principal.project_id, comparison_id)
    page = await services.comparisons.flips(
        comparison_id, limit=part.limit, cursor=part.cursor, direction=direction, category=category
    )
    return part.of(page, lambda flip: _flip(flip, comparison))


def _view(comparison: Comparison) -> ComparisonView:
    here = f"/v1/comparisons/{comparison.comparison_id}"
    return ComparisonView(**dict(comparison), links=ComparisonLinks(self=here, flips=f"{here}/flips"))


def _flip(flip: Flip, comparison: Comparison) -> FlipView:
    return FlipView(
        **dict(flip),
        baseline_items=_items(comparison.baseline, flip.case_id),
        candidate_items=_items(comparison.candidate, flip.case_id),
    )


def _items(side: ComparedAgent, case_id: str) -> str:
    return f"/v1/runs/{side.run_id}/items?{urlencode({'agent': side.agent_id, 'case_id': case_id})}"
