"""`/v1/preferences`: agents head to head."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from adapters.database.runs import RunFilter
from adapters.submission.validation import mistakes_of, refuse
from api.bodies import YAML_DOCUMENT
from api.examples import PREFERENCES
from api.idempotency import IDEMPOTENT, new_run_id
from api.listings import Listing, Part
from api.preference_reports import compares, contestants_of, preference_of
from api.preferring import field_of, preference_run
from api.problems import documented
from api.routes.runs import POLL_S, RUNS, RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader, Writer
from api.services import ServicesDep
from api.submission import accept
from core.errors import InvalidInput, InvalidRequest
from core.model import Model
from core.preferences import BENCHMARK_TYPE, Preference, PreferenceRequest
from core.runs import Run

router = APIRouter(tags=["judges"], route_class=GuardedRoute)
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
PLACES = {"/evaluators/0": "/judge", "/dataset/limit": "/limit", "/dataset/seed": "/seed"}
"""Where in a run stands what was posted."""
CREATED: dict[str, Any] = {
    "status_code": 202,
    "responses": documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    "openapi_extra": YAML_DOCUMENT | IDEMPOTENT,
}


class PreferenceLinks(Model):
    self: str
    run: str
    items: str
    """Every pair with the judges' ballots and rationales."""


class PreferenceView(Preference):
    links: PreferenceLinks


@router.post("/v1/preferences", operation_id="create_preference", summary="Compare agents head to head", **CREATED)
async def create_preference(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[PreferenceRequest, Body(openapi_examples=PREFERENCES)],
) -> PreferenceView:
    """Has judges say whose answers are better: of agents of one run, or of several runs, over the cases they share.

    No agent is asked: it is a run like any other (`links.run`) over recorded answers, so it survives restarts, may be
    paused, has a budget, and `retry` judges what a judge that was away left open. The report is here once it has ended.
    """
    field = await field_of(services, body, principal.project_id)
    try:
        definition = preference_run(body, field)
    except InvalidRequest as error:
        raise InvalidRequest([_of_request(mistake) for mistake in error.mistakes]) from error
    refuse([_of_request(mistake) for mistake in await mistakes_of(definition, services, principal.project_id)])
    run_id = new_run_id(request)
    run = await accept(services, definition, run_id=run_id, project_id=principal.project_id)
    await services.audit.record(principal.project_id, principal.name, "preference.create", run_id, {"name": body.name})
    view = _view(await preference_of(services, run))
    response.headers["Location"] = view.links.self
    response.headers["Retry-After"] = str(POLL_S)
    return view


@router.get("/v1/preferences", operation_id="list_preferences", summary="List preferences", responses=PROBLEMS)
async def list_preferences(services: ServicesDep, principal: ResultsReader, part: Part) -> Listing[PreferenceView]:
    """The newest first, without their reports."""
    found = await services.runs.page(
        project_id=principal.project_id,
        limit=part.limit + 1,
        after=RUNS.decode(part.cursor),
        narrow=RunFilter(benchmark_type=BENCHMARK_TYPE),
    )
    page = RUNS.page(found, part.limit, lambda run: (run.created_at, run.run_id))
    return part.of(page, _brief)


@router.get("/v1/preferences/{run_id}", operation_id="get_preference", summary="Read a preference", responses=PROBLEMS)
async def get_preference(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath) -> PreferenceView:
    """Its report is null until its run has ended."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    return _view(await preference_of(services, run))


def _of_request(mistake: InvalidInput) -> InvalidInput:
    """The mistake, pointing into what was posted instead of into the run it led to."""
    for place, posted in PLACES.items():
        if mistake.pointer.startswith(place):
            return InvalidInput(str(mistake), pointer=posted + mistake.pointer.removeprefix(place))
    return InvalidInput(
        str(mistake), pointer="/contestants" if mistake.pointer.startswith("/dataset") else mistake.pointer
    )


def _brief(run: Run) -> PreferenceView:
    """Without its report; a run that only bears the name has nobody to compare."""
    contestants = contestants_of(run) if compares(run) else ()
    judge = run.config.evaluators[0]
    return _view(
        Preference(
            run_id=run.run_id, name=run.name, status=run.status, contestants=contestants, judge=judge, report=None
        )
    )


def _view(preference: Preference) -> PreferenceView:
    run = f"/v1/runs/{preference.run_id}"
    here = f"/v1/preferences/{preference.run_id}"
    return PreferenceView(**dict(preference), links=PreferenceLinks(self=here, run=run, items=f"{run}/items"))
