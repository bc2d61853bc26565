"""`/v1/evals`: a schema of rows and the graders of answers to them."""

from typing import Annotated, Any, Final, Literal, cast

from fastapi import APIRouter, Request
from pydantic import Field, JsonValue, StringConstraints, field_validator

from api.openai_evals.criteria import Criterion
from api.openai_evals.definition import refuse_graders
from api.openai_evals.ids import new_eval_id
from api.openai_evals.pages import After, InOrder, Limit, listed
from api.openai_evals.routing import OpenAIRoute
from api.openai_evals.sent import Sent
from api.openai_evals.views import eval_view
from api.security import Reader, Writer
from api.services import ServicesDep
from core.model import Model
from evaluators.schemas import checked

NAMELESS: Final = "eval"
Metadata = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=512)]],
    Field(max_length=16),
]
Named = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class CustomConfig(Sent):
    type: Literal["custom"]
    item_schema: dict[str, JsonValue]
    include_sample_schema: bool = False

    @field_validator("item_schema")
    @classmethod
    def _is_schema(cls, schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
        checked(schema)
        return schema


class NewEval(Sent):
    name: Named = NAMELESS
    metadata: Metadata | None = None
    data_source_config: CustomConfig
    testing_criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=20)
    share_with_openai: bool = False
    """Of earlier versions of the API; nothing is shared with anybody."""

    @field_validator("data_source_config", mode="before")
    @classmethod
    def _is_here(cls, config: Any) -> Any:
        if isinstance(config, dict) and cast("dict[str, Any]", config).get("type") in ("logs", "stored_completions"):
            raise ValueError(
                "There is no log of completions here that an eval could be made of; use `custom` with an `item_schema`"
            )
        return cast("Any", config)


class EvalChange(Model):
    name: Named | None = None
    metadata: Metadata | None = None


router = APIRouter(route_class=OpenAIRoute)


@router.post("/v1/evals", status_code=201)
async def create_eval(request: Request, services: ServicesDep, principal: Writer, body: NewEval) -> dict[str, Any]:
    """Everything that can be known of the graders is checked now."""
    await refuse_graders(services, principal.project_id, body.testing_criteria)
    content = body.model_dump(mode="json", exclude_unset=True)
    record = await services.openai_evals.add(
        principal.project_id,
        new_eval_id(request),
        {"name": body.name, "metadata": body.metadata, **{name: content[name] for name in KEPT}},
    )
    await services.audit.record(principal.project_id, principal.name, "openai_eval.create", record.eval_id)
    return eval_view(record)


KEPT: Final = ("data_source_config", "testing_criteria")


@router.get("/v1/evals")
async def list_evals(
    services: ServicesDep,
    principal: Reader,
    limit: Limit = 20,
    after: After = None,
    order: InOrder = "asc",
    order_by: Literal["created_at", "updated_at"] = "created_at",
) -> dict[str, Any]:
    found = await services.openai_evals.page(
        principal.project_id, limit=limit, after=after, order=order, by_update=order_by == "updated_at"
    )
    return listed([eval_view(each) for each in found[:limit]], more=len(found) > limit)


@router.get("/v1/evals/{eval_id}")
async def get_eval(services: ServicesDep, principal: Reader, eval_id: str) -> dict[str, Any]:
    return eval_view(await services.openai_evals.get(principal.project_id, eval_id))


@router.post("/v1/evals/{eval_id}")
async def update_eval(services: ServicesDep, principal: Writer, eval_id: str, body: EvalChange) -> dict[str, Any]:
    """Its name and metadata; graders and schema are what its runs were made of."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if changes.get("name", "") is None:
        del changes["name"]
    record = await services.openai_evals.change(principal.project_id, eval_id, changes)
    await services.audit.record(principal.project_id, principal.name, "openai_eval.update", eval_id)
    return eval_view(record)


@router.delete("/v1/evals/{eval_id}")
async def delete_eval(services: ServicesDep, principal: Writer, eval_id: str) -> dict[str, Any]:
    """Its runs stay among our runs."""
    await services.openai_evals.remove(principal.project_id, eval_id)
    await services.audit.record(principal.project_id, principal.name, "openai_eval.delete", eval_id)
    return {"object": "eval.deleted", "deleted": True, "eval_id": eval_id}
