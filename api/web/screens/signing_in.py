"""`/ui/sign-in` and `/ui/sign-out`: an API key in, a session out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.routing import GuardedRoute
from api.security import Public, Stranger
from api.services import Services, ServicesDep
from api.sessions import COOKIE, LASTS_S, PAGES
from api.web.posting import FromHere, gone_to, ours
from api.web.shell import framed

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/sign-in")
async def ask_for_key(
    request: Request, services: ServicesDep, _: Public, next: Annotated[str, Query(max_length=2000)] = PAGES
) -> Response:
    if not services.gate.sessions.are_kept:
        return gone_to(ours(next))
    return _asked(request, services, next, why=None)


@router.post(f"{PAGES}/sign-in")
async def sign_in(
    request: Request,
    services: ServicesDep,
    _: Public,
    __: FromHere,
    key: Annotated[str, Form(max_length=500)] = "",
    next: Annotated[str, Form(max_length=2000)] = PAGES,
) -> Response:
    """The key is looked at once here, and again with every page."""
    if not services.gate.sessions.are_kept:
        return gone_to(ours(next))
    if not key.strip():
        return _asked(request, services, next, why="Type or paste an API key.")
    caller = await services.gate.holder_of(key.strip())
    if isinstance(caller, Stranger):
        return _asked(request, services, next, why=caller.detail)
    answer = gone_to(ours(next))
    answer.set_cookie(
        COOKIE,
        services.gate.sessions.seal(key.strip()),
        max_age=LASTS_S,
        path=PAGES,
        secure=_is_encrypted(request, services),
        httponly=True,
        samesite="strict",
    )
    await services.audit.record(caller.project_id, caller.name, "session.begin", caller.id)
    return answer


@router.post(f"{PAGES}/sign-out")
async def sign_out(services: ServicesDep, _: Public, __: FromHere) -> Response:
    answer = gone_to(f"{PAGES}/sign-in" if services.gate.sessions.are_kept else PAGES)
    answer.delete_cookie(COOKIE, path=PAGES)
    return answer


def _is_encrypted(request: Request, services: Services) -> bool:
    return request.url.scheme == "https" or (services.settings.public_url or "").startswith("https:")


def _asked(request: Request, services: Services, next: str, *, why: str | None) -> Response:
    status = 200 if why is None else 401
    return framed(
        request, "sign_in.html", title="Sign in", services=services, who=None, status=status, next=ours(next), why=why
    )
