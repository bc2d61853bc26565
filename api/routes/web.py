"""Pages about the API itself: the documentation, the pages behind the `type` of problems, and their files."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.assets import FOREVER, assets
from api.pages import documentation_page, problem_list, problem_page
from api.problem_kinds import KINDS
from api.routing import GuardedRoute
from api.security import Public
from api.sessions import PAGES
from core.errors import NotFound, listed

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/")
async def go_to_pages(_: Public) -> Response:
    return RedirectResponse(PAGES, 307)


@router.get("/docs")
async def get_documentation(_: Public) -> Response:
    return documentation_page()


@router.get("/problems")
async def get_problem_list(_: Public) -> Response:
    return problem_list(list(KINDS.values()))


@router.get("/problems/{slug}")
async def get_problem_page(_: Public, slug: str) -> Response:
    if slug not in KINDS:
        raise NotFound(f"There is no problem {slug!r}; there are {listed(list(KINDS))}.")
    return problem_page(KINDS[slug])


@router.get("/static/{digest}/{name:path}")
async def get_asset(_: Public, request: Request, digest: str, name: str) -> Response:
    asset = assets().get(name)
    if asset is None or asset.url != f"/static/{digest}/{name}":
        raise NotFound("There is no such file; the page that named it may be of another version.")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)
