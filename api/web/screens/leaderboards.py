"""`/ui/leaderboards`: the agents of a benchmark in order."""

from typing import Any

from fastapi import APIRouter, Response

from api import figures
from api.charts.marks import interval_mark
from api.ranking import ranked
from api.report_page.agent_rows import told, told_interval
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import Text
from api.web.shell import ResultsViewer
from core.errors import NotFound
from core.leaderboards import Leaderboard, Standing

MOST = 50

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/leaderboards")
async def show_leaderboard(screen: ResultsViewer, benchmark: Text = None, case_set: Text = None) -> Response:
    """Without a benchmark, that of the newest run."""
    names = [each.name for each in await screen.services.spending.names(screen.project_id) if each.completed]
    chosen = benchmark or next(iter(names), None)
    found: Leaderboard | None = None
    why = None
    if chosen is not None:
        try:
            found = await ranked(screen.services, chosen, screen.project_id, case_set=case_set, limit=MOST)
        except NotFound as error:
            why = str(error)
    return screen.show(
        "leaderboards.html",
        title="Leaderboards" if found is None else f"Leaderboard of {found.benchmark}",
        names=names,
        chosen=chosen,
        board=found,
        why=why,
        rows=_rows(found.standings) if found else [],
    )


def _rows(standings: tuple[Standing, ...]) -> list[dict[str, Any]]:
    right_or_wrong = all(each.accuracy is not None for each in standings)
    return [_row(each, right_or_wrong) for each in standings]


def _row(standing: Standing, right_or_wrong: bool) -> dict[str, Any]:
    found = standing.accuracy if right_or_wrong and standing.accuracy else standing.score
    value, interval = (each(found, right_or_wrong=right_or_wrong) for each in (told, told_interval))
    low, high = standing.rank_low, standing.rank_high
    mark = interval_mark(
        (found.value, found.low, found.high),
        (0.0, 1.0),
        tone="plain",
        label=f"{standing.agent_id}: {value}, interval {interval}",
    )
    return {
        "standing": standing,
        "value": value,
        "interval": interval,
        "mark": mark,
        "ranks": str(low) if low == high else f"{low} to {high}",
        "cost": figures.dollars(standing.cost_per_answer_usd),
        "latency": figures.seconds(standing.latency_p50_s),
    }
