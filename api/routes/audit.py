"""`/v1/audit-events`: who did what."""

from fastapi import APIRouter

from api.listings import Listing, Part
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Administrator
from api.services import ServicesDep
from core.definitions import AuditEvent

router = APIRouter(tags=["administration"], route_class=GuardedRoute)


@router.get(
    "/v1/audit-events",
    operation_id="list_audit_events",
    summary="Read the audit log",
    responses=documented(400, 401, 403, 422, 503),
)
async def list_audit_events(services: ServicesDep, principal: Administrator, part: Part) -> Listing[AuditEvent]:
    """The newest first. Entries are only ever added."""
    page = await services.audit.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)
