"""Recording: what a workflow decides about a run is written where people look."""

from temporalio import activity

from core.ids import RunId
from core.model import Model
from core.ports import RunRecords
from core.runs import RunStatus
from core.work import HaltKind


class NoteInput(Model):
    run_id: RunId
    status: RunStatus
    error: str | None = None
    agent_no: int | None = None
    """Whose status it is; None for the run's own."""
    decision: str | None = None
    """Why the agent needed not be asked all."""
    halted: HaltKind | None = None
    """What a paused run waits for, if nobody asked for the pause."""


class RecordingActivities:
    def __init__(self, runs: RunRecords) -> None:
        self._runs = runs

    @activity.defn
    async def note(self, input: NoteInput) -> None:
        if input.agent_no is None:
            await self._runs.note(input.run_id, input.status, input.error, halted=input.halted)
        else:
            await self._runs.note_agent(
                input.run_id, input.agent_no, input.status, input.error, decision=input.decision
            )
