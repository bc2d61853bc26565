"""One time of a schedule: a run is accepted, started, and awaited, so that the next time knows whether it goes on."""

from datetime import datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.submission import EndedInput, EndedOutput, SubmissionActivities, SubmitInput
    from core.model import Model
    from workflows.benchmark import BenchmarkWorkflow
    from workflows.messages import RunInput, RunOutcome
    from workflows.policies import AWAIT, SUBMIT, told
    from workflows.reasons import RUN_FAILED, reason_of
    from workflows.showing import BENCHMARK_SCHEDULE

NOMINAL = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
REFUSED = "RunRefused"


class ScheduledInput(Model):
    schedule_id: str
    name: str
    """For people; what counts is the record."""


class ScheduledOutcome(Model):
    run_id: str
    status: str


@workflow.defn
class ScheduledRunWorkflow:
    """Temporal's schedule starts it. Its end is the run's end: what overlaps is decided by that."""

    @workflow.run
    async def run(self, input: ScheduledInput) -> ScheduledOutcome:
        at = _scheduled_at()
        submitted = await workflow.execute_activity_method(
            SubmissionActivities.submit,
            SubmitInput(schedule_id=input.schedule_id, scheduled_at=at),
            **told(SUBMIT, f"{input.name}: accept the run of {at.isoformat()}"),
        )
        if submitted.run_id is None:
            raise ApplicationError(submitted.refusal or "The run was refused.", type=REFUSED, non_retryable=True)
        workflow.set_current_details(f"Run `{submitted.run_id}` of schedule **{input.name}**.")
        status = await self._outcome(input, submitted.run_id)
        return ScheduledOutcome(run_id=submitted.run_id, status=status)

    async def _outcome(self, input: ScheduledInput, run_id: str) -> str:
        """The run's status. Raises ApplicationError for a run that failed, so that the schedule shows it."""
        try:
            outcome: RunOutcome | EndedOutput = await workflow.execute_child_workflow(
                BenchmarkWorkflow.run,
                RunInput(run_id=run_id),
                id=run_id,
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
                static_summary=f"Benchmark run {run_id}, by schedule {input.name}",
                search_attributes=TypedSearchAttributes([SearchAttributePair(BENCHMARK_SCHEDULE, input.name)]),
            )
        except WorkflowAlreadyStartedError:
            # The worker died right after the run was recorded, and the reconciler has started it.
            outcome = await workflow.execute_activity_method(
                SubmissionActivities.until_ended, EndedInput(run_id=run_id), **told(AWAIT, f"await run {run_id}")
            )
            if outcome.status == "failed":
                raise ApplicationError(outcome.error or "", type=RUN_FAILED, non_retryable=True) from None
        except ChildWorkflowError as error:
            raise ApplicationError(reason_of(error), type=RUN_FAILED, non_retryable=True) from error
        return outcome.status


def _scheduled_at() -> datetime:
    """The time of the schedule that this is; without jitter, and of the past in a backfill."""
    info = workflow.info()
    return info.typed_search_attributes.get(NOMINAL) or info.start_time
