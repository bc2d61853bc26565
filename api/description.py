"""The OpenAPI description: FastAPI's, with our problems in place of its own errors."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import Problem

TEXT = """\
Submit a benchmark of one or more AI agents, walk away, and read figures you can trust.

* Starting a run answers **202** at once; `GET /v1/runs/{run_id}` follows it live.
* Every error is a problem (RFC 9457) that says what was wrong and what would be right; its `type` leads to a page.
* Lists come in pages: send `next_cursor` back as `cursor`, or follow the `Link` header.
* POSTs take an `Idempotency-Key`, and may then be repeated safely.
"""
TAGS = [
    {"name": "runs", "description": "Start, follow and steer runs."},
    {"name": "events", "description": "What happens, as it happens, and as it happened."},
    {"name": "results", "description": "Figures, and the single answers behind them."},
    {"name": "comparisons", "description": "Agents held against each other, and against what they must show."},
    {"name": "schedules", "description": "Runs that start by themselves, and what finished runs are held against."},
    {"name": "judges", "description": "Models that judge, held against people."},
    {"name": "benchmarks", "description": "Definitions by name and version."},
    {"name": "datasets", "description": "Uploaded data by name and version."},
    {"name": "agents", "description": "Agents by name and version."},
    {"name": "credentials", "description": "Secrets for agents; they go in and never come out."},
    {"name": "catalogue", "description": "What is installed."},
    {"name": "administration", "description": "What was done by whom."},
    {"name": "service", "description": "The service itself."},
]


def describe(app: FastAPI) -> dict[str, Any]:
    """Made once per process."""
    if app.openapi_schema is None:
        description = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=TEXT,
            routes=app.routes,
            tags=TAGS,
            license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        )
        _with_problems(description["components"]["schemas"])
        app.openapi_schema = description
    return app.openapi_schema


def _with_problems(schemas: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    # FastAPI describes errors of its own that no route of ours answers with.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
