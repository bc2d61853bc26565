"""`/v1/runs/{run_id}/report.html`: a run's report as a page, to be read or sent to somebody."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.problems import documented
from api.report_page.page import policy, report_page
from api.reporting import report_of
from api.routes.meta import installed_version
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import ServicesDep

router = APIRouter(tags=["results"], route_class=GuardedRoute)
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
PAGE: Final = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}


@router.get(
    "/v1/runs/{run_id}/report.html",
    operation_id="get_report_page",
    summary="Read the report as a page",
    response_class=Response,
    responses={200: PAGE, **PROBLEMS},
)
async def get_report_page(
    services: ServicesDep,
    principal: ResultsReader,
    run_id: RunIdPath,
    baseline: Annotated[
        str | None, Query(max_length=256, description="The agent that others are held against; default: the first.")
    ] = None,
) -> Response:
    """One HTML file that needs nothing but itself, to be read here, kept or sent: the answer first, then what it
    stands on. Of a run that is not over it tells what is known so far, and calls nobody better."""
    report = await report_of(services, run_id, principal.project_id, baseline=baseline)
    headers = {
        "Content-Security-Policy": f"{policy()}; frame-ancestors 'none'",
        "Content-Disposition": f'inline; filename="report-{run_id}.html"',
    }
    page = report_page(report, release=installed_version())
    return Response(page, media_type="text/html", headers=headers)
