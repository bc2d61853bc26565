"""The API's Prometheus metrics. With several processes they are added up through PROMETHEUS_MULTIPROC_DIR."""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)
from prometheus_client.registry import REGISTRY

from core.runs import RunStatus

# A time of birth beside every count says nothing that anybody asks for.
disable_created_metrics()
REQUESTS = Counter("benchmark_requests_total", "HTTP requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "benchmark_response_time_seconds",
    "Seconds from a request's head to the end of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
ACTIVE = Gauge(
    "benchmark_active_runs", "Runs that have not ended, by status.", ["status"], multiprocess_mode="mostrecent"
)
OPEN: tuple[RunStatus, ...] = ("queued", "processing", "paused")


def exposition(active: dict[str, int] | None) -> bytes:
    """All metrics in Prometheus' text format. `active` counts open runs by status; None when nobody knows."""
    if active is None:
        ACTIVE.clear()
    else:
        for status in OPEN:
            ACTIVE.labels(status).set(active.get(status, 0))
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)
    return generate_latest(together)
