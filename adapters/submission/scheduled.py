"""The runs of schedules: accepted like those that are posted, exactly one for each time."""

from datetime import datetime

from adapters.database.runs import RunRepository
from adapters.database.schedules import ScheduleRepository
from adapters.submission.premises import Premises
from adapters.submission.resolution import resolve
from core.errors import InvalidInput, NotFound
from core.ids import repeatable_id
from core.schedules import Stored


class ScheduledSubmissions:
    """The port `Submissions`."""

    def __init__(self, premises: Premises, schedules: ScheduleRepository, runs: RunRepository) -> None:
        self._premises = premises
        self._schedules = schedules
        self._runs = runs

    async def submit(self, schedule_id: str, at: datetime) -> tuple[str | None, str | None]:
        """The run's id, or why there can be none; both as they were told the first time."""
        try:
            schedule = await self._schedules.by_id(schedule_id)
        except NotFound as error:
            return None, str(error)
        if (told := await self._schedules.tick(schedule_id, at)) is not None:
            return told.run_id, told.refusal
        # The run bears its time's id: a second try meets the first one's run, whatever broke in between.
        run_id = repeatable_id("run", at, f"{schedule_id} {at.isoformat()}")
        if not await self._is_recorded(run_id):
            try:
                await self._record(schedule, run_id)
            except (InvalidInput, NotFound) as error:
                await self._schedules.refused(schedule, at, str(error))
                return None, str(error)
        await self._schedules.accepted(schedule, at, run_id)
        return run_id, None

    async def _is_recorded(self, run_id: str) -> bool:
        try:
            await self._runs.get(run_id)
        except NotFound:
            return False
        return True

    async def _record(self, schedule: Stored, run_id: str) -> None:
        definition = await resolve(schedule.run, self._premises, schedule.project_id)
        await self._runs.create(run_id, definition, project_id=schedule.project_id, schedule_id=schedule.schedule_id)
