"""The OpenAPI description: FastAPI's, with our problems in place of its own errors, and with an example of every
request and every answer, as they were recorded (`make openapi`)."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.answers import common_parts, complete
from api.metering import FREE
from api.problems import Problem

RECORDED: Final = Path(__file__).with_name("recorded_examples.json")
TEXT = """\
Submit a benchmark of one or more AI agents, walk away, and read figures you can trust.

* Starting a run answers **202** at once; `GET /v1/runs/{run_id}` follows it live.
* Every error is a problem (RFC 9457) that says what was wrong and what would be right; its `type` leads to a page.
* Lists come in pages: send `next_cursor` back as `cursor`, or follow the `Link` header.
* POSTs take an `Idempotency-Key`, and may then be repeated safely.
* What is read has an `ETag`: `If-None-Match` saves sending it again, `If-Match` keeps a change from undoing another.
* `RateLimit` tells how many requests are left; 429 comes with `Retry-After`.
* An unknown query parameter or field is refused (422), so that a typing error cannot pass in silence.
"""
TAGS = [
    {"name": "runs", "description": "Start, follow and steer runs."},
    {"name": "events", "description": "What happens, as it happens, and as it happened."},
    {"name": "webhooks", "description": "Events brought to programs and to people."},
    {"name": "results", "description": "Figures, and the single answers behind them."},
    {"name": "comparisons", "description": "Agents held against each other, and against what they must show."},
    {"name": "schedules", "description": "Runs that start by themselves, and what finished runs are held against."},
    {"name": "budgets", "description": "What runs may spend, and what they did."},
    {"name": "limits", "description": "What providers may be asked for."},
    {"name": "prices", "description": "What models cost here, and who says so."},
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
        description = described(app)
        for operation in (each for methods in description["paths"].values() for each in methods.values()):
            _show(operation, recorded_examples().get(operation["operationId"], {}))
        app.openapi_schema = description
    return app.openapi_schema


def described(app: FastAPI) -> dict[str, Any]:
    """Without the recorded examples."""
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
    description["components"] |= common_parts()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            complete(method, operation, metered=path not in FREE)
    return description


def _with_problems(schemas: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    # FastAPI describes errors of its own that no route of ours answers with.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


@cache
def recorded_examples() -> dict[str, Any]:
    """By operation: `request`, what was sent as its body, and `answers`, what came back, by status and media type."""
    return orjson.loads(RECORDED.read_bytes()) if RECORDED.exists() else {}


def _show(operation: dict[str, Any], recorded: dict[str, Any]) -> None:
    """Puts what was recorded where the route has no examples of its own."""
    body = operation.get("requestBody", {}).get("content", {})
    for media_type, sent in recorded.get("request", {}).items():
        if media_type in body and "examples" not in body[media_type]:
            body[media_type]["example"] = sent
    for status, contents in recorded.get("answers", {}).items():
        answer = operation["responses"].get(status, {}).get("content", {})
        for media_type, told in contents.items():
            if media_type in answer:
                answer[media_type]["example"] = told
