"""`/v1/credentials`: secrets for agents. They go in and never come out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Body, Response
from pydantic import Field, SecretStr

from adapters.network.target import HttpUrl, origin
from api.examples import CREDENTIALS
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.security import Reader, Writer
from api.services import ServicesDep
from core.definitions import Credential
from core.model import Model, Name
from core.run_requests import Reference

router = APIRouter(tags=["credentials"], route_class=GuardedRoute)
READING = documented(400, 401, 403, 404, 422, 503)


class NewCredential(Model):
    name: Name
    """What agents call it: `credential: lab-key`."""
    origin: HttpUrl
    """The only server it is sent to, such as `https://models.example.com`; a path does not matter."""
    secret: SecretStr = Field(min_length=1, max_length=16_384)


@router.post(
    "/v1/credentials",
    status_code=201,
    operation_id="put_credential",
    summary="Store a credential",
    responses=documented(400, 401, 403, 409, 412, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def put_credential(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    body: Annotated[NewCredential, Body(openapi_examples=CREDENTIALS)],
    expected: ExpectedRevision,
) -> Credential:
    """Encrypted at once, bound to its origin, replaced when the name is stored again. Nothing ever shows it."""
    bound = origin(body.origin)
    sealed = services.sealer.seal(
        body.secret.get_secret_value(), project_id=principal.project_id, name=body.name, origin=bound
    )
    stored = await services.credentials.put(
        principal.project_id, body.name, origin=bound, ciphertext=sealed, expected=expected
    )
    await services.audit.record(principal.project_id, principal.name, "credential.store", body.name, {"origin": bound})
    response.headers["Location"] = f"/v1/credentials/{quote(body.name)}"
    mark(response, stored.revision)
    return stored


@router.get("/v1/credentials", operation_id="list_credentials", summary="List credentials", responses=READING)
async def list_credentials(services: ServicesDep, principal: Reader, part: Part) -> Listing[Credential]:
    """Names and origins, never secrets."""
    page = await services.credentials.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)


@router.get(
    "/v1/credentials/{name:path}", operation_id="get_credential", summary="Look at a credential", responses=READING
)
async def get_credential(response: Response, services: ServicesDep, principal: Reader, name: Reference) -> Credential:
    """Where it may be sent, never the secret."""
    stored = await services.credentials.get(principal.project_id, name)
    mark(response, stored.revision)
    return stored


@router.delete(
    "/v1/credentials/{name:path}",
    status_code=204,
    operation_id="remove_credential",
    summary="Remove a credential",
    responses=documented(400, 401, 403, 404, 409, 412, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def remove_credential(
    services: ServicesDep, principal: Writer, name: Reference, expected: ExpectedRevision
) -> None:
    """Agents that name it fail from when they are next opened: a run that is asking them keeps what it has."""
    await services.credentials.remove(principal.project_id, name, expected=expected)
    await services.audit.record(principal.project_id, principal.name, "credential.remove", name)
