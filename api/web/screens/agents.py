"""`/ui/agents`: stored agents and their settings."""

from typing import Final

from fastapi import APIRouter, Response

from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import CursorField
from api.web.shell import Viewer
from api.web.written import written
from core.plugins import installed
from core.run_requests import Reference, named

SIZE: Final = 100
VERSIONS: Final = 20

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/agents")
async def show_agents(screen: Viewer, cursor: CursorField = None) -> Response:
    page = await screen.services.agents.page(screen.project_id, limit=SIZE, cursor=cursor)
    return screen.show(
        "agents.html",
        title="Agents",
        agents=page.items,
        kinds=sorted(installed("agents")),
        **screen.pager(cursor, page.next_cursor),
    )


@router.get(PAGES + "/agents/{name:path}")
async def show_agent(screen: Viewer, name: Reference) -> Response:
    known = named(name)
    stored = await screen.services.agents.get(screen.project_id, known.name, known.version)
    versions = await screen.services.agents.versions(screen.project_id, stored.name, limit=VERSIONS)
    return screen.show(
        "agent.html",
        title=f"Agent {stored.name}",
        agent=stored,
        definition=written(stored.spec),
        versions=versions.items,
    )
