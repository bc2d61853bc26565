"""`/v1/runs/{run_id}/report` and `report.html`: a run's report for programs, and as a page to be read or sent."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Response

from api.problems import documented
from api.report_page.page import policy, report_page
from api.reporting import report_of
from api.routes.meta import installed_version
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import ServicesDep
from core.errors import NotFound

router = APIRouter(tags=["results"], route_class=GuardedRoute)
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
REPORT: Final = {"type": "object", "description": "The figures with everything they were made from."}
ENDING: Final = ("status", "completed_at", "updated_at", "revision", "error")
"""What is known of a run only once its report is stored."""
PAGE: Final = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}


@router.get(
    "/v1/runs/{run_id}/report",
    operation_id="get_report",
    summary="Read the stored report",
    response_class=Response,
    responses={200: {"description": "The report.", "content": {"application/json": {"schema": REPORT}}}, **PROBLEMS},
)
async def get_report(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath) -> Response:
    """The report of the last aggregation, as it was stored, with how the run has ended since."""
    run = await services.runs.get(run_id, project_id=principal.project_id)
    if run.report_key is None:
        raise NotFound(f"The run has no report yet; it is {run.status}.")
    report: dict[str, Any] = orjson.loads(await services.storage.get(run.report_key))
    if report.get("round") == run.round:
        report |= run.model_dump(mode="json", include={*ENDING})
    return Response(orjson.dumps(report, option=orjson.OPT_INDENT_2), media_type="application/json")


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
