"""The description of the API is complete: scopes, problems, examples, stable names."""

import json
import re

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
    "/ui/sign-in",
    "/ui/sign-out",
    "/v1/schemas/benchmark.json",
    "/v1/schemas/gate.json",
    "/version",
}
"""The routes that ask nobody for a key. A new one belongs here only if it tells nothing about anybody's runs."""
OWN_COOKIE = {"/ui/sign-in", "/ui/sign-out"}
"""Whose posts change nothing but the cookie of whoever posts."""


def routes() -> list[APIRoute]:
    contexts = iter_route_contexts(create_app(Settings()).routes)
    return [context.original_route for context in contexts if isinstance(context.original_route, APIRoute)]


def test_every_route_names_a_scope_or_is_meant_to_be_open() -> None:
    assert len(routes()) > 40
    opened = {route.path for route in routes() if isinstance(guard_of(route.dependant), OpenToAll)}
    assert opened == OPEN
    assert all(isinstance(guard_of(route.dependant), RequiresScope) for route in routes() if route.path not in OPEN)
    assert all(isinstance(route, GuardedRoute) for route in routes())


def test_whatever_changes_something_asks_for_more_than_reading() -> None:
    for route in routes():
        guard = guard_of(route.dependant)
        if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and route.path not in OWN_COOKIE:
            assert isinstance(guard, RequiresScope)
            assert guard.scope in ("benchmark:write", "admin:full"), route.path


def test_a_route_without_a_scope_cannot_even_be_declared() -> None:
    router = APIRouter(route_class=GuardedRoute)

    async def naked() -> None: ...

    with pytest.raises(TypeError, match="names no scope"):
        router.add_api_route("/naked", naked)


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
