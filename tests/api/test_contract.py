"""The description of the API is a file in the repository: a change of it shows in review, and none breaks a client."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.contract import FILE, contract
from tests.api.contracts import breaks, differences

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "tests" / "golden" / "openapi"
"""The contract of every release, kept by `make openapi RELEASE=...`."""
MOST = 40
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return contract()


def test_the_contract_is_the_one_that_was_reviewed(now: dict[str, Any]) -> None:
    found = list(differences(orjson.loads(FILE.read_bytes()), now))
    shown = "\n".join(found[:MOST])
    assert not found, f"\n{shown}\n{len(found)} in all: if this is meant, `make openapi` and commit api/openapi.json"


def test_the_contract_is_openapi(now: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(now).validate()


def test_nothing_that_was_released_is_broken(now: dict[str, Any]) -> None:
    released = sorted(RELEASED.glob("*.json"))
    assert released, "run `make openapi RELEASE=...`"
    for file in released:
        assert breaks(orjson.loads(file.read_bytes()), now) == [], f"clients of {file.stem} would stumble over it"


def test_every_release_has_left_its_contract() -> None:
    released = re.findall(r"^## \[(\S+)\] - \d", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert {file.stem for file in RELEASED.glob("*.json")} >= set(released), "run `make openapi RELEASE=...`"


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    return document["components"]["schemas"][name]


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    return document["paths"][path][method]


BY = {"name": "by", "in": "query", "required": True, "schema": {"type": "string"}}
BREAKING: dict[str, Change] = {
    "GET /v1/leaderboards is gone.": lambda it: it["paths"].pop("/v1/leaderboards"),
    "GET /v1/runs is named get_runs instead of list_runs.": lambda it: operation(it, "get", "/v1/runs").update(
        operationId="get_runs"
    ),
    "GET /v1/leaderboards needs the parameter by (query).": lambda it: operation(it, "get", "/v1/leaderboards")[
        "parameters"
    ].append(BY),
    "POST /v1/runs answers no 202 any more.": lambda it: operation(it, "post", "/v1/runs")["responses"].pop("202"),
    "Price has no field input any more.": lambda it: schema(it, "Price")["properties"].pop("input"),
    "Health (sent) has no field status any more.": lambda it: schema(it, "Health")["properties"].pop("status"),
    "Budget needs the field max_usd.": lambda it: schema(it, "Budget").update(required=["max_usd"]),
    "Trigger > overlap may be 'skip' no more.": lambda it: schema(it, "Trigger")["properties"]["overlap"]["anyOf"][0][
        "enum"
    ].remove("skip"),
    "VersionView (sent) > python is integer instead of string.": lambda it: schema(it, "VersionView")["properties"][
        "python"
    ].update(type="integer"),
}


@pytest.mark.parametrize(("said", "change"), BREAKING.items(), ids=range(len(BREAKING)))
def test_a_change_that_clients_would_stumble_over_is_named(now: dict[str, Any], said: str, change: Change) -> None:
    changed = copy.deepcopy(now)
    change(changed)
    assert said in breaks(now, changed)
    assert list(differences(now, changed))


def test_what_is_added_breaks_nobody(now: dict[str, Any]) -> None:
    changed = copy.deepcopy(now)
    changed["paths"]["/v1/novelties"] = {"get": now["paths"]["/v1/agents"]["get"] | {"operationId": "list_novelties"}}
    schema(changed, "Health")["properties"]["since"] = {"type": "string"}
    schema(changed, "Budget")["properties"]["max_joules"] = {"type": "number"}
    assert breaks(now, changed) == []
    assert [line.rpartition(" > ")[2] for line in differences(now, changed)] == [
        "/v1/novelties: new",
        "max_joules: new",
        "since: new",
    ]
