"""The JSON Schema of a benchmark file, for editors: a definition's own keys, and the settings of what is installed."""

from typing import Any, cast

from core.benchmarks import BenchmarkDefinition
from core.embeddings import EmbeddingSpec
from core.plugins import Group, Plugin, installed

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLACES: tuple[tuple[Group, str, str], ...] = (
    ("datasets", "DatasetSpec", "source"),
    ("agents", "AgentSpec", "agent"),
)
"""Which field of which part holds a plugin of which group; evaluators are a part of their own."""


def definition_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of `BenchmarkDefinition`, plugins' settings included."""
    schema = BenchmarkDefinition.model_json_schema()
    parts: dict[str, Any] = schema["$defs"]
    for group, part, field in PLACES:
        parts[part]["properties"][field] = {"oneOf": _kinds(group, parts)}
    evaluation: dict[str, Any] = parts["Evaluation"]
    name = evaluation["properties"]["name"]
    parts["Evaluation"] = {
        "description": evaluation.get("description", ""),
        "oneOf": _kinds("evaluators", parts, {"name": name}),
    }
    embedder = EmbeddingSpec.model_json_schema(ref_template="#/$defs/embedders.{model}")
    parts.update({f"embedders.{name}": part for name, part in embedder.pop("$defs", {}).items()})
    parts["ExtraMetrics"]["properties"]["semantic_consistency"] = {"oneOf": [embedder, {"type": "null"}]}
    parts.pop("PluginSpec", None)
    return with_head(schema, "benchmark.schema.json")


def with_head(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """A whole schema of files, which may say in `$schema` where it is."""
    told = {"$schema": {"type": "string", "description": "Where this schema is, for editors."}}
    properties: dict[str, Any] = schema.get("properties", {})
    return {"$schema": DIALECT, "$id": name, **schema, "properties": told | properties}


def _kinds(group: Group, parts: dict[str, Any], besides: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """A schema for each kind. What a plugin's settings refer to goes into the shared parts, under a name of its own."""
    return [_kind(group, kind, plugin, parts, besides or {}) for kind, plugin in sorted(installed(group).items())]


def _kind(
    group: Group, kind: str, plugin: Plugin[Any, Any], parts: dict[str, Any], besides: dict[str, Any]
) -> dict[str, Any]:
    own = f"{group}.{kind}"
    schema = plugin.settings.model_json_schema(ref_template=f"#/$defs/{own}.{{model}}")
    for name, part in cast("dict[str, Any]", schema.pop("$defs", {})).items():
        parts[f"{own}.{name}"] = part
    settings: dict[str, Any] = schema.get("properties", {})
    schema["properties"] = {"kind": {"const": kind, "description": plugin.summary}, **besides, **settings}
    schema["required"] = ["kind", *schema.get("required", [])]
    schema["title"] = kind
    return schema
