"""`/ui`: what is at work, what needs a look, and the latest results."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Response

from adapters.database.runs import RunFilter
from api.routes.events import list_events
from api.routing import GuardedRoute
from api.services import Services
from api.sessions import PAGES
from api.web.run_rows import run_rows
from api.web.shell import Viewer
from core.events import Event, EventType
from core.runs import ENDED, Run, RunStatus

LATEST: Final = 8
WORKING: Final = 20
TROUBLE: Final = frozenset(
    {
        EventType.RUN_FAILED,
        EventType.RUN_STALLED,
        EventType.GATE_FAILED,
        EventType.REGRESSION_FOUND,
        EventType.SCHEDULE_MISSED,
        EventType.SCHEDULE_FAILING,
        EventType.BASELINE_UNUSABLE,
        EventType.BUDGET_REACHED,
        EventType.QUOTA_REACHED,
        EventType.WEBHOOK_DISABLED,
    }
)
MOVING: Final = " ".join(sorted(each for each in EventType if each.startswith("run.")))
"""Types of events after which lists of runs look otherwise."""
PLACES: Final = {"runs": "runs", "schedules": "schedules", "webhooks": "settings"}
"""By what an event is about: the page that has it."""

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
router.add_api_route(f"{PAGES}/events", list_events, methods=["GET"], response_model=None)


@router.get(PAGES)
@router.get(f"{PAGES}/")
async def show_overview(screen: Viewer) -> Response:
    services, project_id = screen.services, screen.project_id
    working = [each for status in ("processing", "paused", "queued") for each in await _runs(screen, status, WORKING)]
    latest = [run for run in await _runs(screen, None, LATEST + WORKING) if run.status in ENDED][:LATEST]
    events = await services.feed.events.latest(project_id, types=TROUBLE, limit=LATEST)
    names = await _names(services, events)
    return screen.show(
        "overview.html",
        title="Overview",
        working=run_rows(working),
        latest=run_rows(latest),
        verdicts=await services.gates.verdicts([run.run_id for run in (*working, *latest)]),
        attention=[_notice(event, names) for event in events],
        live_types=MOVING,
    )


async def _runs(screen: Viewer, status: RunStatus | None, limit: int) -> list[Run]:
    return await screen.services.runs.page(project_id=screen.project_id, limit=limit, narrow=RunFilter(status=status))


async def _names(services: Services, events: Sequence[Event]) -> dict[str, str]:
    """Of the runs that events are about."""
    found = await services.runs.of([each.subject for each in events])
    return {run_id: run.name for run_id, run in found.items()}


def _notice(event: Event, names: dict[str, str]) -> dict[str, Any]:
    _, _, what, subject = (*event.source.split("/"), "")[:4]
    page = PLACES.get(what, "runs")
    told = event.data
    return {
        "kind": event.type.replace(".", " ").replace("_", " "),
        "name": names.get(subject, told.get("name") or subject),
        "address": f"{PAGES}/{page}" + (f"/{subject}" if page != "settings" else ""),
        "at": event.time,
        "why": told.get("sentence") or told.get("reason") or told.get("error") or "",
    }
