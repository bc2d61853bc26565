"""`/v1/judges/calibrations`: how judges agree with people."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import StringConstraints

from adapters.submission.validation import mistakes_of, refuse
from api.bodies import YAML_DOCUMENT
from api.calibrating import calibration_run, check_people, settled
from api.examples import CALIBRATIONS
from api.idempotency import IDEMPOTENT, new_run_id
from api.listings import Listing, Part
from api.problems import documented
from api.routes.runs import POLL_S
from api.routing import GuardedRoute
from api.security import ResultsReader, Writer
from api.services import ServicesDep
from api.submission import accept
from core.calibrations import Calibration, CalibrationRequest
from core.errors import InvalidInput
from core.model import Model
from evaluators.judge.identity import identity_of

router = APIRouter(tags=["judges"], route_class=GuardedRoute)
CalibrationId = Annotated[
    str, Path(max_length=200, description="The calibration's id.", examples=["cal_01k9rjw1qye8xs5vt1m4ywk0a4"])
]
Digest = Annotated[str | None, StringConstraints(max_length=64)]
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
CREATED: dict[str, Any] = {
    "status_code": 202,
    "responses": documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    "openapi_extra": YAML_DOCUMENT | IDEMPOTENT,
}


class CalibrationLinks(Model):
    self: str
    run: str
    items: str
    """Every text with the judge's ballots and rationales."""


class CalibrationView(Calibration):
    links: CalibrationLinks


@router.post("/v1/judges/calibrations", operation_id="create_calibration", summary="Calibrate a judge", **CREATED)
async def create_calibration(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[CalibrationRequest, Body(openapi_examples=CALIBRATIONS)],
) -> CalibrationView:
    """Lets a judge judge what people have judged, and holds it against them: agreement, kappa with its interval, a
    confusion matrix, and whether place or length moves it.

    It is a run like any other (`links.run`): it survives restarts, and `retry` judges what a judge that was away left
    open. The report is here once that run has ended.
    """
    identity = identity_of(body.judge, pointer="/judge")
    definition = calibration_run(body)
    refuse([_of_request(mistake) for mistake in await mistakes_of(definition, services, principal.project_id)])
    await check_people(services, body, principal.project_id)
    run_id = new_run_id(request)
    # The id follows from the run's, so that a request repeated after a crash finds what it had begun.
    calibration_id = f"cal_{run_id.removeprefix('run_')}"
    await services.runs.create(run_id, definition, project_id=principal.project_id)
    made = await services.calibrations.add(principal.project_id, calibration_id, run_id, body, identity)
    await accept(services, definition, run_id=run_id, project_id=principal.project_id)
    await services.audit.record(
        principal.project_id, principal.name, "judge.calibrate", calibration_id, {"run": run_id, "name": body.name}
    )
    view = _view(made)
    response.headers["Location"] = view.links.self
    response.headers["Retry-After"] = str(POLL_S)
    return view


@router.get(
    "/v1/judges/calibrations", operation_id="list_calibrations", summary="List calibrations", responses=PROBLEMS
)
async def list_calibrations(
    services: ServicesDep,
    principal: ResultsReader,
    part: Part,
    judge: Annotated[Digest, Query(description="Only those of this judge, by its identity's digest.")] = None,
) -> Listing[CalibrationView]:
    """The newest first, with the reports made so far."""
    page = await services.calibrations.page(principal.project_id, limit=part.limit, cursor=part.cursor, judge=judge)
    return part.of(page, _view)


@router.get(
    "/v1/judges/calibrations/{calibration_id}",
    operation_id="get_calibration",
    summary="Read a calibration",
    responses=PROBLEMS,
)
async def get_calibration(
    services: ServicesDep, principal: ResultsReader, calibration_id: CalibrationId
) -> CalibrationView:
    """Its report is null until its run has ended."""
    found = await services.calibrations.get(principal.project_id, calibration_id)
    return _view(await settled(services, found))


def _of_request(mistake: InvalidInput) -> InvalidInput:
    """The mistake, pointing into what was posted instead of into the run it led to."""
    pointer = mistake.pointer.replace("/evaluators/0", "/judge", 1)
    return InvalidInput(str(mistake), pointer="/answer" if pointer.startswith("/prompt") else pointer)


def _view(calibration: Calibration) -> CalibrationView:
    run = f"/v1/runs/{calibration.run_id}"
    here = f"/v1/judges/calibrations/{calibration.calibration_id}"
    return CalibrationView(**dict(calibration), links=CalibrationLinks(self=here, run=run, items=f"{run}/items"))
