"""Submission: at a time of a schedule, a run is accepted as if somebody had posted it at that moment."""

import asyncio
from datetime import datetime
from typing import Final

from temporalio import activity

from activities.heartbeats import heartbeating
from core.ids import RunId
from core.model import Model
from core.ports import RunRecords, Submissions
from core.runs import ENDED, RunStatus

LOOK_S: Final = 2.0


class SubmitInput(Model):
    schedule_id: str
    scheduled_at: datetime


class Submitted(Model):
    """Either a run, or why there can be none."""

    run_id: RunId | None = None
    refusal: str | None = None


class EndedInput(Model):
    run_id: RunId


class EndedOutput(Model):
    status: RunStatus
    error: str | None


class SubmissionActivities:
    def __init__(self, *, submissions: Submissions, runs: RunRecords) -> None:
        self._submissions = submissions
        self._runs = runs

    @activity.defn
    async def submit(self, input: SubmitInput) -> Submitted:
        """Accepts the run of this time. Again, it gives the run that was accepted."""
        run_id, refusal = await self._submissions.submit(input.schedule_id, input.scheduled_at)
        return Submitted(run_id=run_id, refusal=refusal)

    @activity.defn
    async def until_ended(self, input: EndedInput) -> EndedOutput:
        """Waits for the end of a run that somebody else started."""
        with heartbeating():
            while True:
                run = await self._runs.get(input.run_id)
                if run.status in ENDED:
                    return EndedOutput(status=run.status, error=run.error)
                await asyncio.sleep(LOOK_S)
