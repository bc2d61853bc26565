"""The agents' workflows as their run's workflow sees them: started once, and told what to do while they last."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from core.model import Model
    from workflows.agent import AgentWorkflow
    from workflows.agent_messages import AgentOutcome, AgentWork

STOPPING = timedelta(seconds=1)
"""Between looks at whether an agent's former workflow has stopped."""
Steering = Literal["pause", "resume", "stop", "retune"]
AgentHandle = workflow.ChildWorkflowHandle[AgentWorkflow, AgentOutcome]


def agent_workflow_id(run_id: str, agent_no: int) -> str:
    return f"{run_id}/{agent_no}"


async def started(run_id: str, work: AgentWork) -> AgentHandle:
    """The agent's workflow at work; a former one of the same id is stopped first."""
    identity = agent_workflow_id(run_id, work.share.agent_no)
    while True:
        try:
            return await workflow.start_child_workflow(
                AgentWorkflow.run,
                work,
                id=identity,
                static_summary=f"{work.name}: {work.total} questions",
                search_attributes=workflow.info().typed_search_attributes,
            )
        except WorkflowAlreadyStartedError:
            # The run was reset while its agents were asked. What is in flight comes home, so nothing is bought twice.
            await tell(workflow.get_external_workflow_handle(identity), "stop")
            await workflow.sleep(STOPPING)


async def tell(agent: AgentHandle | workflow.ExternalWorkflowHandle[Any], what: Steering, *how: Model) -> None:
    """Steers the agent; one that has ended has nothing left to steer."""
    with suppress(ApplicationError):
        await agent.signal(what, args=how)
