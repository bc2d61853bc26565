"""`/v1/limits`: provider keys, what is known of their limits, and what the operator allows at most."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from pydantic import model_validator

from adapters.network.target import HttpUrl, origin
from api.examples import LIMITS
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.security import Administrator
from api.services import ServicesDep
from core.limit_views import KeyView, LimitRule
from core.limits import NO_LIMITS, Limits
from core.model import Name

router = APIRouter(tags=["limits"], route_class=GuardedRoute)
READING = documented(400, 401, 403, 404, 422, 503)
RuleId = Annotated[
    str, Path(max_length=200, description="The rule's id.", examples=["limit_01k9rjw1qye8xs5vt1m4ywk0a4"])
]
KeyId = Annotated[
    str, Path(max_length=200, description="The provider key's id.", examples=["key_0f343b0931126a20f133d67c2b018a3b"])
]


class NewRule(Limits):
    """Which keys, and what they may be asked for at most."""

    origin: HttpUrl
    """Of the provider, such as `https://api.openai.com`; a path does not matter."""
    credential: Name | None = None
    """Only the key of this stored credential, or of this environment variable."""
    model: Name | None = None
    """Only this model."""

    @model_validator(mode="after")
    def _limits_something(self) -> "NewRule":
        if self.limits == NO_LIMITS:
            raise ValueError("give at least one of `in_flight`, `requests_per_minute` and `tokens_per_minute`")
        return self

    @property
    def limits(self) -> Limits:
        return Limits.model_validate(self.model_dump(include=set(Limits.model_fields)))


@router.get("/v1/limits", operation_id="list_limits", summary="See provider keys and their limits", responses=READING)
async def list_limits(services: ServicesDep, principal: Administrator, part: Part) -> Listing[KeyView]:
    """Every provider key that calls went by: its limits, the rate that is tried, its breaker, and the runs that use it,
    over all workers. A key is an origin, a credential and, as a rule, a model; its id is a hash that tells no
    secret."""
    page = await services.limits.page(limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda view: view)


@router.post(
    "/v1/limits",
    status_code=201,
    operation_id="set_limits",
    summary="Limit provider keys",
    responses=documented(400, 401, 403, 409, 412, 413, 415, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def set_limits(
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    body: Annotated[NewRule, Body(openapi_examples=LIMITS)],
    expected: ExpectedRevision,
) -> LimitRule:
    """For all runs and workers together, within a second. Set again for the same keys it replaces what was set; where
    several rules match a key, the one that says most about it holds. What the provider itself refuses is found out
    and kept to without any rule."""
    place = origin(body.origin)
    rule = await services.limits.set(place, body.credential, body.model, body.limits, expected=expected)
    await services.audit.record(principal.project_id, principal.name, "limit.set", rule.rule_id, _told(rule))
    response.headers["Location"] = f"/v1/limits/rules/{rule.rule_id}"
    mark(response, rule.revision)
    return rule


@router.get("/v1/limits/rules", operation_id="list_limit_rules", summary="List the rules", responses=READING)
async def list_limit_rules(services: ServicesDep, principal: Administrator, part: Part) -> Listing[LimitRule]:
    """By id, that is in the order in which they were first set."""
    return part.of(await services.limits.rule_page(limit=part.limit, cursor=part.cursor), lambda rule: rule)


@router.get("/v1/limits/rules/{rule_id}", operation_id="get_limit_rule", summary="Look at a rule", responses=READING)
async def get_limit_rule(
    response: Response, services: ServicesDep, principal: Administrator, rule_id: RuleId
) -> LimitRule:
    """As it was set."""
    rule = await services.limits.rule(rule_id)
    mark(response, rule.revision)
    return rule


@router.delete(
    "/v1/limits/rules/{rule_id}",
    status_code=204,
    operation_id="remove_limit_rule",
    summary="Remove a rule",
    responses=documented(400, 401, 403, 404, 409, 412, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def remove_limit_rule(
    services: ServicesDep, principal: Administrator, rule_id: RuleId, expected: ExpectedRevision
) -> None:
    """Keys that it limited are free within a second, or fall under a rule that says less about them."""
    rule = await services.limits.remove(rule_id, expected=expected)
    await services.audit.record(principal.project_id, principal.name, "limit.remove", rule_id, _told(rule))


@router.post(
    "/v1/limits/{key_id}/reset",
    status_code=204,
    operation_id="reset_limits",
    summary="Forget what was learned of a key",
    responses=documented(400, 401, 403, 404, 409, 422, 503),
    openapi_extra=IDEMPOTENT,
)
async def reset_limits(services: ServicesDep, principal: Administrator, key_id: KeyId) -> None:
    """The rate that is tried, an open breaker, an exhausted account: after an invoice was paid, or a plan was raised,
    when nobody wants to wait for it to be found out. Rules stay."""
    await services.limits.forget(key_id)
    await services.audit.record(principal.project_id, principal.name, "limit.reset", key_id)


def _told(rule: LimitRule) -> dict[str, str]:
    """The rule, for the record of who did what."""
    parts = {"origin": rule.origin, "credential": rule.credential, "model": rule.model} | rule.limits.model_dump()
    return {name: str(value) for name, value in parts.items() if value is not None}
