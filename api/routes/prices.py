"""`/v1/prices`: what a model costs here and who says so, and what the operator says instead."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import Field

from adapters.agents.anthropic import ANTHROPIC
from adapters.agents.key import Vendor
from adapters.agents.openai import OPENAI
from adapters.network.target import HttpUrl, origin
from adapters.pricing import Pricing
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part
from api.problems import documented
from api.revisions import ExpectedRevision, mark
from api.routing import GuardedRoute
from api.security import Administrator, Principal, Reader
from api.services import Services, ServicesDep
from core.benchmarks import Price
from core.errors import NotFound
from core.model import Model
from core.prices import KnownPrice, OperatorPrice

router = APIRouter(tags=["prices"], route_class=GuardedRoute)
PROBLEMS = documented(400, 401, 403, 404, 422, 503)
CHANGING = documented(400, 401, 403, 404, 409, 412, 413, 415, 422, 503)
VENDORS: tuple[Vendor, ...] = (OPENAI, ANTHROPIC)
ModelName = Annotated[str, Path(max_length=200, description="By the name agents ask for it.", examples=["gpt-5-mini"])]
BaseUrl = Annotated[
    HttpUrl | None,
    Query(description="Where the model is asked, such as https://api.openai.com/v1. Default: its vendor."),
]


class NewPrice(Price):
    """US dollars per million tokens."""

    base_url: HttpUrl = Field(examples=["https://api.openai.com/v1"])
    """Where the model is asked; the path does not matter."""


class PriceView(Model):
    model: str
    origin: str
    price: KnownPrice


@router.get("/v1/prices", operation_id="list_prices", summary="List the operator's prices", responses=PROBLEMS)
async def list_prices(services: ServicesDep, principal: Reader, part: Part) -> Listing[OperatorPrice]:
    """By origin and model. They hold for every agent, judge and embedding model that has no `price` of its own."""
    return part.of(await services.prices.page(limit=part.limit, cursor=part.cursor), lambda price: price)


@router.get("/v1/prices/{model:path}", operation_id="get_price", summary="What a model costs", responses=PROBLEMS)
async def get_price(
    response: Response, services: ServicesDep, principal: Reader, model: ModelName, base_url: BaseUrl = None
) -> PriceView:
    """The price that holds here, and who says so: the operator, or the table that comes along (genai-prices, whose
    release `detail` names). An agent's own `price` comes before both. 404 where nobody knows one: then a run with a
    budget in dollars pauses, unless told to ignore it."""
    urls = [base_url] if base_url else [services.environ.get(each.url_variable, each.default_url) for each in VENDORS]
    for url in urls:
        known = await Pricing(None, api_url=url, model=model, prices=services.prices).known()
        if known is not None:
            mark(response, known.revision)
            return PriceView(model=model, origin=origin(url), price=known)
    where = base_url or " or ".join(urls)
    raise NotFound(f"Nobody knows what {model!r} costs at {where}: PUT its price here, or give the agent a `price`.")


@router.put(
    "/v1/prices/{model:path}",
    operation_id="set_price",
    summary="Set a model's price",
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def set_price(
    response: Response,
    services: ServicesDep,
    principal: Administrator,
    model: ModelName,
    body: Annotated[NewPrice, Body()],
    expected: ExpectedRevision,
) -> OperatorPrice:
    """In the place of the table's, for all runs and workers. Answers that are there keep the price they had, and an
    agent that is being asked at this moment may keep it until its run has ended."""
    told = Price(input=body.input, output=body.output)
    price = await services.prices.set(origin(body.base_url), model, told, expected=expected)
    mark(response, price.revision)
    changes = {"origin": price.origin, "input": f"{price.price.input:g}", "output": f"{price.price.output:g}"}
    await _recorded(services, principal, "price.set", model, changes)
    return price


@router.delete(
    "/v1/prices/{model:path}",
    operation_id="remove_price",
    summary="Forget a set price",
    status_code=204,
    responses=CHANGING,
    openapi_extra=IDEMPOTENT,
)
async def remove_price(
    services: ServicesDep,
    principal: Administrator,
    model: ModelName,
    expected: ExpectedRevision,
    base_url: Annotated[HttpUrl, Query(description="Where the model is asked.")],
) -> None:
    """The table's price holds again, where there is one."""
    await services.prices.remove(origin(base_url), model, expected=expected)
    await _recorded(services, principal, "price.remove", model, {"origin": origin(base_url)})


async def _recorded(services: Services, principal: Principal, action: str, model: str, told: dict[str, str]) -> None:
    await services.audit.record(principal.project_id, principal.name, action, model, told)
