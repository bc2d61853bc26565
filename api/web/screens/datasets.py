"""`/ui/datasets`: uploaded datasets, and the first rows of one."""

from typing import Final

from fastapi import APIRouter, Response

from api.routes.datasets import preview_dataset
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import CursorField
from api.web.shell import Viewer
from core.run_requests import Reference

SIZE: Final = 100
ROWS: Final = 20
VERSIONS: Final = 20

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/datasets")
async def show_datasets(screen: Viewer, cursor: CursorField = None) -> Response:
    page = await screen.services.datasets.page(screen.project_id, limit=SIZE, cursor=cursor)
    return screen.show(
        "datasets.html",
        title="Datasets",
        datasets=page.items,
        **screen.pager(cursor, page.next_cursor),
    )


@router.get(PAGES + "/datasets/{name:path}")
async def show_dataset(screen: Viewer, name: Reference) -> Response:
    services = screen.services
    preview = await preview_dataset(services, screen.principal, name, limit=ROWS)
    versions = await services.datasets.versions(screen.project_id, preview.dataset.name, limit=VERSIONS)
    return screen.show(
        "dataset.html",
        title=f"Dataset {preview.dataset.name}",
        dataset=preview.dataset,
        rows=preview.rows,
        versions=versions.items,
    )
