"""Baselines, which completed runs wait to be held against them, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import Select, delete, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.outbox import announce
from adapters.database.revisions import Expected, expect
from adapters.database.schedule_tables import BaselineCheckRow, BenchmarkBaselineRow, ScheduleRow
from adapters.database.tables import RunRow
from core.baselines import Baseline, BaselineCheck, BenchmarkBaseline, Outcome
from core.errors import NotFound
from core.events import EventType
from core.pages import Page

CHECKS = Cursor("checks", tuple[AwareDatetime, str])
BASELINE = TypeAdapter[Baseline](Baseline)
APART = {"run_id", "completed_at", "project_id", "watch", "outcome", "checked_at"}
"""Fields that have columns of their own."""
EVENTS: dict[Outcome, EventType] = {
    "regression": EventType.REGRESSION_FOUND,
    "not_comparable": EventType.BASELINE_UNUSABLE,
}
DUE = text("""
select run_id, project_id, runs.name, completed_at, watch, baseline from runs
join lateral (
  select schedules.schedule_id as watch, schedules.baseline, schedules.baseline_since as since
  from schedules where schedules.schedule_id = runs.schedule_id and schedules.baseline is not null
  union all
  select 'benchmark/' || benchmark, benchmark_baselines.baseline, benchmark_baselines.since
  from benchmark_baselines
  where benchmark_baselines.project_id = runs.project_id and benchmark = runs.name
  limit 1
) as watched on true
where runs.status = 'completed' and completed_at > since and not exists (
  select from baseline_checks where baseline_checks.run_id = runs.run_id
  and baseline_checks.completed_at = runs.completed_at
)
order by completed_at, run_id limit :most
""")
"""A schedule's own baseline goes before its benchmark's. The earliest first: the next may be held against it."""


class Due(NamedTuple):
    """A completed run that was not held against its baseline since it completed."""

    run_id: str
    project_id: str
    name: str
    completed_at: datetime
    watch: str
    baseline: Baseline


class BaselineRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def set(
        self, project_id: str, benchmark: str, baseline: Baseline, *, expected: Expected | None = None
    ) -> BenchmarkBaseline:
        """From now on; in place of the one there was. Raises StaleRevision unless that is at the expected revision."""
        content: dict[str, Any] = {"baseline": BASELINE.dump_python(baseline, mode="json"), "since": func.now()}
        async with self._sessions.begin() as session:
            content["revision"] = await expect(session, _revision(project_id, benchmark), expected)
            upsert = insert(BenchmarkBaselineRow).values(project_id=project_id, benchmark=benchmark, **content)
            await session.execute(
                upsert.on_conflict_do_update(index_elements=["project_id", "benchmark"], set_=content)
            )
        return await self.get(project_id, benchmark)

    async def get(self, project_id: str, benchmark: str) -> BenchmarkBaseline:
        """Raises NotFound."""
        async with self._sessions() as session:
            row = await session.get(BenchmarkBaselineRow, (project_id, benchmark))
        if row is None:
            raise NotFound(f"The benchmark {benchmark!r} has no baseline; `benchmark baselines set` or PUT makes one.")
        baseline = BASELINE.validate_python(row.baseline)
        return BenchmarkBaseline(benchmark=benchmark, baseline=baseline, since=row.since, revision=row.revision)

    async def remove(self, project_id: str, benchmark: str, *, expected: Expected | None = None) -> None:
        """Raises StaleRevision."""
        row = BenchmarkBaselineRow
        async with self._sessions.begin() as session:
            await expect(session, _revision(project_id, benchmark), expected)
            await session.execute(delete(row).where(row.project_id == project_id, row.benchmark == benchmark))

    async def due(self, *, most: int) -> list[Due]:
        async with self._sessions() as session:
            rows = (await session.execute(DUE, {"most": most})).all()
        return [
            Due(
                run_id=row.run_id,
                project_id=row.project_id,
                name=row.name,
                completed_at=row.completed_at,
                watch=row.watch,
                baseline=BASELINE.validate_python(row.baseline),
            )
            for row in rows
        ]

    async def good_runs(self, due: Due, *, most: int) -> list[str]:
        """The last completed runs of the same watch before this one in which no regression was found, newest first."""
        run, check = RunRow, BaselineCheckRow
        regressed = (
            select(check.run_id)
            .where(
                check.run_id == run.run_id,
                check.completed_at == run.completed_at,
                check.outcome == "regression",
            )
            .exists()
        )
        query = select(run.run_id).where(
            run.project_id == due.project_id,
            run.status == "completed",
            run.validity.is_distinct_from("invalid"),
            tuple_(run.completed_at, run.run_id) < (due.completed_at, due.run_id),
            ~regressed,
        )
        kind, _, benchmark = due.watch.partition("/")
        query = query.where(run.name == benchmark if benchmark else run.schedule_id == kind)
        async with self._sessions() as session:
            found = await session.scalars(query.order_by(run.completed_at.desc(), run.run_id.desc()).limit(most))
            return list(found)

    async def record(self, check: BaselineCheck) -> None:
        """What came of it, and the event of it, in one transaction; told twice it changes nothing."""
        row = {name: getattr(check, name) for name in APART}
        content = check.model_dump(mode="json", exclude=APART)
        added = (
            insert(BaselineCheckRow)
            .values(**row, content=content)
            .on_conflict_do_nothing()
            .returning(BaselineCheckRow.run_id)
        )
        type_ = EVENTS.get(check.outcome)
        async with self._sessions.begin() as session:
            if await session.scalar(added) is not None and type_ is not None:
                announce(
                    session,
                    type_,
                    project_id=check.project_id,
                    subject=check.run_id,
                    source=f"/v1/runs/{check.run_id}/baseline-check",
                    run_id=check.run_id,
                    data=told(check) | {"schedule": await _schedule(session, check.watch)},
                )

    async def check_of(self, project_id: str, run_id: str) -> BaselineCheck:
        """The last one of the run. Raises NotFound."""
        row = BaselineCheckRow
        query = select(row).where(row.project_id == project_id, row.run_id == run_id)
        async with self._sessions() as session:
            found = await session.scalar(query.order_by(row.completed_at.desc()).limit(1))
        if found is None:
            raise NotFound(
                f"The run {run_id!r} was not held against a baseline: it has not completed, or neither its schedule "
                "nor its benchmark has one."
            )
        return _check(found)

    async def page(
        self, project_id: str, *, limit: int, cursor: str | None = None, watch: str | None = None,
        outcome: str | None = None,
    ) -> Page[BaselineCheck]:  # fmt: skip
        """The newest first."""
        row = BaselineCheckRow
        query = select(row).where(row.project_id == project_id)
        query = query if watch is None else query.where(or_(row.watch == watch, row.watch == f"benchmark/{watch}"))
        query = query if outcome is None else query.where(row.outcome == outcome)
        if (after := CHECKS.decode(cursor)) is not None:
            query = query.where(tuple_(row.checked_at, row.run_id) < after)
        async with self._sessions() as session:
            rows = await session.scalars(query.order_by(row.checked_at.desc(), row.run_id.desc()).limit(limit + 1))
            found = [_check(each) for each in rows]
        return CHECKS.page(found, limit, lambda one: (one.checked_at, one.run_id))


def _revision(project_id: str, benchmark: str) -> Select[int]:
    row = BenchmarkBaselineRow
    return select(row.revision).where(row.project_id == project_id, row.benchmark == benchmark)


async def _schedule(session: AsyncSession, watch: str) -> str | None:
    """The name of the schedule whose baseline it is; None of a benchmark's own."""
    return await session.scalar(select(ScheduleRow.name).where(ScheduleRow.schedule_id == watch))


def told(check: BaselineCheck) -> dict[str, Any]:
    """What an event tells of it: agents that got worse, by how much, and what differed."""
    worse: Sequence[dict[str, Any]] = [
        each.model_dump(mode="json", exclude={"finding"}) for each in check.agents if each.finding == "worse"
    ]
    return {
        "name": check.run_name,
        "watch": check.watch,
        "baseline_run_id": check.baseline_run_id,
        "reason": check.sentence,
        "agents": worse,
        "differed": [each.model_dump(mode="json") for each in check.differences],
    }


def _check(row: BaselineCheckRow) -> BaselineCheck:
    return BaselineCheck.model_validate({**row.content, **{name: getattr(row, name) for name in APART}})
