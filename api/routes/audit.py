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
from core.audit import AuditCheck
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
Known = Annotated[
    str | None,
    Query(
        pattern="^[0-9a-f]{64}$",
        description="A `head` that was kept elsewhere: it must still be in the log.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]


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
    """The newest first. Entries are only ever added, each with the hash of the one before it (`/verification`)."""
    page = await services.audit.page(principal.project_id, limit=part.limit, cursor=part.cursor, wanted=wanted)
    return part.of(page, lambda one: one)


@router.get(
    "/v1/audit-events/verification",
    operation_id="verify_audit_log",
    summary="Check that the audit log is whole",
    responses=documented(400, 401, 403, 422, 503),
)
async def verify_audit_log(services: ServicesDep, principal: Administrator, known: Known = None) -> AuditCheck:
    """Every row holds the hash of the one before it: they are computed anew, from the first on. `broken` names the
    first that was changed, added or removed past the service. Keep `head` elsewhere and name it next time (`known`):
    then not even who owns the database can write the log anew unseen."""
    return await services.audit_chain.check(principal.project_id, known=known)
