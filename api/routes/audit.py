"""`/v1/audit-events`: who did what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from adapters.database.audit import AuditFilter
from api.listings import Listing, Part
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Administrator
from api.services import ServicesDep
from core.definitions import AuditEvent

router = APIRouter(tags=["administration"], route_class=GuardedRoute)


Who = Annotated[str | None, Query(max_length=100, description="Only what the key of this name did, or `operator`.")]
Actions = Annotated[
    list[str] | None,
    Query(max_length=50, description="Only these actions, such as `api_key.revoke`; may be repeated."),
]
Subject = Annotated[str | None, Query(max_length=200, description="Only what was done to this id or name.")]
Since = Annotated[AwareDatetime | None, Query(description="Only from this time on.")]
Until = Annotated[AwareDatetime | None, Query(description="Only before this time.")]


async def _wanted(
    principal: Who = None, action: Actions = None, subject: Subject = None, since: Since = None, until: Until = None
) -> AuditFilter:
    return AuditFilter(principal, action or (), subject, since, until)


@router.get(
    "/v1/audit-events",
    operation_id="list_audit_events",
    summary="Read the audit log",
    responses=documented(400, 401, 403, 422, 503),
)
async def list_audit_events(
    services: ServicesDep, principal: Administrator, part: Part, wanted: Annotated[AuditFilter, Depends(_wanted)]
) -> Listing[AuditEvent]:
    """The newest first. Entries are only ever added."""
    page = await services.audit.page(principal.project_id, limit=part.limit, cursor=part.cursor, wanted=wanted)
    return part.of(page, lambda one: one)
