"""`/ui/schedules`: runs that start by themselves, what came of their times, and how their scores went."""

import asyncio
from typing import Final, Literal

from fastapi import APIRouter, Response

from adapters.database.runs import RunFilter
from api.routes.schedules import ScheduleName
from api.routing import GuardedRoute
from api.scheduling import looked_at, schedules_in
from api.sessions import PAGES
from api.web.asked import CursorField
from api.web.posting import FromHere, gone_to
from api.web.shell import Steerer, Viewer
from api.web.trends import MOST_RUNS, trend_of
from api.web.written import written

SIZE: Final = 50
TICKS: Final = 40
CHECKS: Final = 20
Action = Literal["pause", "resume", "trigger"]

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
HERE: Final = PAGES + "/schedules/{schedule}"


@router.get(f"{PAGES}/schedules")
async def show_schedules(screen: Viewer, cursor: CursorField = None) -> Response:
    services = screen.services
    page = await services.schedules.page(screen.project_id, limit=SIZE, cursor=cursor)
    found = await asyncio.gather(*(looked_at(services, each) for each in page.items))
    return screen.show(
        "schedules.html",
        title="Schedules",
        schedules=found,
        **screen.pager(cursor, page.next_cursor),
    )


@router.get(HERE)
async def show_schedule(screen: Viewer, schedule: ScheduleName) -> Response:
    services, project_id = screen.services, screen.project_id
    stored = await services.schedules.get(project_id, schedule)
    narrow = RunFilter(schedule=stored.schedule_id)
    runs = await services.runs.page(project_id=project_id, limit=MOST_RUNS, narrow=narrow)
    ticks = await services.schedules.ticks(stored.schedule_id, limit=TICKS)
    return screen.show(
        "schedule.html",
        title=f"Schedule {stored.name}",
        schedule=await looked_at(services, stored),
        when=written(stored.when),
        ticks=ticks.items,
        checks=await screen.checks(stored.schedule_id, limit=CHECKS),
        trend=trend_of(runs),
        may_steer=screen.principal.may("benchmark:write"),
    )


@router.post(f"{HERE}/{{action}}")
async def steer_schedule(screen: Steerer, _: FromHere, schedule: ScheduleName, action: Action) -> Response:
    services, who = screen.services, screen.principal
    stored = await services.schedules.get(screen.project_id, schedule)
    # As over REST: what is done to it next changes it in Temporal.
    stored = await services.schedules.change(stored.schedule_id, {})
    temporal = schedules_in(services)
    if action == "pause":
        await temporal.pause(stored.schedule_id, f"Paused by {who.name}.")
    elif action == "resume":
        await temporal.resume(stored.schedule_id, f"Resumed by {who.name}.")
    else:
        await temporal.trigger(stored.schedule_id, None)
    await services.audit.record(screen.project_id, who.name, f"schedule.{action}", stored.schedule_id)
    return gone_to(f"{PAGES}/schedules/{stored.schedule_id}")
