"""Who waits for work on a task queue of Temporal."""

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from core.errors import ServiceUnavailable


async def poller_count(client: Client, task_queue: str) -> int:
    """How many workers polled lately. Raises ServiceUnavailable."""
    request = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=task_queue))
    try:
        return len((await client.workflow_service.describe_task_queue(request)).pollers)
    except RPCError as error:
        raise ServiceUnavailable(f"Temporal does not tell who polls: {error.message}.") from error
