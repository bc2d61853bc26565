"""`/v1/events` and `/v1/runs/{run_id}/events`: what happened, as a stream or in pages."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field

from adapters.database.cursors import Cursor
from adapters.database.event_feed import Heard
from adapters.database.events import EventFilter
from api.event_stream import IDLE_S, MEDIA_TYPE, EventStream
from api.listings import Listing, Part
from api.problem_kinds import INVALID, UNAVAILABLE
from api.problems import RETRY_S, ProblemDetail, ProblemError, documented
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import Principal, Reader
from api.services import Services, ServicesDep
from api.waiting import ENDINGS
from core.events import Event, EventType
from core.runs import ENDED

MOST_READERS: Final = 2000
"""Streams of one process."""
Position = Annotated[int, Field(ge=0, lt=2**63)]
POSITIONS: Final = Cursor("events", tuple[Position])

NO_TYPES: Final[list[EventType]] = []

router = APIRouter(tags=["events"], route_class=GuardedRoute)
STREAMED: Final[dict[str, Any]] = {
    "response_model": Listing[Event],
    "responses": {
        200: {"description": "A page, or the stream.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        204: {"description": "The run has ended, and there is nothing after the last id: do not come back."},
        **documented(400, 401, 403, 404, 422, 503),
    },
}
After = Annotated[
    int | None, Query(ge=0, lt=2**63, description="Only events after this id; 0 is before the first one.")
]
LastId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, lt=2**63, description="The last id that was read; goes before `after`."),
]
Types = Annotated[list[EventType], Query(alias="type", max_length=50, description="Only these types; repeat it.")]


@router.get("/v1/events", operation_id="list_events", summary="Follow what happens", **STREAMED)
async def list_events(
    request: Request,
    services: ServicesDep,
    principal: Reader,
    part: Part,
    after: After = None,
    last_event_id: LastId = None,
    type: Types = NO_TYPES,
) -> Any:
    """Every event of the project, oldest first, numbered without gaps.

    As `text/event-stream` it goes on without end, from the last id that was read (`Last-Event-ID`, or `after`), or from
    now on without one. As JSON in pages, from the first event on without one.
    """
    wanted = EventFilter(types=frozenset(type))
    since = after if last_event_id is None else last_event_id
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        return await _page(services, principal, part, since, wanted)
    newest = await _known(services, principal, since)
    return _stream(request, services, principal, newest if since is None else since, wanted)


@router.get("/v1/runs/{run_id}/events", operation_id="list_run_events", summary="Follow a run", **STREAMED)
async def list_run_events(
    request: Request,
    services: ServicesDep,
    principal: Reader,
    run_id: RunIdPath,
    part: Part,
    after: After = None,
    last_event_id: LastId = None,
    type: Types = NO_TYPES,
) -> Any:
    """What happened to the run, oldest first; ids are those of `/v1/events`.

    As `text/event-stream` it begins with the first event, or after the last id that was read, and ends once the run
    has; whoever comes back then is answered 204.
    """
    run = await services.runs.get(run_id, project_id=principal.project_id)
    wanted = EventFilter(run_id=run_id, types=frozenset(type))
    since = after if last_event_id is None else last_event_id
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        return await _page(services, principal, part, since, wanted)
    await _known(services, principal, since)
    if (
        since is not None
        and run.status in ENDED
        and not await services.feed.events.page(principal.project_id, after=since, limit=1, wanted=wanted)
    ):
        return Response(status_code=204)
    return _stream(request, services, principal, since or 0, wanted)


async def _page(
    services: Services, principal: Principal, part: Part, since: int | None, wanted: EventFilter
) -> Listing[Event]:
    cursor = POSITIONS.decode(part.cursor)
    found = await services.feed.events.page(
        principal.project_id, after=cursor[0] if cursor else since or 0, limit=part.limit + 1, wanted=wanted
    )
    events = [told.event for told in found]
    return part.of(POSITIONS.page(events, part.limit, lambda event: (event.position,)), lambda event: event)


async def _known(services: Services, principal: Principal, since: int | None) -> int:
    """The newest id. Raises ProblemError (422) for one that was never given: its reader would miss what is to come."""
    newest = await services.feed.events.newest(principal.project_id)
    if since is not None and since > newest:
        detail = f"There is no event {since}; the newest is {newest}."
        raise ProblemError(INVALID, detail, errors=[ProblemDetail(pointer="Last-Event-ID", detail=detail)])
    return newest


def _stream(request: Request, services: Services, principal: Principal, after: int, wanted: EventFilter) -> EventStream:
    if services.feed.readers >= MOST_READERS:
        detail = f"This process has {MOST_READERS} readers of events already; come back in a moment."
        raise ProblemError(UNAVAILABLE, detail, headers={"Retry-After": str(RETRY_S)})
    heard = services.feed.follow(principal.project_id, after=after, wanted=wanted, idle_s=IDLE_S)
    told = heard if wanted.run_id is None else _to_its_end(services, principal, wanted, heard)
    return EventStream(_while_let_in(request, services, told), after=after)


async def _while_let_in(request: Request, services: Services, heard: AsyncGenerator[Heard]) -> AsyncGenerator[Heard]:
    """Until the key is revoked, or the like, that the reader came with."""
    async with aclosing(heard) as parts:
        async for part in parts:
            if not await services.gate.lets_in_still(request.scope, "benchmark:read"):
                return
            yield part


async def _to_its_end(
    services: Services, principal: Principal, wanted: EventFilter, heard: AsyncGenerator[Heard]
) -> AsyncGenerator[Heard]:
    """Until all of a run that has ended is told."""
    end: int | None = None
    look = True
    hears_of_endings = not wanted.types or wanted.types >= ENDINGS
    async with aclosing(heard) as parts:
        async for part in parts:
            yield part
            look = look or part.idle or any(line.type in ENDINGS for line in part.lines)
            look = look or not (part.lines or hears_of_endings)
            if look and end is None and (await services.runs.get(str(wanted.run_id))).status in ENDED:
                # Read after the record: what ended the run is among them.
                end = await services.feed.events.newest(principal.project_id)
            look = False
            if end is not None and part.position >= end:
                return
