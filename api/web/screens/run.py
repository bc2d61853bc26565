"""`/ui/runs/{run_id}`: one run, in motion or with its report, and what may be done with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from api import figures
from api.live import live
from api.report_page.outcome_rows import outcomes
from api.report_page.page import context_of
from api.reporting import report_of
from api.routes.events import list_run_events
from api.routes.meta import installed_version
from api.routes.run_reports import get_report_page
from api.routes.run_results import export_run
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.steering import ALLOWED, Action, steer
from api.views import run_view
from api.web.posting import FromHere, gone_to
from api.web.screens.overview import MOVING
from api.web.shell import ResultsViewer, Screen, Steerer
from core.errors import ServiceUnavailable
from core.plugins import installed
from core.runs import ENDED, Run

NAMES: Final[dict[Action, str]] = {
    "pause": "Pause", "resume": "Resume", "retry": "Ask failed questions again", "cancel": "Cancel",
}  # fmt: skip

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
HERE: Final = PAGES + "/runs/{run_id}"
router.add_api_route(f"{HERE}/events", list_run_events, methods=["GET"], response_model=None)
router.add_api_route(f"{HERE}/report.html", get_report_page, methods=["GET"], response_class=Response)
router.add_api_route(f"{HERE}/export", export_run, methods=["GET"], response_class=Response)


@router.get(HERE)
async def show_run(
    screen: ResultsViewer, run_id: RunIdPath, baseline: Annotated[str | None, Query(max_length=256)] = None
) -> Response:
    """`baseline` is the agent that the others are held against in the report."""
    services = screen.services
    run = await live(await services.runs.get(run_id, project_id=screen.project_id), services.temporal)
    over = run.status in ENDED
    told = await _report(screen, run, baseline) if over else {}
    frame: dict[str, Any] = {
        "run": run,
        "over": over,
        "told": "report" in told,
        "missing": told.get("missing"),
        "took": figures.duration(run.started_at, run.completed_at),
        "verdicts": await services.gates.verdicts([run_id]),
        "links": run_view(run, services).links,
        "actions": list(_actions(screen, run)),
        "agents": list(zip(run.agents, outcomes(run), strict=True)),
        "waits": [] if over else await _waits(screen, run),
        "pace": _pace(run, datetime.now(UTC)),
        "formats": sorted(installed("exporters")) if over else [],
        "live_types": MOVING,
    }
    return screen.show("run.html", title=run.name, **(told | frame))


async def _report(screen: Screen, run: Run, baseline: str | None) -> dict[str, Any]:
    """Nothing of a run that ended before there was anything to tell of, and while a part of the service is away."""
    if not any(agent.metrics for agent in run.agents):
        return {}
    try:
        report = await report_of(screen.services, run.run_id, screen.project_id, baseline=baseline)
    except ServiceUnavailable as error:
        return {"missing": str(error)}
    return context_of(report, installed_version())


def _actions(screen: Screen, run: Run) -> Iterator[tuple[Action, str]]:
    """What may be done now, by whoever looks."""
    if not screen.principal.may("benchmark:write"):
        return
    for action, name in NAMES.items():
        fits = action != "retry" or run.counts.failed or run.status in ("failed", "cancelled")
        if run.status in ALLOWED[action] and fits:
            yield action, name


async def _waits(screen: Screen, run: Run) -> list[str]:
    services = screen.services
    key = await services.items.key(screen.project_id, run.run_id)
    calls = [f"{each.agent_id}: {each.said}" for each in await services.items.waiting(key) if each.said]
    return [*calls, *(each.said for each in await services.limits.waiting(run.run_id))]


def _pace(run: Run, now: datetime) -> str:
    """How fast it goes and how long it will take, where that can be told."""
    settled = run.counts.answered + run.counts.failed
    if run.status != "processing" or run.started_at is None or run.round > 1 or not settled:
        return f"{settled:,} of {run.counts.total:,} questions settled" if run.counts.total else "being prepared"
    passed = max(1.0, (now - run.started_at).total_seconds())
    left = run.counts.total - settled
    ready = figures.duration(now, now + timedelta(seconds=left * passed / settled))
    told = f"{settled:,} of {run.counts.total:,} questions settled, {settled / passed:,.1f} a second"
    return f"{told}; about {ready} to go" if left else f"{told}; scores are being made"


@router.post(f"{HERE}/{{action}}")
async def steer_run(screen: Steerer, _: FromHere, run_id: RunIdPath, action: Action) -> Response:
    """The run may take a moment to follow."""
    services, who = screen.services, screen.principal
    run = await services.runs.get(run_id, project_id=screen.project_id)
    await steer(services, run, action)
    await services.audit.record(screen.project_id, who.name, f"run.{action}", run_id)
    return gone_to(f"{PAGES}/runs/{run_id}")
