"""What is installed: the kinds of evaluators, agents and datasets, and the schema of a definition."""

from typing import Any

from fastapi import APIRouter

from adapters.definitions.ready_made import ready_made, ready_made_text
from adapters.definitions.schema import definition_schema
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Public, Reader
from core.model import Model
from core.plugins import Group, installed

router = APIRouter(tags=["catalogue"], route_class=GuardedRoute)
READING = documented(401, 403)


class KindView(Model):
    """A plugin."""

    kind: str
    summary: str
    version: str
    """Of the meaning of its results."""
    simulated: bool
    """It plays a model instead of being one."""
    settings: dict[str, Any]
    """JSON Schema of what stands beside `kind`."""


class Kinds(Model):
    items: tuple[KindView, ...]
    next_cursor: None = None


@router.get("/v1/evaluators", operation_id="list_evaluators", summary="List kinds of evaluators", responses=READING)
async def list_evaluators(principal: Reader) -> Kinds:
    """The installed kinds, each with the JSON Schema of its settings."""
    return _kinds("evaluators")


@router.get("/v1/agents/kinds", operation_id="list_agent_kinds", summary="List kinds of agents", responses=READING)
async def list_agent_kinds(principal: Reader) -> Kinds:
    """The installed kinds, each with the JSON Schema of its settings."""
    return _kinds("agents")


@router.get(
    "/v1/datasets/kinds", operation_id="list_dataset_kinds", summary="List kinds of datasets", responses=READING
)
async def list_dataset_kinds(principal: Reader) -> Kinds:
    """Where cases may come from: the installed kinds, each with the JSON Schema of its settings."""
    return _kinds("datasets")


@router.get("/v1/schemas/benchmark.json", operation_id="get_benchmark_schema", summary="Schema of a definition")
async def get_benchmark_schema(_: Public) -> dict[str, Any]:
    """JSON Schema (2020-12) of a benchmark definition: for `$schema` in YAML files and for editors."""
    return {**definition_schema(), "$id": "/v1/schemas/benchmark.json"}


class ReadyMade(Model):
    name: str
    """What `POST /v1/runs` takes as `benchmark`, with `folder` saying where the data files are."""
    yaml: str
    """The definition; `{folder}` stands for the folder."""


class ReadyMades(Model):
    items: tuple[ReadyMade, ...]
    next_cursor: None = None


@router.get(
    "/v1/benchmarks/ready-made",
    operation_id="list_ready_made_benchmarks",
    summary="List ready-made benchmarks",
    responses=READING,
)
async def list_ready_made_benchmarks(principal: Reader) -> ReadyMades:
    """Definitions of well-known public benchmarks, over a folder with their own data files."""
    return ReadyMades(items=tuple(ReadyMade(name=name, yaml=ready_made_text(name)) for name in ready_made()))


def _kinds(group: Group) -> Kinds:
    return Kinds(
        items=tuple(
            KindView(
                kind=kind,
                summary=plugin.summary,
                version=plugin.version,
                simulated=plugin.simulated,
                settings=plugin.settings.model_json_schema(),
            )
            for kind, plugin in sorted(installed(group).items())
        )
    )
