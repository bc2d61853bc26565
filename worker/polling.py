"""The Temporal worker as we run it: our workflows, and the limits that keep promises about time."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from worker.interceptors import ErrorTranslation
from workflows.agent import AgentWorkflow
from workflows.benchmark import BenchmarkWorkflow

GRACE = timedelta(minutes=30)
"""How long a stopping worker waits for calls in flight: they are paid for. A second signal ends it at once."""
HEARTBEATS = timedelta(milliseconds=700)
"""News of a pause or a cancellation travels back with a heartbeat: within two seconds nothing more is sent."""
STICKY = timedelta(seconds=2)
"""A killed worker's workflows move on after this long, instead of ten seconds."""

DISTRIBUTION = "ai-benchmark-service"


def polling_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    *,
    task_queue: str,
    batches: int = 50,
    fail_broken: bool = False,
) -> Worker:
    """A worker that does at most so many batches at once; use it as an async context.

    A workflow task that breaks (a bug, a change without `patched`) is tried until a mended worker comes along;
    with `fail_broken` it fails its run at once.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[BenchmarkWorkflow, AgentWorkflow],
        activities=activities,
        deployment_config=_release(),
        interceptors=[ErrorTranslation()],
        max_concurrent_activities=batches,
        graceful_shutdown_timeout=GRACE,
        sticky_queue_schedule_to_start_timeout=STICKY,
        max_heartbeat_throttle_interval=HEARTBEATS,
        default_heartbeat_throttle_interval=HEARTBEATS,
        workflow_failure_exception_types=[Exception] if fail_broken else [],
    )


def _release() -> WorkerDeploymentConfig:
    """Tells Temporal which release this worker is. Otherwise the SDK hashes every loaded module, for seconds."""
    release = WorkerDeploymentVersion(deployment_name=DISTRIBUTION, build_id=version(DISTRIBUTION))
    return WorkerDeploymentConfig(version=release, use_worker_versioning=False)
