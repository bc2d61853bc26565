"""The description of the API is complete: scopes, problems, examples, stable names."""

import json
import re
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts

from api import examples
from api.app import create_app
from api.routing import GuardedRoute, guard_of
from api.security import OpenToAll, RequiresScope
from core.settings import Settings
from tests.providers import Provider

OPEN = {
    "/",
    "/docs",
    "/health",
    "/openapi.json",
    "/problems",
    "/problems/{slug}",
    "/ready",
    "/static/{digest}/{name:path}",
    "/v1/schemas/benchmark.json",
    "/v1/schemas/gate.json",
    "/version",
}
"""The routes that ask nobody for a key. A new one belongs here only if it tells nothing about anybody's runs."""
OPERATIONS = {
    "create_comparison", "get_comparison", "get_gate", "get_gate_schema", "get_leaderboard", "judge_run",
    "list_comparisons", "list_flips",
    "amend_run", "delete_budget", "fork_run", "get_budget", "get_run_budget", "rescore_run", "set_budget",
    "reproduce_run",
    "create_calibration", "get_calibration", "list_calibrations",
    "backfill_schedule", "change_schedule", "create_schedule", "delete_schedule", "get_schedule", "list_schedules",
    "list_scheduled_runs", "pause_schedule", "resume_schedule", "trigger_schedule",
    "delete_baseline", "get_baseline", "get_baseline_check", "list_baseline_checks", "set_baseline",
    "get_credential", "get_limit_rule", "get_manifest", "get_manifest_differences",
    "create_preference", "get_preference", "list_preferences",
    "change_webhook", "create_webhook", "delete_webhook", "get_delivery", "get_webhook", "list_deliveries",
    "list_webhooks", "redeliver", "rotate_webhook_secret", "test_webhook",
    "cancel_run", "create_agent", "create_benchmark", "create_run", "get_agent", "get_benchmark",
    "get_benchmark_schema", "get_dataset", "get_health", "get_item", "get_metrics", "get_openapi", "get_readiness",
    "get_report", "get_results", "get_run", "get_version", "get_waiting", "list_agent_kinds",
    "list_agent_versions", "list_agents", "list_attempts", "list_events", "list_run_events",
    "list_audit_events", "list_benchmark_versions", "list_benchmarks", "list_credentials", "list_dataset_kinds",
    "list_dataset_versions", "list_datasets", "list_evaluators", "list_items", "list_ready_made_benchmarks",
    "get_price", "list_prices", "remove_price", "set_price",
    "list_limits", "list_limit_rules", "remove_limit_rule", "reset_limits", "set_limits",
    "list_runs", "pause_run", "preview_dataset", "put_credential", "remove_credential", "resume_run", "retry_run",
    "run_benchmark", "test_agent", "test_stored_agent", "upload_dataset",
}  # fmt: skip
"""Clients are generated from these names: one may come, none may go."""


def routes() -> list[APIRoute]:
    contexts = iter_route_contexts(create_app(Settings()).routes)
    return [context.original_route for context in contexts if isinstance(context.original_route, APIRoute)]


def operations() -> dict[str, dict[str, Any]]:
    """By method and path."""
    paths = create_app(Settings()).openapi()["paths"]
    return {f"{method.upper()} {path}": said for path, inner in paths.items() for method, said in inner.items()}


def test_every_route_names_a_scope_or_is_meant_to_be_open() -> None:
    assert len(routes()) > 40
    opened = {route.path for route in routes() if isinstance(guard_of(route.dependant), OpenToAll)}
    assert opened == OPEN
    assert all(isinstance(guard_of(route.dependant), RequiresScope) for route in routes() if route.path not in OPEN)
    assert all(isinstance(route, GuardedRoute) for route in routes())


def test_whatever_changes_something_asks_for_more_than_reading() -> None:
    for route in routes():
        guard = guard_of(route.dependant)
        if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            assert isinstance(guard, RequiresScope)
            assert guard.scope in ("benchmark:write", "admin:full"), route.path


def test_a_route_without_a_scope_cannot_even_be_declared() -> None:
    router = APIRouter(route_class=GuardedRoute)

    async def naked() -> None: ...

    with pytest.raises(TypeError, match="names no scope"):
        router.add_api_route("/naked", naked)


def test_operations_are_named_for_clients_and_stay() -> None:
    assert {said["operationId"] for said in operations().values()} == OPERATIONS


def test_every_operation_is_described_with_its_problems() -> None:
    for name, said in operations().items():
        assert said["summary"], name
        assert said["tags"], name
        errors = {status: answer for status, answer in said["responses"].items() if status >= "400"}
        for status, answer in errors.items():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }, f"{name} {status}"
        if "security" in said:
            assert {"401", "403"} <= set(errors), name
            assert said["description"], name
        if said.get("parameters") or "requestBody" in said:
            assert "422" in errors, name


def test_every_reference_leads_somewhere() -> None:
    description = create_app(Settings()).openapi()
    schemas = description["components"]["schemas"]

    found = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(description)))
    assert len(found) > 30
    assert found <= set(schemas)


async def test_every_example_works(api: httpx2.AsyncClient) -> None:
    async with Provider("Paris") as provider:
        agent = examples.AGENT | {"agent": examples.AGENT["agent"] | {"base_url": provider.url}}
        for path, body, status in (
            ("/v1/credentials", examples.CREDENTIAL, 201),
            ("/v1/agents", examples.AGENT, 201),
            ("/v1/benchmarks", examples.BENCHMARK, 201),
            ("/v1/runs", examples.INLINE, 202),
            ("/v1/runs", examples.NAMED, 202),
            ("/v1/judges/calibrations", examples.CALIBRATION, 202),
            ("/v1/agents/test", examples.QUESTION | {"agent": agent}, 200),
        ):
            answer = await api.post(path, json=body)
            assert answer.status_code == status, answer.text
