"""Schedules in Temporal, as the API and the watch use them. What Temporal says wins over what the record says."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleBackfill,
    ScheduleHandle,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.schedule_specs import OVERLAPS, described, policy_of, spec_of, state_of
from core.errors import InvalidInput, NotFound, ServiceUnavailable
from core.schedules import Described, Overlap, Rules, Stored, Timing
from workflows.scheduled import ScheduledInput, ScheduledRunWorkflow

SEEN_S = 3.0
"""Temporal takes changes as signals: a look at once may still show what was before."""
LOOK_S = 0.05
REJECTED = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.OUT_OF_RANGE)


class TemporalSchedules:
    """Raises ServiceUnavailable while Temporal does not answer, NotFound for a schedule that it does not know."""

    def __init__(self, client: Client, *, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def create(self, schedule: Stored) -> Described:
        """Harmless when it is there. Raises InvalidInput for times that Temporal does not take."""
        made = Schedule(
            action=self._action(schedule),
            spec=spec_of(schedule.when),
            policy=policy_of(schedule.rules),
            state=state_of(schedule.rules),
        )
        try:
            await self._client.create_schedule(schedule.schedule_id, made, memo={"name": schedule.name})
        except ScheduleAlreadyRunningError:
            pass
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule.schedule_id) from error
        return await self.describe(schedule.schedule_id)

    async def describe(self, schedule_id: str) -> Described:
        try:
            return described(await self._handle(schedule_id).describe())
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error

    async def update(self, schedule: Stored, *, when: Timing | None, rules: Rules | None) -> Described:
        """None leaves the times or the rules as Temporal has them. Raises InvalidInput."""

        before: list[datetime | None] = []

        def changed(found: ScheduleUpdateInput) -> ScheduleUpdate:
            now = found.description.schedule
            before.append(found.description.info.last_updated_at)
            state = now.state if rules is None else state_of(rules)
            if when is not None:
                now.spec = spec_of(when)
            if rules is not None:
                now.policy = policy_of(rules)
            now.action, now.state = self._action(schedule), state
            return ScheduleUpdate(schedule=now)

        try:
            await self._handle(schedule.schedule_id).update(changed)
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule.schedule_id) from error
        return await self._described_once(schedule.schedule_id, lambda found: found.changed_at != before[-1])

    async def delete(self, schedule_id: str) -> None:
        """Harmless when there is none. Runs that go on go on."""
        try:
            await self._handle(schedule_id).delete()
        except (RPCError, RuntimeError) as error:
            if not isinstance(mistake := _ours(error, schedule_id), NotFound):
                raise mistake from error

    async def pause(self, schedule_id: str, note: str) -> Described:
        try:
            await self._handle(schedule_id).pause(note=note)
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error
        return await self._described_once(schedule_id, lambda found: found.rules.paused and found.rules.note == note)

    async def resume(self, schedule_id: str, note: str) -> Described:
        try:
            await self._handle(schedule_id).unpause(note=note)
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error
        return await self._described_once(
            schedule_id, lambda found: not found.rules.paused and found.rules.note == note
        )

    async def trigger(self, schedule_id: str, overlap: Overlap | None) -> None:
        """Now, besides its times, and also while it is paused."""
        try:
            await self._handle(schedule_id).trigger(overlap=None if overlap is None else OVERLAPS[overlap])
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error

    async def times(self, schedule_id: str, start_at: datetime, end_at: datetime) -> list[datetime]:
        """Its times in a period, both ends included; of very many only the first thousand, as Temporal tells them."""
        request = ListScheduleMatchingTimesRequest(namespace=self._client.namespace, schedule_id=schedule_id)
        request.start_time.FromDatetime(start_at)
        request.end_time.FromDatetime(end_at)
        try:
            found = await self._client.workflow_service.list_schedule_matching_times(request)
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error
        return [each.ToDatetime(UTC) for each in found.start_time]

    async def backfill(self, schedule_id: str, start_at: datetime, end_at: datetime, overlap: Overlap) -> None:
        """The times from `start_at` to `end_at`, both included, as if they passed now."""
        period = ScheduleBackfill(start_at=start_at, end_at=end_at, overlap=OVERLAPS[overlap])
        try:
            await self._handle(schedule_id).backfill(period)
        except (RPCError, RuntimeError) as error:
            raise _ours(error, schedule_id) from error

    async def _described_once(self, schedule_id: str, shows: Callable[[Described], bool]) -> Described:
        """As it is once it shows the change, or as it is a while later."""
        deadline = time.monotonic() + SEEN_S
        while True:
            found = await self.describe(schedule_id)
            if shows(found) or time.monotonic() > deadline:
                return found
            await asyncio.sleep(LOOK_S)

    def _handle(self, schedule_id: str) -> ScheduleHandle:
        return self._client.get_schedule_handle(schedule_id)

    def _action(self, schedule: Stored) -> ScheduleActionStartWorkflow:
        return ScheduleActionStartWorkflow(
            ScheduledRunWorkflow.run,
            ScheduledInput(schedule_id=schedule.schedule_id, name=schedule.name),
            # Temporal adds the time.
            id=schedule.schedule_id,
            task_queue=self._task_queue,
            static_summary=f"Schedule {schedule.name}",
        )


def _ours(error: RPCError | RuntimeError, schedule_id: str) -> InvalidInput | NotFound | ServiceUnavailable:
    if isinstance(error, RPCError):
        if error.status == RPCStatusCode.NOT_FOUND:
            return NotFound(f"Temporal has no schedule {schedule_id!r}: somebody deleted it there.")
        if error.status in REJECTED:
            return InvalidInput(f"Temporal does not take these times: {error.message}.", pointer="/when")
        return ServiceUnavailable(f"Temporal does not take this now: {error.message}.")
    return ServiceUnavailable(f"Temporal does not answer: {error}.")
