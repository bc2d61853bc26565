"""Rules of the house for every operation of the description, those of colleagues yet to come included."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.metering import FREE
from core.settings import Settings
from tests.api.contracts import resolved
from tests.api.recorder import checked

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*([-.][a-z0-9]+)*")
UNPAGED = {"list_agent_kinds", "list_dataset_kinds", "list_evaluators", "list_ready_made_benchmarks"}
"""What is installed: as many as there are packages, and never more than fit a page."""
ONLY_ONE = {"/v1/benchmarks/ready-made"}
"""Lists whose address ends in no plural."""
TRIALS = {"test_agent", "test_stored_agent"}
"""Asking an agent may take longer than a key is held."""
LONGEST_SUMMARY = 60


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and what is said."""
    for path, methods in description["paths"].items():
        for method, said in methods.items():
            yield method, path, said


def parameters(description: dict[str, Any], said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [resolved(description, each) for each in said.get("parameters", ())]
    return {each["name"]: each for each in found}


def test_every_operation_has_a_name_of_its_own_a_summary_a_description_and_a_known_tag(
    description: dict[str, Any],
) -> None:
    tags = {tag["name"] for tag in description["tags"]}
    names: list[str] = []
    for method, path, said in operations(description):
        names.append(said["operationId"])
        assert SNAKE_CASE.fullmatch(said["operationId"]), path
        assert said["description"], f"{method} {path}"
        assert 0 < len(said["summary"]) <= LONGEST_SUMMARY, f"{method} {path}"
        assert not said["summary"].endswith("."), f"{method} {path}"
        assert said["tags"], f"{method} {path}"
        assert set(said["tags"]) <= tags, f"{method} {path}: describe its tag in api/description.py"
    assert len(set(names)) == len(names)


def test_every_parameter_says_what_it_is_and_every_part_of_a_path_shows_one(description: dict[str, Any]) -> None:
    for method, path, said in operations(description):
        for name, parameter in parameters(description, said).items():
            assert parameter.get("description"), f"{method} {path}: {name}"
            if parameter["in"] == "path":
                assert parameter.get("example") or parameter["schema"].get("examples"), f"{method} {path}: {name}"
            if parameter["in"] == "query":
                assert SNAKE_CASE.fullmatch(name), f"{method} {path}: {name}"


def test_addresses_are_plural_nouns_in_lower_case(description: dict[str, Any]) -> None:
    for _, path, said in operations(description):
        words = [part for part in path.split("/")[1:] if not part.startswith("{")]
        assert all(KEBAB_CASE.fullmatch(word) for word in words), path
        if said["operationId"].startswith("list_") and path not in ONLY_ONE:
            assert words[-1].endswith("s"), path


def test_fields_are_in_snake_case(description: dict[str, Any]) -> None:
    for name, schema in description["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert SNAKE_CASE.fullmatch(field), f"{name}: {field}"


def test_every_list_comes_in_the_same_pages(description: dict[str, Any]) -> None:
    shapes: set[str] = set()
    for _, path, said in operations(description):
        known = parameters(description, said)
        if said["operationId"].startswith("list_") and said["operationId"] not in UNPAGED:
            assert {"limit", "cursor"} <= set(known), path
            shapes.add(repr((known["limit"], known["cursor"])))
            told = said["responses"]["200"]["content"]["application/json"]["schema"]
            assert {"items", "next_cursor"} <= set(resolved(description, told)["properties"]), path
            assert "Link" in said["responses"]["200"]["headers"], path
    assert len(shapes) == 1


def test_whatever_is_repeated_by_mistake_may_be_repeated_safely(description: dict[str, Any]) -> None:
    for method, path, said in operations(description):
        if method != "get" and said["operationId"] not in TRIALS:
            assert "Idempotency-Key" in parameters(description, said), f"{method} {path}: openapi_extra=IDEMPOTENT"
            assert "409" in said["responses"], f"{method} {path}: documented(409, ...)"


def test_every_change_of_what_is_there_may_name_the_revision_it_follows(description: dict[str, Any]) -> None:
    for method, path, said in operations(description):
        if method in ("put", "patch", "delete"):
            assert "If-Match" in parameters(description, said), f"{method} {path}: take an ExpectedRevision"
            assert "412" in said["responses"], f"{method} {path}"


def test_every_operation_tells_all_errors_it_may_answer_with(description: dict[str, Any]) -> None:
    for method, path, said in operations(description):
        told = {int(status) for status in said["responses"]}
        assert {400, 422, 500} <= told, f"{method} {path}"
        if "security" in said:
            assert {401, 403, 503} <= told, f"{method} {path}"
            assert 429 in told or path in FREE, f"{method} {path}"
            assert 404 in told or "{" not in path, f"{method} {path}: documented(404, ...)"


def test_every_example_is_what_its_schema_says(description: dict[str, Any]) -> None:
    for method, path, said in operations(description):
        contents = [said.get("requestBody", {}), *said["responses"].values()]
        for content in (each for part in contents for each in part.get("content", {}).values()):
            shown = [each["value"] for each in content.get("examples", {}).values()]
            for example in [*shown, *([content["example"]] if "example" in content else [])]:
                checked(description, example, content.get("schema", {}), f"{method} {path}")
