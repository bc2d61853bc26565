"""Schedules as recorded: what was asked for, and what came of each of their times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.audit_tables import AuditRow
from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.outbox import announce
from adapters.database.revisions import Expected, expect
from adapters.database.schedule_tables import ScheduleRow, TickRow
from adapters.database.tables import RunRow
from adapters.database.texts import storable
from core.baselines import Baseline
from core.errors import Conflict, NotFound
from core.events import EventType
from core.pages import Page
from core.run_requests import RunRequest
from core.schedules import Rules, Stored, Tick, Timing

NAMES = Cursor("schedules", tuple[str])
TIMES = Cursor("ticks", tuple[AwareDatetime])
REQUEST = TypeAdapter[Any](RunRequest)
BASELINE = TypeAdapter[Any](Baseline | None)


class ScheduleRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, schedule: Stored) -> Stored:
        """Raises Conflict for a name that is taken."""
        row = ScheduleRow(
            schedule_id=schedule.schedule_id,
            project_id=schedule.project_id,
            name=schedule.name,
            principal=schedule.principal,
            run=REQUEST.dump_python(schedule.run, mode="json", exclude_unset=True),
            timing=schedule.when.model_dump(mode="json"),
            rules=schedule.rules.model_dump(mode="json"),
            baseline=BASELINE.dump_python(schedule.baseline, mode="json"),
            baseline_since=schedule.created_at,
            created_at=schedule.created_at,
            updated_at=schedule.updated_at,
        )
        try:
            async with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError as error:
            raise _taken(schedule.name) from error
        return schedule

    async def get(self, project_id: str, name: str) -> Stored:
        """By name or id. Raises NotFound."""
        row = ScheduleRow
        query = select(row).where(row.project_id == project_id, row.deleted_at.is_(None))
        query = query.where(or_(row.name == name, row.schedule_id == name))
        async with self._sessions() as session:
            # A name may be another's id: the id goes first.
            found = await session.scalar(query.order_by((row.schedule_id == name).desc()).limit(1))
        if found is None:
            raise NotFound(f"There is no schedule {name!r}.")
        return stored(found)

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[Stored]:
        """By name."""
        row = ScheduleRow
        query = select(row).where(row.project_id == project_id, row.deleted_at.is_(None))
        if (after := NAMES.decode(cursor)) is not None:
            query = query.where(row.name > after[0])
        async with self._sessions() as session:
            found = [stored(each) for each in await session.scalars(query.order_by(row.name).limit(limit + 1))]
        return NAMES.page(found, limit, lambda one: (one.name,))

    async def change(self, schedule_id: str, changes: Mapping[str, Any], *, expected: Expected | None = None) -> Stored:
        """Writes fields of `Stored`. Raises Conflict for a name that is taken, StaleRevision, and NotFound."""
        values: dict[str, Any] = {"updated_at": func.now()}
        for name, value in changes.items():
            match name:
                case "run":
                    values["run"] = REQUEST.dump_python(value, mode="json", exclude_unset=True)
                case "when":
                    values["timing"] = value.model_dump(mode="json")
                case "rules":
                    values["rules"] = value.model_dump(mode="json")
                case "baseline":
                    values |= {"baseline": BASELINE.dump_python(value, mode="json"), "baseline_since": func.now()}
                case _:
                    values[name] = value
        try:
            async with self._sessions.begin() as session:
                values["revision"] = await expect(session, _revision(schedule_id), expected)
                query = update(ScheduleRow).where(*_there(schedule_id)).values(**values)
                row = await session.scalar(query.returning(ScheduleRow))
        except IntegrityError as error:
            raise _taken(str(changes.get("name"))) from error
        if row is None:
            raise NotFound(f"There is no schedule {schedule_id!r} any more.")
        return stored(row)

    async def remove(self, schedule_id: str, *, expected: Expected | None = None) -> None:
        """Out of everybody's sight; it is kept for its runs. Raises StaleRevision, and NotFound."""
        async with self._sessions.begin() as session:
            await expect(session, _revision(schedule_id), expected)
            # What the watch saw of it before counts no more: it makes sure of what is deleted.
            deleted = update(ScheduleRow).where(*_there(schedule_id)).values(deleted_at=func.now(), gone=False)
            found = await session.scalar(deleted.returning(ScheduleRow.schedule_id))
        if found is None:
            raise NotFound(f"There is no schedule {schedule_id!r} any more.")

    async def withdraw(self, schedule_id: str) -> None:
        """One that Temporal never had, as if it had never been."""
        async with self._sessions.begin() as session:
            await session.execute(delete(ScheduleRow).where(ScheduleRow.schedule_id == schedule_id))

    async def by_id(self, schedule_id: str) -> Stored:
        """Whosever it is. Raises NotFound."""
        async with self._sessions() as session:
            row = await session.get(ScheduleRow, schedule_id)
        if row is None or row.deleted_at is not None:
            raise NotFound(f"There is no schedule {schedule_id!r} any more.")
        return stored(row)

    async def tick(self, schedule_id: str, at: datetime) -> Tick | None:
        async with self._sessions() as session:
            row = await session.get(TickRow, (schedule_id, at))
        return None if row is None else _tick(row, None)

    async def accepted(self, schedule: Stored, at: datetime, run_id: str) -> None:
        """This time's run is recorded; told twice it changes nothing."""
        async with self._sessions.begin() as session:
            if await _record(session, schedule, at, run_id=run_id):
                session.add(
                    AuditRow(
                        project_id=schedule.project_id,
                        principal=schedule.principal,
                        action="run.create",
                        subject=run_id,
                        data={"schedule": schedule.schedule_id, "scheduled_at": at.isoformat()},
                    )
                )

    async def refused(self, schedule: Stored, at: datetime, reason: str) -> None:
        """There can be no run at this time; told twice it changes nothing."""
        async with self._sessions.begin() as session:
            if await _record(session, schedule, at, refusal=storable(reason)):
                row = await session.get_one(ScheduleRow, schedule.schedule_id, with_for_update=True)
                await note_failure(session, row, at, reason, run_id=None)

    async def ticks(self, schedule_id: str, *, limit: int, cursor: str | None = None) -> Page[Tick]:
        """The newest first, with where their runs stand."""
        row = TickRow
        query = select(row, RunRow.status).outerjoin(RunRow, RunRow.run_id == row.run_id)
        query = query.where(row.schedule_id == schedule_id)
        if (after := TIMES.decode(cursor)) is not None:
            query = query.where(row.scheduled_at < after[0])
        async with self._sessions() as session:
            rows = await session.execute(query.order_by(row.scheduled_at.desc()).limit(limit + 1))
            found = [_tick(*each) for each in rows]
        return TIMES.page(found, limit, lambda one: (one.scheduled_at,))


async def note_failure(
    session: AsyncSession, row: ScheduleRow, at: datetime, reason: str, *, run_id: str | None
) -> None:
    """One more time in a row that came to nothing, and is told."""
    row.failures += 1
    announce(
        session,
        EventType.SCHEDULE_FAILING,
        project_id=row.project_id,
        subject=row.schedule_id,
        source=f"/v1/schedules/{row.schedule_id}",
        run_id=run_id,
        data={"name": row.name, "scheduled_at": at.isoformat(), "in_a_row": row.failures, "reason": storable(reason)},
    )


async def _record(session: AsyncSession, schedule: Stored, at: datetime, **values: str | None) -> bool:
    """Whether the time was not recorded before."""
    settled = {"settled": values.get("run_id") is None}
    added = (
        insert(TickRow)
        .values(schedule_id=schedule.schedule_id, scheduled_at=at, **values, **settled)
        .on_conflict_do_nothing()
        .returning(TickRow.schedule_id)
    )
    return await session.scalar(added) is not None


def _revision(schedule_id: str) -> Select[int]:
    return select(ScheduleRow.revision).where(*_there(schedule_id))


def _there(schedule_id: str) -> tuple[ColumnElement[bool], ...]:
    return ScheduleRow.schedule_id == schedule_id, ScheduleRow.deleted_at.is_(None)


def stored(row: ScheduleRow) -> Stored:
    return Stored(
        schedule_id=row.schedule_id,
        project_id=row.project_id,
        name=row.name,
        principal=row.principal,
        run=REQUEST.validate_python(row.run),
        when=Timing.model_validate(row.timing),
        rules=Rules.model_validate(row.rules),
        baseline=BASELINE.validate_python(row.baseline),
        echo=row.echo,
        gone=row.gone,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
    )


def _tick(row: TickRow, status: Any) -> Tick:
    known = {name: getattr(row, name) for name in ("scheduled_at", "run_id", "refusal", "recorded_at")}
    return Tick(**known, run_status=status)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a schedule {name!r} already; change that one, or take another name.")
