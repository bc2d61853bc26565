"""`/ui/cost`: what runs cost, by day, benchmark and agent, and what the project may spend."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.charts.trends import daily_columns
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.shell import ResultsViewer

PERIODS: Final = (7, 30, 90, 365)

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/cost")
async def show_cost(screen: ResultsViewer, days: Annotated[int, Query(ge=1, le=3650)] = 30) -> Response:
    services, project_id = screen.services, screen.project_id
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days - 1)
    spent = {each.day.astimezone(UTC): each.usd for each in await services.spending.by_day(project_id, since=since)}
    rows = await services.spending.by_agent(project_id, since=since)
    first = min([*spent, today])
    passed = [first + timedelta(days=at) for at in range((today - first).days + 1)]
    return screen.show(
        "cost.html",
        title="Cost",
        days=days,
        periods=PERIODS,
        rows=rows,
        total=sum(row.usd + row.judging_usd for row in rows),
        judging=sum(row.judging_usd for row in rows),
        unpriced=sum(row.unpriced for row in rows),
        chart=daily_columns([(day, spent.get(day, 0.0)) for day in passed]) if any(spent.values()) else None,
        account=await services.budgets.of_project(project_id),
    )
