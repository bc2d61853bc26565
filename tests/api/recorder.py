"""Calls every operation by its name, holds what comes back against the description, and keeps it as an example."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import quote

import httpx2
from jsonschema import Draft202012Validator

from api.description import recorded_examples

ID: Final = re.compile(r"\b(?:[a-z]{2,6}_[0-7][0-9a-hjkmnp-tv-z]{25}|key_[0-9a-f]{32})\b")
SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/=]+")
API_KEY: Final = re.compile(r"abk_[0-9a-z]{26}_(?:[0-9a-f]{72})?")
ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:[0-9]+")
MODEL: Final = "http://127.0.0.1:8090"
"""Where examples have their model."""
MOST: Final = 2
"""Of each list, so many entries are kept in an example."""
LONGEST: Final = 300
SCHEMAS: Final = frozenset({"get_openapi", "get_benchmark_schema", "get_gate_schema"})
"""Their answers are long, and shown with their outermost fields only."""


class Recorder:
    def __init__(self, api: httpx2.AsyncClient, description: dict[str, Any]) -> None:
        self.api = api
        self._description = description
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
        }
        self.examples: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}

    async def __call__(
        self, operation_id: str, status: int, *, path: Mapping[str, str] | None = None, **sent: Any
    ) -> httpx2.Response:
        """Sends the request of this operation; its answer must be of this status, and as described."""
        method, template, operation = self._operations[operation_id]
        names = {name: quote(value, safe="") for name, value in (path or {}).items()}
        answer = await self.api.request(method, template.format(**names), **sent)
        assert answer.status_code == status, f"{operation_id}: {answer.status_code} {answer.text}"
        described = operation["responses"][str(status)]
        assert "x-request-id" in answer.headers
        if status in (201, 202):
            assert (await self.api.get(answer.headers["location"])).status_code == 200, operation_id
        self._keep(operation_id, answer, described, sent.get("json"))
        return answer

    def _keep(self, operation_id: str, answer: httpx2.Response, described: dict[str, Any], sent: object) -> None:
        example = self.examples.setdefault(operation_id, {})
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if answer.content:
            assert media_type in described["content"], f"{operation_id} answers as {media_type}"
            told: Any = answer.text
            if media_type == "application/json":
                told = answer.json()
                checked(self._description, told, described["content"][media_type]["schema"], operation_id)
            shown = outermost(told) if operation_id in SCHEMAS else self.shown(told)
            example.setdefault("answers", {}).setdefault(str(answer.status_code), {})[media_type] = shown
        if sent is not None:
            example.setdefault("request", {}).setdefault("application/json", self.shown(sent))

    def shown(self, value: Any) -> Any:
        """As an example: short, and of no particular machine."""
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {
                self.shown(name): outermost(inner) if name == "settings" else self.shown(inner)
                for name, inner in fields.items()
            }
        if isinstance(value, list):
            return [self.shown(each) for each in cast("list[Any]", value)[:MOST]]
        if isinstance(value, str):
            text = API_KEY.sub(
                "abk_01k9rjw1qye8xs5vt1m4ywk0a4_",
                SECRET.sub("whsec_c2VjcmV0", ADDRESS.sub(MODEL, ID.sub(self._another, value))),
            )
            return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
        return value

    def _another(self, found: re.Match[str]) -> str:
        kind = found[0].partition("_")[0]
        # The first of a kind is the one that examples of requests speak of.
        number = sum(each.startswith(f"{kind}_") for each in self._ids)
        return self._ids.setdefault(found[0], f"{kind}_01k9rjw1qye8xs5vt1m4ywk{number + 160:03x}".replace("0a0", "0a4"))


def checked(description: dict[str, Any], told: object, schema: dict[str, Any], where: str) -> None:
    """Raises AssertionError for what is not as its schema says."""
    validator: Any = Draft202012Validator({**schema, "components": description["components"]})
    wrong = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(told)]
    assert wrong == [], where


def outermost(value: Any) -> Any:
    """A long object with its simple fields only."""
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    return {name: inner for name, inner in fields.items() if not isinstance(inner, dict | list)} or {}


def missing_examples(description: dict[str, Any]) -> list[str]:
    """What is described without an example of it."""
    found: list[str] = []
    for methods in description["paths"].values():
        for operation in methods.values():
            contents = {"request": operation.get("requestBody", {}).get("content", {})}
            answers = operation["responses"].items()
            contents |= {status: answer.get("content", {}) for status, answer in answers if status < "300"}
            for name, content in contents.items():
                shown = content.get("application/json", {"example": None})
                if not {"example", "examples"} & set(shown):
                    found.append(f"{operation['operationId']}: {name}")
    return found


def stale_examples(description: dict[str, Any]) -> list[str]:
    """Operations that are recorded and no more there."""
    there = {each["operationId"] for methods in description["paths"].values() for each in methods.values()}
    return sorted(set(recorded_examples()) - there)
