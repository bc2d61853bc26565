"""What every screen has in common: who looks at it, the frame around it, and what browsers may do with it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from api.assets import url
from api.report_page import page as report_page
from api.routes.meta import installed_version
from api.security import Principal, Reader, ResultsReader, Writer
from api.services import Services, ServicesDep
from api.sessions import PAGES
from api.templating import environment
from core.baselines import BaselineCheck

HERE: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    # Browsers name the page behind a form to its own origin only; without that its posts could not be told from others.
    "referrer-policy": "same-origin",
    "cache-control": "private, no-store",
}
PLACES: Final = (
    ("", (("", "Overview"), ("runs", "Runs"), ("compare", "Compare"), ("leaderboards", "Leaderboards"))),
    ("Watch", (("schedules", "Schedules"), ("cost", "Cost"))),
    (
        "Library",
        (("benchmarks", "Benchmarks"), ("datasets", "Datasets"), ("agents", "Agents"), ("judges", "Judges")),
    ),
    ("Service", (("settings", "Settings"),)),
)
"""By group: where it leads and what it is called."""


@dataclass(frozen=True)
class Screen:
    """Somebody looks at a page."""

    request: Request
    services: Services
    principal: Principal

    @property
    def project_id(self) -> str:
        return self.principal.project_id

    async def checks(self, watch: str, *, limit: int) -> tuple[BaselineCheck, ...]:
        """How runs of a schedule or benchmark did against their baseline; nothing to whoever may not see results."""
        if not self.principal.may("results:read"):
            return ()
        return (await self.services.baselines.page(self.project_id, limit=limit, watch=watch)).items

    def show(self, template: str, *, title: str, status: int = 200, **told: Any) -> HTMLResponse:
        """The page. `told` is what its template needs."""
        return framed(
            self.request, template, title=title, status=status, services=self.services, who=self.principal, **told
        )

    def address(self, **changes: object) -> str:
        """Of this page with other parameters; None takes one away."""
        changed = self.request.url.include_query_params(
            **{name: value for name, value in changes.items() if value is not None}
        ).remove_query_params([name for name, value in changes.items() if value is None])
        return f"{changed.path}?{changed.query}" if changed.query else changed.path

    def pager(self, cursor: str | None, following: str | None) -> dict[str, Any]:
        """Where a list goes on and where it begins, for its template; None where there is nothing to go to."""
        return {
            "next_address": self.address(cursor=following) if following else None,
            "newest_address": self.address(cursor=None) if cursor else None,
        }


def framed(
    request: Request,
    template: str,
    *,
    title: str,
    services: Services,
    who: Principal | None,
    status: int = 200,
    **told: Any,
) -> HTMLResponse:
    """Any page of ours, also of somebody who is not known."""
    frame = {
        "title": title,
        "who": who,
        "here": request.url.path,
        "signed_in": who is not None and services.gate.sessions.are_kept,
        "temporal_ui": services.settings.temporal_ui_url,
    }
    page = _templates().get_template(template).render(frame | told)
    return HTMLResponse(page, status, headers=HEADERS)


@cache
def _templates() -> Environment:
    known = {"asset": url, "pages": PAGES, "places": PLACES, "release": installed_version()}
    return environment(HERE / "templates", report_page.HERE / "templates", **known, **report_page.names())


async def _reading(request: Request, services: ServicesDep, principal: Reader) -> Screen:
    return Screen(request, services, principal)


async def _results(request: Request, services: ServicesDep, principal: ResultsReader) -> Screen:
    return Screen(request, services, principal)


async def _steering(request: Request, services: ServicesDep, principal: Writer) -> Screen:
    return Screen(request, services, principal)


Viewer = Annotated[Screen, Depends(_reading)]
ResultsViewer = Annotated[Screen, Depends(_results)]
Steerer = Annotated[Screen, Depends(_steering)]
"""The parameter of a screen, by the scope that it takes to see it."""
