"""`/ui/settings`: what the service is connected to, and who and what it knows. Read here, changed by the command line
and over REST."""

from typing import Any, Final

from fastapi import APIRouter, Response

from api.routes.meta import installed_version
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.shell import Viewer

MOST: Final = 100

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/settings")
async def show_settings(screen: Viewer) -> Response:
    """API keys and who did what are shown to operators only."""
    services, project_id = screen.services, screen.project_id
    parts = await services.examination.parts()
    return screen.show(
        "settings.html",
        title="Settings",
        version=installed_version(),
        parts=parts,
        credentials=(await services.credentials.page(project_id, limit=MOST)).items,
        webhooks=(await services.webhooks.page(project_id, limit=MOST)).items,
        rules=await services.limits.rules(),
        prices=(await services.prices.page(limit=MOST)).items,
        **await _of_operators(screen),
    )


async def _of_operators(screen: Viewer) -> dict[str, Any]:
    if not screen.principal.may("admin:full"):
        return {"keys": None, "done": None}
    services, project_id = screen.services, screen.project_id
    return {
        "keys": (await services.api_keys.page(project_id, limit=MOST)).items,
        "done": (await services.audit.page(project_id, limit=20)).items,
    }
