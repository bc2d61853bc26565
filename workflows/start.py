"""Starting a run's workflow, so that starting twice is harmless: the workflow's id is the run's."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from workflows.benchmark import BenchmarkWorkflow
from workflows.messages import Retry, RunInput


async def start_run(client: Client, run_id: str, *, task_queue: str, retry: Retry | None = None) -> None:
    """Starts the run's workflow unless it runs; with `retry` it also asks failed questions again. Raises RPCError."""
    await client.start_workflow(
        BenchmarkWorkflow.run,
        RunInput(run_id=run_id),
        id=run_id,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"Benchmark run {run_id}",
        start_signal=None if retry is None else "retry",
        start_signal_args=[] if retry is None else [retry],
    )
