"""The published schema accepts what the service accepts, and refuses what it refuses."""

import json
from typing import Any

import jsonschema
import pytest

from adapters.definitions.ready_made import ready_made, ready_made_text
from adapters.definitions.schema import definition_schema
from adapters.definitions.yaml_text import parse
from tests.adapters.definitions.test_reading import GOOD


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = definition_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("text", [GOOD, *map(ready_made_text, ready_made())], ids=["good", *ready_made()])
def test_what_the_service_accepts_is_valid(validator: Any, text: str) -> None:
    assert [error.message for error in validator.iter_errors(parse(text, source="a").value)] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("evaluators:", "evaluater:"),
        ("  limit: 1", "  limits: 1"),
        ("kind: exact", "kind: exat"),
        ("ignore_case", "ignorecase"),
        ("    rows:", "    rowz:"),
        ("kind: openai", "kind: opnai"),
        ("ignore_case: true", "ignore_case: perhaps"),
    ],
)
def test_what_the_service_refuses_is_not(validator: Any, right: str, wrong: str) -> None:
    assert not validator.is_valid(parse(GOOD.replace(right, wrong, 1), source="a").value)


def test_short_forms_are_valid(validator: Any) -> None:
    value = parse(GOOD, source="a").value
    for tasks in ("chain_sum", ["chain_sum"], {"chain_sum": None}, {"chain_sum": 5}, [{"task": "gcd", "max_value": 9}]):
        value["dataset"]["source"] = {"kind": "reasoning_gym", "tasks": tasks}
        assert validator.is_valid(value), tasks
    value["dataset"]["source"] = {"kind": "file", "path": "/data/x.jsonl"}
    assert validator.is_valid(value)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    schema = definition_schema()
    text = json.dumps(schema)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references <= set(schema["$defs"])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_embedder_of_a_metric_is_described(validator: Any) -> None:
    value = parse(GOOD, source="a").value
    for embedder, good in (({"kind": "ngrams"}, True), (None, True), ({"kind": "ngrams", "modl": "x"}, False)):
        value["metrics"] = {"semantic_consistency": embedder}
        assert validator.is_valid(value) is good, embedder
