"""Starting a run's workflow, so that starting twice is harmless: the workflow's id is the run's."""

from contextlib import suppress
from typing import Literal

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Retry, RunInput

Steered = Literal["cancel", "pause"]
"""What may be wished of a run before its workflow was started."""


async def start_run(
    client: Client,
    run_id: str,
    *,
    task_queue: str,
    retry: Retry | None = None,
    steered: Steered | None = None,
    once: bool = False,
) -> None:
    """Starts the run's workflow unless it runs, and with `once` unless it ever ran.

    With `retry` it also asks failed questions again, and `steered` it is told before it does anything. Raises RPCError.
    """
    reuse = WorkflowIDReusePolicy.REJECT_DUPLICATE if once else WorkflowIDReusePolicy.ALLOW_DUPLICATE
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            BenchmarkWorkflow.run,
            RunInput(run_id=run_id),
            id=run_id,
            task_queue=task_queue,
            id_reuse_policy=reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Benchmark run {run_id}",
            start_signal="retry" if retry is not None else steered,
            start_signal_args=[] if retry is None else [retry],
        )
