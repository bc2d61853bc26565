"""Schedules: made, changed and looked at, in the record and in Temporal. What Temporal says wins."""

from datetime import UTC, datetime

from adapters.database.revisions import Expected
from adapters.submission.resolution import resolve
from api.services import Services
from core.errors import InvalidInput, InvalidRequest, NotFound, ServiceUnavailable
from core.ids import new_id
from core.run_requests import InlineRun, NamedRun
from core.schedules import Backfill, Described, NewSchedule, Rules, Schedule, ScheduleChange, ScheduleState, Stored
from workflows.scheduling import TemporalSchedules

LAST = 5
"""Runs that are told with a schedule."""
MOST_BACKFILLED = 100
TOLD_BY_TEMPORAL = 1000
"""Times of a period that Temporal tells at most."""


def schedules_in(services: Services) -> TemporalSchedules:
    return TemporalSchedules(services.temporal, task_queue=services.settings.task_queue)


async def made(services: Services, wanted: NewSchedule, *, project_id: str, principal: str) -> Schedule:
    """Raises InvalidInput for a run or times that cannot work, Conflict for a name that is taken."""
    await _checked(services, wanted.run, project_id)
    now = datetime.now(UTC)
    schedule = Stored(
        schedule_id=new_id("sched"),
        project_id=project_id,
        name=wanted.name,
        principal=principal,
        run=wanted.run,
        when=wanted.when,
        rules=wanted.rules,
        baseline=wanted.baseline,
        created_at=now,
        updated_at=now,
    )
    # The record first: if this process dies now, the watch brings the schedule to Temporal.
    await services.schedules.add(schedule)
    try:
        found = await schedules_in(services).create(schedule)
    except (InvalidInput, ServiceUnavailable):
        await services.schedules.withdraw(schedule.schedule_id)
        raise
    recorded = await services.schedules.change(schedule.schedule_id, {"echo": found.echo})
    return await seen(services, recorded, found)


async def changed(
    services: Services, schedule: Stored, wanted: ScheduleChange, *, expected: Expected | None = None
) -> Schedule:
    """One that was deleted in Temporal is made there anew. Raises InvalidInput, Conflict, StaleRevision,
    ServiceUnavailable."""
    told = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    nullable = ("remaining_runs", "baseline")
    told = {name: value for name, value in told.items() if value is not None or name in nullable}
    if wanted.run is not None:
        await _checked(services, wanted.run, schedule.project_id)
    temporal = schedules_in(services)
    now = await described(services, schedule)
    rules = (now.rules if now else schedule.rules).model_copy(
        update={name: value for name, value in told.items() if name in Rules.model_fields}
    )
    changes = {name: told[name] for name in ("name", "run", "when", "baseline") if name in told} | {"rules": rules}
    # A name that is taken is found out before Temporal hears of it.
    wanted_now = await services.schedules.change(schedule.schedule_id, changes, expected=expected)
    if now is None:
        found = await temporal.create(wanted_now)
    else:
        found = await temporal.update(wanted_now, when=told.get("when"), rules=rules)
    if now is None or "when" in told:
        echo = {"echo": found.echo, "gone": False}
        further = expected and expected.further
        wanted_now = await services.schedules.change(schedule.schedule_id, echo, expected=further)
    return await seen(services, wanted_now, found)


async def check_backfill(services: Services, schedule: Stored, wanted: Backfill) -> int:
    """How many times there are in the period. Raises InvalidInput for one that is not over and for too many."""
    now = datetime.now(UTC)
    if wanted.end_at > now:
        raise InvalidInput(
            f"Past times are made up for, and this one is to come: it is {now:%Y-%m-%dT%H:%M:%SZ} now.",
            pointer="/end_at",
        )
    found = await schedules_in(services).times(schedule.schedule_id, wanted.start_at, wanted.end_at)
    if len(found) > MOST_BACKFILLED:
        last = found[MOST_BACKFILLED - 1]
        raise InvalidInput(
            f"There are {_many(len(found))} times in this period, and a run for each costs what a run costs; at most "
            f"{MOST_BACKFILLED} are made up for at once. End at {last:%Y-%m-%dT%H:%M:%SZ} for so many.",
            pointer="/end_at",
        )
    return len(found)


def _many(count: int) -> str:
    return f"{count:,}" if count < TOLD_BY_TEMPORAL else f"{count:,} or more"


async def described(services: Services, schedule: Stored) -> Described | None:
    """None for one that Temporal does not know. Raises ServiceUnavailable."""
    try:
        return await schedules_in(services).describe(schedule.schedule_id)
    except NotFound:
        return None


async def looked_at(services: Services, schedule: Stored) -> Schedule:
    """As Temporal has it; as it was recorded while Temporal does not answer."""
    try:
        found = await described(services, schedule)
    except ServiceUnavailable:
        return await seen(services, schedule, None)
    if found is None:
        return await seen(services, schedule.model_copy(update={"gone": True}), None, live=True)
    return await seen(services, schedule, found)


async def seen(services: Services, schedule: Stored, found: Described | None, *, live: bool | None = None) -> Schedule:
    rules = found.rules if found else schedule.rules
    changed_there = found is not None and schedule.echo is not None and found.echo != schedule.echo
    when = found.when if found and changed_there else schedule.when
    page = await services.schedules.ticks(schedule.schedule_id, limit=LAST)
    return Schedule(
        **dict(rules),
        schedule_id=schedule.schedule_id,
        project_id=schedule.project_id,
        name=schedule.name,
        principal=schedule.principal,
        run=schedule.run,
        when=when,
        baseline=schedule.baseline,
        state=_state(schedule, found, rules),
        live=found is not None if live is None else live,
        changed_in_temporal=changed_there,
        time_zone=when.time_zone,
        next_runs=found.next_at if found else (),
        last_runs=page.items,
        at_work=found.at_work if found else 0,
        started=found.started if found else 0,
        missed=found.missed if found else 0,
        skipped=found.skipped if found else 0,
        created_at=schedule.created_at,
        updated_at=schedule.updated_at,
        revision=schedule.revision,
    )


def _state(schedule: Stored, found: Described | None, rules: Rules) -> ScheduleState:
    if schedule.gone:
        return "gone"
    if found is not None and found.finished:
        return "finished"
    return "paused" if rules.paused else "active"


async def _checked(services: Services, run: InlineRun | NamedRun, project_id: str) -> None:
    """Raises InvalidRequest for what could not be accepted now either, pointing into `/run`."""
    try:
        await resolve(run, services, project_id)
    except InvalidInput as error:
        mistakes = error.mistakes if isinstance(error, InvalidRequest) else (error,)
        raise InvalidRequest([InvalidInput(str(each), pointer=f"/run{each.pointer}") for each in mistakes]) from error
