"""Answers of the service, for tests that script one."""

from typing import Any

from tests.cli import examples

RUN_ID = examples.RUN_ID
PATHS = ("self", "items", "events", "results", "gate", "comparisons")


def run(status: Any = "completed", **changes: Any) -> dict[str, Any]:
    """A run as `GET /v1/runs/{run_id}` tells it."""
    told = examples.told(examples.run(status, found=examples.metrics()))
    links = {name: f"/v1/runs/{RUN_ID}/{name}" for name in PATHS}
    return {**told, "links": links, "results_url": links["results"], "verdict": None, **changes}


def event(number: int, type: str = "run.progress") -> dict[str, Any]:
    return {
        "id": str(number),
        "type": type,
        "source": f"/v1/runs/{RUN_ID}",
        "subject": RUN_ID,
        "time": "2026-11-23T12:00:00Z",
        "data": {"progress": 0.5},
    }
