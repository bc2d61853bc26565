"""Why a step failed, in one sentence: what the step said, and not what lies behind it."""

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, TimeoutError, TimeoutType

from core.errors import InvalidDataset
from worker.interceptors import translated
from workflows.reasons import reason_of


def of_activity(cause: BaseException) -> ActivityError:
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="worker",
        activity_type="prepare",
        activity_id="1",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


def of_child(cause: BaseException) -> ChildWorkflowError:
    error = ChildWorkflowError(
        "Child Workflow execution failed",
        namespace="default",
        workflow_id="run/0",
        run_id="1",
        workflow_type="AgentWorkflow",
        initiated_event_id=1,
        started_event_id=2,
        retry_state=None,
    )
    error.__cause__ = cause
    return error


def dataset_error() -> ApplicationError:
    """As an activity raises it, with the library's error behind it."""
    error = translated(InvalidDataset("it is not JSON.", line=2))
    error.__cause__ = ApplicationError("unexpected end of data: line 1 column 1 (char 0)", type="JSONDecodeError")
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (of_activity(dataset_error()), "Line 2: it is not JSON."),
        (of_child(of_activity(dataset_error())), "Line 2: it is not JSON."),
        (of_activity(ApplicationError("'rows'", type="KeyError")), "The step broke: KeyError: 'rows'"),
        (
            of_activity(TimeoutError("timed out", type=TimeoutType.HEARTBEAT, last_heartbeat_details=[])),
            "No worker finished the step in time (heartbeat timeout).",
        ),
        (ValueError("no failure of Temporal"), "no failure of Temporal"),
        (ValueError(), "ValueError"),
    ],
)
def test_the_reason_is_the_steps_own_sentence(error: BaseException, says: str) -> None:
    assert reason_of(error) == says
