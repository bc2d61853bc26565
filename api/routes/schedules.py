"""`/v1/schedules`: runs that start by themselves."""

import asyncio
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Body, Path, Response

from adapters.database.revisions import Expected
from api.examples import BACKFILLS, SCHEDULES
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.scheduling import changed, check_backfill, looked_at, made, schedules_in, seen
from api.security import Principal, Reader, Writer
from api.services import Services, ServicesDep
from core.errors import ServiceUnavailable
from core.pages import Page
from core.schedules import Backfill, NewSchedule, Note, Schedule, ScheduleChange, Stored, Tick, Trigger

logger = structlog.get_logger(__name__)
router = APIRouter(tags=["schedules"], route_class=GuardedRoute)
ScheduleName = Annotated[str, Path(max_length=200, description="Its name or id.", examples=["nightly"])]
NO_NOTE = Note()
AS_USUAL = Trigger()
READING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 422, 503)
STEERING: dict[str, Any] = {
    "status_code": 202,
    "responses": documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
    "openapi_extra": IDEMPOTENT,
}


@router.post(
    "/v1/schedules",
    operation_id="create_schedule",
    summary="Have runs start by themselves",
    status_code=201,
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def create_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[NewSchedule, Body(openapi_examples=SCHEDULES)],
) -> Schedule:
    """At each of its times a run is accepted as if `run` were posted at that moment: checked, recorded, told.

    Exactly one run a time, whatever restarts in between. Times that passed while Temporal was away are made up for
    within `catch_up_s`; those that are missed, late, refused or failed are events. It is a schedule of Temporal, and
    may be changed there too.
    """
    schedule = await made(services, body, project_id=principal.project_id, principal=principal.name)
    await _told(services, principal, "schedule.create", schedule.schedule_id, name=schedule.name)
    response.headers["Location"] = f"/v1/schedules/{schedule.schedule_id}"
    mark(response, schedule.revision)
    return schedule


@router.get("/v1/schedules", operation_id="list_schedules", summary="List schedules", responses=READING)
async def list_schedules(services: ServicesDep, principal: Reader, part: Part) -> Listing[Schedule]:
    """By name, each with its next and last runs."""
    page = await services.schedules.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    found = await asyncio.gather(*(looked_at(services, each) for each in page.items))
    return part.of(Page(tuple(found), page.next_cursor), lambda one: one)


@router.get("/v1/schedules/{schedule}", operation_id="get_schedule", summary="Look at a schedule", responses=READING)
async def get_schedule(
    response: Response, services: ServicesDep, principal: Reader, schedule: ScheduleName
) -> Schedule:
    """As Temporal has it, with its next and last runs; as last recorded if Temporal does not answer (`live: false`)."""
    found = await looked_at(services, await _found(services, principal, schedule))
    mark(response, found.revision)
    return found


@router.patch(
    "/v1/schedules/{schedule}",
    operation_id="change_schedule",
    summary="Change a schedule",
    responses=documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def change_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    schedule: ScheduleName,
    body: ScheduleChange,
    expected: ExpectedRevision,
) -> Schedule:
    """Only what is said changes. One that somebody deleted in Temporal is made there anew."""
    stored = await _found(services, principal, schedule)
    view = await changed(services, stored, body, expected=expected)
    mark(response, view.revision)
    await _told(services, principal, "schedule.change", stored.schedule_id, fields=", ".join(body.model_fields_set))
    return view


@router.delete(
    "/v1/schedules/{schedule}",
    operation_id="delete_schedule",
    summary="Delete a schedule",
    status_code=204,
    responses=READING,
    openapi_extra=IDEMPOTENT,
)
async def delete_schedule(
    services: ServicesDep, principal: Writer, schedule: ScheduleName, expected: ExpectedRevision
) -> Response:
    """Its runs stay, and those that go on go on."""
    stored = await _found(services, principal, schedule)
    # The record first: a change under way finds it gone, and none of its times gets a run any more.
    await services.schedules.remove(stored.schedule_id, expected=expected)
    await _told(services, principal, "schedule.delete", stored.schedule_id, name=stored.name)
    try:
        await schedules_in(services).delete(stored.schedule_id)
    except ServiceUnavailable as error:
        # The watch deletes it there when Temporal is back.
        logger.warning("schedule_left_in_temporal", schedule_id=stored.schedule_id, error=str(error))
    return Response(status_code=204)


@router.post("/v1/schedules/{schedule}/pause", operation_id="pause_schedule", summary="Pause a schedule", **STEERING)
async def pause_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    schedule: ScheduleName,
    expected: ExpectedRevision,
    body: Note = NO_NOTE,
) -> Schedule:
    """Its times pass without runs until it is resumed; they are not made up for."""
    stored = await _touched(services, principal, schedule, expected)
    found = await schedules_in(services).pause(stored.schedule_id, body.note or f"Paused by {principal.name}.")
    await _told(services, principal, "schedule.pause", stored.schedule_id, note=body.note)
    return _steered(response, await seen(services, stored, found))


@router.post("/v1/schedules/{schedule}/resume", operation_id="resume_schedule", summary="Resume a schedule", **STEERING)
async def resume_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    schedule: ScheduleName,
    expected: ExpectedRevision,
    body: Note = NO_NOTE,
) -> Schedule:
    """From its next time on."""
    stored = await _touched(services, principal, schedule, expected)
    found = await schedules_in(services).resume(stored.schedule_id, body.note or f"Resumed by {principal.name}.")
    await _told(services, principal, "schedule.resume", stored.schedule_id, note=body.note)
    return _steered(response, await seen(services, stored, found))


@router.post("/v1/schedules/{schedule}/trigger", operation_id="trigger_schedule", summary="Start a run now", **STEERING)
async def trigger_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    schedule: ScheduleName,
    expected: ExpectedRevision,
    body: Trigger = AS_USUAL,
) -> Schedule:
    """Besides its times, and also while it is paused."""
    stored = await _touched(services, principal, schedule, expected)
    await schedules_in(services).trigger(stored.schedule_id, body.overlap)
    await _told(services, principal, "schedule.trigger", stored.schedule_id)
    return _steered(response, await looked_at(services, stored))


@router.post(
    "/v1/schedules/{schedule}/backfill", operation_id="backfill_schedule", summary="Make up for past times", **STEERING
)
async def backfill_schedule(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    schedule: ScheduleName,
    expected: ExpectedRevision,
    body: Annotated[Backfill, Body(openapi_examples=BACKFILLS)],
) -> Schedule:
    """The times from `start_at` to `end_at`, which have passed and are 100 at most, get the runs they have not had. A
    pause keeps none of these back; cancel the runs."""
    count = await check_backfill(services, await _found(services, principal, schedule), body)
    stored = await _touched(services, principal, schedule, expected)
    await schedules_in(services).backfill(stored.schedule_id, body.start_at, body.end_at, body.overlap)
    period = {"start_at": body.start_at.isoformat(), "end_at": body.end_at.isoformat(), "times": str(count)}
    await _told(services, principal, "schedule.backfill", stored.schedule_id, **period)
    return _steered(response, await looked_at(services, stored))


@router.get(
    "/v1/schedules/{schedule}/runs", operation_id="list_scheduled_runs", summary="List its times", responses=READING
)
async def list_scheduled_runs(
    services: ServicesDep, principal: Reader, schedule: ScheduleName, part: Part
) -> Listing[Tick]:
    """What came of each time, the newest first."""
    stored = await _found(services, principal, schedule)
    page = await services.schedules.ticks(stored.schedule_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda tick: tick)


async def _found(services: Services, principal: Principal, name: str) -> Stored:
    return await services.schedules.get(principal.project_id, name)


async def _touched(services: Services, principal: Principal, name: str, expected: Expected | None) -> Stored:
    """As it was found, in the record under another revision: what is done to it next changes it in Temporal."""
    stored = await _found(services, principal, name)
    return await services.schedules.change(stored.schedule_id, {}, expected=expected)


def _steered(response: Response, schedule: Schedule) -> Schedule:
    response.headers["Location"] = f"/v1/schedules/{schedule.schedule_id}"
    mark(response, schedule.revision)
    return schedule


async def _told(services: Services, principal: Principal, action: str, subject: str, **data: str) -> None:
    """In the record of who did what."""
    await services.audit.record(principal.project_id, principal.name, action, subject, data)
