"""`/v1/api-keys`: who may use the service, and what for; and `/v1/whoami`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response

from adapters.database.api_keys import Minted
from api.examples import API_KEYS
from api.idempotency import IDEMPOTENT, keep_instead, new_api_key_id
from api.key_text import digest_of, new_key
from api.listings import Listing, Part
from api.minting import changes_of, check_new
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.security import Administrator, Anybody
from api.services import ServicesDep
from core.api_keys import ApiKey, ApiKeyChange, ApiKeyRotation, ApiKeyWithSecret, NewApiKey, Whoami

router = APIRouter(tags=["administration"], route_class=GuardedRoute)
ApiKeyId = Annotated[str, Path(max_length=100, description="Its id.", examples=["apikey_01k9rjw1qye8xs5vt1m4ywk0a4"])]
A_DAY = ApiKeyRotation()
READING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 422, 503)
CHANGING: dict[int | str, dict[str, Any]] = documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503)


@router.get("/v1/whoami", operation_id="get_whoami", summary="Who am I?", responses=documented(400, 401, 403, 422, 503))
async def get_whoami(principal: Anybody) -> Whoami:
    """What the key that was sent is called, what it may do, and until when."""
    return Whoami(
        name=principal.name,
        through=principal.through,
        project_id=principal.project_id,
        scopes=tuple(sorted(principal.scopes)),
        api_key_id=principal.api_key_id,
        expires_at=principal.expires_at,
    )


@router.post(
    "/v1/api-keys",
    operation_id="create_api_key",
    summary="Make an API key",
    status_code=201,
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def create_api_key(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    body: Annotated[NewApiKey, Body(openapi_examples=API_KEYS)],
) -> ApiKeyWithSecret:
    """The answer tells the `key`, once: only its hash is kept. Keys are made by keys with `admin:full`, which may do
    everything, so nobody gives away more than they have."""
    check_new(body)
    api_key_id = new_api_key_id(request)
    key = new_key(api_key_id)
    minted = Minted(
        api_key_id=api_key_id,
        project_id=principal.project_id,
        name=body.name,
        scopes=sorted(set(body.scopes)),
        digest=digest_of(key),
        expires_at=body.expires_at,
        created_by=principal.name,
    )
    stored = await services.api_keys.add(minted)
    # Somebody may have tried it before there was one.
    services.key_ring.forget(api_key_id)
    response.headers["Location"] = f"/v1/api-keys/{api_key_id}"
    return _told(request, response, stored, key)


@router.get("/v1/api-keys", operation_id="list_api_keys", summary="List API keys", responses=READING)
async def list_api_keys(services: ServicesDep, principal: Administrator, part: Part) -> Listing[ApiKey]:
    """The newest first, those that were revoked too; never the keys themselves."""
    page = await services.api_keys.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)


@router.get("/v1/api-keys/{api_key_id}", operation_id="get_api_key", summary="Look at an API key", responses=READING)
async def get_api_key(
    response: Response, services: ServicesDep, principal: Administrator, api_key_id: ApiKeyId
) -> ApiKey:
    """Its scopes, until when it holds, and when it was used last, to about a minute."""
    found = await services.api_keys.get(principal.project_id, api_key_id)
    mark(response, found.revision)
    return found


@router.patch(
    "/v1/api-keys/{api_key_id}",
    operation_id="change_api_key",
    summary="Change an API key",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def change_api_key(
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    api_key_id: ApiKeyId,
    body: ApiKeyChange,
    expected: ExpectedRevision,
) -> ApiKey:
    """Only what is said changes. Every process of the API knows within a second."""
    changed = await services.api_keys.change(
        principal.project_id, api_key_id, changes_of(body), by=principal.name, expected=expected
    )
    services.key_ring.forget(api_key_id)
    mark(response, changed.revision)
    return changed


@router.post(
    "/v1/api-keys/{api_key_id}/rotate",
    operation_id="rotate_api_key",
    summary="Make another secret for an API key",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def rotate_api_key(
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    api_key_id: ApiKeyId,
    expected: ExpectedRevision,
    body: ApiKeyRotation = A_DAY,
) -> ApiKeyWithSecret:
    """Told once, as the first. For `keep_s` seconds, a day if nothing is said, the former one holds as well, so that
    whoever uses it can change to the new one in their own time; with 0 it holds no more."""
    key = new_key(api_key_id)
    rotated = await services.api_keys.rotate(
        principal.project_id, api_key_id, digest_of(key), keep_s=body.keep_s, by=principal.name, expected=expected
    )
    services.key_ring.forget(api_key_id)
    return _told(request, response, rotated, key)


@router.post(
    "/v1/api-keys/{api_key_id}/revoke",
    operation_id="revoke_api_key",
    summary="Revoke an API key",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def revoke_api_key(
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    api_key_id: ApiKeyId,
    expected: ExpectedRevision,
) -> ApiKey:
    """For good, in every process of the API within a second. It stays in the list, and its name is free."""
    revoked = await services.api_keys.revoke(principal.project_id, api_key_id, by=principal.name, expected=expected)
    services.key_ring.forget(api_key_id)
    mark(response, revoked.revision)
    return revoked


def _told(request: Request, response: Response, stored: ApiKey, key: str) -> ApiKeyWithSecret:
    mark(response, stored.revision)
    told = ApiKeyWithSecret(**dict(stored), key=key)
    keep_instead(request, told.model_copy(update={"key": None}))
    return told
