"""`/ui/runs`: the list of runs."""

from typing import Annotated, Final, get_args

from fastapi import APIRouter, Response

from adapters.database.runs import RunFilter
from api.routes.runs import RUNS
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import Blank, CursorField, Text
from api.web.run_rows import run_rows
from api.web.shell import Viewer
from core.runs import RunStatus

SIZE: Final = 50
STATUSES: Final[tuple[RunStatus, ...]] = get_args(RunStatus)

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/runs")
async def show_runs(
    screen: Viewer,
    status: Annotated[RunStatus | None, Blank] = None,
    name: Text = None,
    schedule: Text = None,
    cursor: CursorField = None,
) -> Response:
    asked = RunFilter(status=status, name=name, schedule=schedule)
    found = await screen.services.runs.page(
        project_id=screen.project_id, limit=SIZE + 1, after=RUNS.decode(cursor), narrow=asked
    )
    page = RUNS.page(found, SIZE, lambda run: (run.created_at, run.run_id))
    return screen.show(
        "runs.html",
        title="Runs",
        rows=run_rows(page.items),
        verdicts=await screen.services.gates.verdicts([run.run_id for run in page.items]),
        statuses=STATUSES,
        asked=asked,
        narrowed=any(asked),
        names=sorted({run.name for run in page.items}),
        **screen.pager(cursor, page.next_cursor),
    )
