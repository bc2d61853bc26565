"""`/ui/benchmarks`: stored benchmarks and names that runs bear, and how each did over time."""

from typing import Any, Final

from fastapi import APIRouter, Response

from adapters.database.runs import RunFilter
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.run_rows import run_rows
from api.web.shell import Viewer
from api.web.trends import MOST_RUNS, trend_of
from api.web.written import written
from core.definitions import BenchmarkVersion
from core.errors import NotFound
from core.pages import Page
from core.run_requests import Reference, named

MOST: Final = 500
RUNS: Final = 20
VERSIONS: Final = 20
CHECKS: Final = 10

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/benchmarks")
async def show_benchmarks(screen: Viewer) -> Response:
    """Stored ones by name, and those that only runs know."""
    services, project_id = screen.services, screen.project_id
    stored = {each.name: each for each in (await services.benchmarks.page(project_id, limit=MOST)).items}
    run = {each.name: each for each in await services.spending.names(project_id, limit=MOST)}
    rows: list[dict[str, Any]] = [
        {"name": name, "stored": stored.get(name), "run": run.get(name)} for name in sorted({*stored, *run})
    ]
    return screen.show("benchmarks.html", title="Benchmarks", rows=rows)


@router.get(PAGES + "/benchmarks/{name:path}")
async def show_benchmark(screen: Viewer, name: Reference) -> Response:
    services, project_id = screen.services, screen.project_id
    known = named(name)
    stored, versions = await _stored(screen, known.name, known.version)
    title = stored.name if stored else known.name
    runs = await services.runs.page(project_id=project_id, limit=MOST_RUNS, narrow=RunFilter(name=title))
    if stored is None and not runs:
        raise NotFound(f"There is no benchmark {name!r}, and no run of that name.")
    newest = runs[:RUNS]
    return screen.show(
        "benchmark.html",
        title=title,
        stored=stored,
        versions=versions.items if versions else (),
        definition=written(stored.definition if stored else runs[0].config),
        rows=run_rows(newest),
        verdicts=await services.gates.verdicts([run.run_id for run in newest]),
        checks=await screen.checks(f"benchmark/{title}", limit=CHECKS),
        trend=trend_of(runs),
    )


async def _stored(
    screen: Viewer, name: str, version: int | None
) -> tuple[BenchmarkVersion | None, Page[BenchmarkVersion] | None]:
    """None of a benchmark that was never stored."""
    services = screen.services
    try:
        found = await services.benchmarks.get(screen.project_id, name, version)
    except NotFound:
        return None, None
    return found, await services.benchmarks.versions(screen.project_id, found.name, limit=VERSIONS)
