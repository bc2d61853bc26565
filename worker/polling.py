"""The Temporal worker as we run it: our workflows, and the limits that keep promises about time."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.asking import asking_queue
from activities.delivering import delivery_queue
from worker.interceptors import ErrorTranslation
from workflows.agent import AgentWorkflow
from workflows.benchmark import BenchmarkWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.scheduled import ScheduledRunWorkflow

GRACE = timedelta(minutes=30)
"""How long a stopping worker waits for calls in flight: they are paid for. A second signal ends it at once."""
HEARTBEATS = timedelta(milliseconds=700)
"""News of a pause or a cancellation travels back with a heartbeat: within two seconds nothing more is sent."""
STICKY = timedelta(seconds=2)
"""A killed worker's workflows move on after this long, instead of ten seconds."""
DELIVERIES_AT_ONCE = 200


class Activities(NamedTuple):
    """Everything a worker does besides workflows."""

    steps: Sequence[Callable[..., Any]]
    """Our own work: seconds, as a rule."""
    asking: Sequence[Callable[..., Any]]
    """Batches of calls to somebody else's model: minutes to hours."""
    delivering: Sequence[Callable[..., Any]]
    """Calls to receivers of events: up to 15 s each."""


@asynccontextmanager
async def polling(
    client: Client,
    activities: Activities,
    *,
    task_queue: str,
    release: WorkerDeploymentConfig,
    batches: int = 200,
    fail_broken: bool = False,
) -> AsyncGenerator[None]:
    """Works while the block runs, on at most so many batches at once, then finishes what is in flight.

    Batches and deliveries have queues and slots of their own: however many wait for a slow agent or receiver, a step of
    another run does not.
    A workflow task that breaks (a bug, a change without `patched`) is tried until a mended worker comes along;
    with `fail_broken` it fails its run at once.
    """
    worker = partial(
        Worker,
        client,
        interceptors=[ErrorTranslation()],
        deployment_config=release,
        graceful_shutdown_timeout=GRACE,
        max_heartbeat_throttle_interval=HEARTBEATS,
        default_heartbeat_throttle_interval=HEARTBEATS,
    )
    steps = worker(
        task_queue=task_queue,
        workflows=[BenchmarkWorkflow, AgentWorkflow, ScheduledRunWorkflow, DeliveryWorkflow],
        activities=activities.steps,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_failure_exception_types=[Exception] if fail_broken else [],
    )
    asking = worker(
        task_queue=asking_queue(task_queue), activities=activities.asking, max_concurrent_activities=batches
    )
    delivering = worker(
        task_queue=delivery_queue(task_queue),
        activities=activities.delivering,
        max_concurrent_activities=DELIVERIES_AT_ONCE,
    )
    # Asking stops first: what it still brings home finds workflows that are awake.
    async with steps, delivering, asking:
        yield
