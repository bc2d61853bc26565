"""Runs and their agents: the record that people see. Every change of status leaves an event in the outbox."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from adapters.database.acceptance import Acceptance, NewRun, Origin
from adapters.database.case_columns import read_case_columns
from adapters.database.columns import read_columns
from adapters.database.counts import read_counts
from adapters.database.engine import sessions
from adapters.database.outbox import tell
from adapters.database.revisions import Expected, note_change, refuse_stale
from adapters.database.run_rows import read_run, read_runs
from adapters.database.tables import ResultRow, RunAgentRow, RunRow, ScoreRow
from adapters.database.texts import storable
from core.benchmarks import BenchmarkDefinition
from core.causes import FAULTS
from core.columns import CaseColumns, Columns
from core.errors import NotFound
from core.events import EventType
from core.metrics import AgentMetrics
from core.openai_evals import EvalRunRecord
from core.runs import ENDED, Run, RunAgent, RunStatus, Validity
from core.stalls import Stall
from core.verdicts import UnitCounts
from core.work import HaltKind


class RunFilter(NamedTuple):
    """What a page of runs is narrowed to; None does not narrow."""

    status: RunStatus | None = None
    name: str | None = None
    benchmark_type: str | None = None
    schedule: str | None = None
    """A schedule's id, or `none` for runs that no schedule started."""


EVERY_RUN = RunFilter()
HALTS: dict[HaltKind, EventType] = {"budget": EventType.BUDGET_REACHED, "quota": EventType.QUOTA_REACHED}


class OpenRun(NamedTuple):
    run_id: str
    status: str
    updated_at: datetime


class RunRepository:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = sessions(engine)
        self._acceptance = Acceptance(engine)

    async def create(
        self,
        run_id: str,
        config: BenchmarkDefinition,
        *,
        project_id: str,
        forked_from: str | None = None,
        reproduces: Run | None = None,
        schedule_id: str | None = None,
        by: str | None = None,
        of_eval: EvalRunRecord | None = None,
    ) -> Run:
        """Accepts a run; `by` leaves in the audit log who wanted it, `of_eval` makes it one of an eval in the same
        transaction. One that reproduces another asks the very cases of that one. Raises NotFound when the eval is gone.
        Creating the same id again changes nothing and returns what is there."""
        origin = Origin(
            forked_from=forked_from,
            schedule_id=schedule_id,
            reproduces=None if reproduces is None else reproduces.run_id,
            case_set=None if reproduces is None else reproduces.case_set,
        )
        new = NewRun(run_id, project_id, config.name, config.benchmark_type, config.model_dump_json(), by, *origin)
        new = new._replace(of_eval=None if of_eval is None else of_eval.model_dump_json())
        at = await self._acceptance.record(new)
        if at is None:
            return await self.get(run_id)
        return Run(
            run_id=run_id,
            project_id=project_id,
            name=config.name,
            benchmark_type=config.benchmark_type,
            status="queued",
            agents=tuple(RunAgent(agent_id=agent.name) for agent in config.agents),
            config=config,
            created_at=at,
            updated_at=at,
            **origin._asdict(),
        )

    async def get(self, run_id: str, *, project_id: str | None = None) -> Run:
        """Raises NotFound, also for a run of another project."""
        async with self._sessions() as session:
            row = await session.get(RunRow, run_id)
            if row is None or (project_id is not None and row.project_id != project_id):
                raise NotFound(f"There is no run {run_id!r}.")
            return await read_run(session, row)

    async def number(self, run_id: str) -> int:
        async with self._sessions() as session:
            number = await session.scalar(select(RunRow.run_no).where(RunRow.run_id == run_id))
        if number is None:
            raise NotFound(f"There is no run {run_id!r}.")
        return number

    async def page(
        self, *, project_id: str, limit: int, after: tuple[datetime, str] | None = None, narrow: RunFilter = EVERY_RUN
    ) -> list[Run]:
        """The newest first; `after` is the (created_at, run_id) of the last run of the page before."""
        query = select(RunRow).where(RunRow.project_id == project_id)
        if after is not None:
            query = query.where(tuple_(RunRow.created_at, RunRow.run_id) < after)
        for column, value in (
            (RunRow.status, narrow.status),
            (RunRow.name, narrow.name),
            (RunRow.benchmark_type, narrow.benchmark_type),
        ):
            query = query if value is None else query.where(column == value)
        if narrow.schedule is not None:
            query = query.where(RunRow.schedule_id.is_not_distinct_from(_schedule(narrow.schedule)))
        async with self._sessions() as session:
            return await read_runs(session, query.order_by(RunRow.created_at.desc(), RunRow.run_id.desc()).limit(limit))

    async def of(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """By their ids, those that there are."""
        async with self._sessions() as session:
            found = await read_runs(session, select(RunRow).where(RunRow.run_id.in_(run_ids)))
        return {run.run_id: run for run in found}

    async def open_runs(self, *, quiet_s: float) -> list[OpenRun]:
        """Runs that have not ended and were not touched for that long: the reconciler looks after them."""
        query = select(RunRow.run_id, RunRow.status, RunRow.updated_at).where(
            RunRow.status.not_in(ENDED), RunRow.updated_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, quiet_s)
        )
        async with self._sessions() as session:
            return [OpenRun(*row) for row in await session.execute(query)]

    async def active(self) -> dict[str, int]:
        """How many runs are in each state that is not an end."""
        query = select(RunRow.status, func.count()).where(RunRow.status.not_in(ENDED)).group_by(RunRow.status)
        async with self._sessions() as session:
            return dict((await session.execute(query)).all())

    async def next_round(self, run_id: str, *, expected: Expected | None = None) -> int:
        """Opens the run for another round: what failed or was not asked will be, whatever was decided without it.
        Raises StaleRevision."""
        async with self._sessions.begin() as session:
            row = await locked(session, run_id)
            await refuse_stale(session, row.revision, expected)
            if row.config.get("stopping") is not None:
                row.config = row.config | {"stopping": None}
                row.revision += 1
            await note_change(session, expected, row.revision)
            open_round(row)
            tell(session, row, EventType.RUN_RETRIED, {"round": row.round})
            return row.round

    async def begin(self, run_id: str, *, case_set: str, case_count: int, reopens: bool = True) -> Run:
        async with self._sessions.begin() as session:
            row = await locked(session, run_id)
            if row.status in ENDED and not reopens:
                return await read_run(session, row)
            row.case_set, row.case_count = case_set, case_count
            row.status, row.completed_at, row.error = "processing", None, None
            row.started_at = row.started_at or func.now()
            row.updated_at = func.now()
            config = BenchmarkDefinition.model_validate(row.config)
            total = case_count * config.trials
            every = update(RunAgentRow).where(RunAgentRow.run_no == row.run_no)
            if row.asks:
                # What is decided needs no more asking, unless nothing is to be decided any more.
                asked = every if config.stopping is None else every.where(RunAgentRow.decision.is_(None))
                await session.execute(asked.values(total=total, status="processing", error=None, decision=None))
            else:
                await session.execute(every.values(evaluated=0))
            tell(session, row, EventType.RUN_STARTED, {"cases": case_count, "round": row.round})
        return await self.get(run_id)

    async def note(
        self,
        run_id: str,
        status: RunStatus,
        error: str | None = None,
        *,
        halted: HaltKind | None = None,
        unchanged_since: datetime | None = None,
        stalled: Stall | None = None,
    ) -> None:
        """With `unchanged_since`, a record that was touched after that moment is left as it is. `stalled` is what was
        found out first."""
        error = storable(error)
        async with self._sessions.begin() as session:
            row = await locked(session, run_id)
            if unchanged_since is not None and row.updated_at != unchanged_since:
                return
            changed = row.status != status
            if stalled is not None:
                tell(session, row, EventType.RUN_STALLED, stalled.model_dump(mode="json"))
            row.status, row.error, row.updated_at = status, error, func.now()
            row.completed_at = (row.completed_at or func.now()) if status in ENDED else None
            if status in ENDED:
                row.stalled = None
                await session.execute(
                    update(RunAgentRow)
                    .where(RunAgentRow.run_no == row.run_no, RunAgentRow.status.not_in(ENDED))
                    .values(status=status)
                )
            if changed:
                _tell_of(session, row, error, halted)

    async def note_agent(
        self, run_id: str, agent_no: int, status: RunStatus, error: str | None = None, *, decision: str | None = None
    ) -> None:
        asked = RunAgentRow.answered + RunAgentRow.failed
        decided = {} if decision is None else {"decision": decision, "total": asked}
        await self._change_agent(run_id, agent_no, status=status, error=storable(error), **decided)

    async def keep_metrics(
        self, run_id: str, agent_no: int, metrics: AgentMetrics, *, evaluated: int, validity: Validity, coverage: float
    ) -> None:
        figures = metrics.model_dump(mode="json")
        await self._change_agent(
            run_id, agent_no, metrics=figures, evaluated=evaluated, validity=validity, coverage=coverage
        )

    async def keep_report(self, run_id: str, report_key: str, *, validity: Validity) -> None:
        async with self._sessions.begin() as session:
            row = await locked(session, run_id)
            row.report_key, row.validity, row.updated_at = report_key, validity, func.now()

    async def columns(self, run_id: str, agent_no: int, evaluators: Sequence[tuple[str, str]]) -> Columns:
        return await read_columns(self._engine, await self.number(run_id), agent_no, evaluators)

    async def counts(
        self, run_id: str, agent_no: int, evaluator: tuple[str, str]
    ) -> AsyncGenerator[Sequence[UnitCounts]]:
        async with aclosing(read_counts(self._engine, await self.number(run_id), agent_no, evaluator)) as blocks:
            async for block in blocks:
                yield block

    async def case_columns(self, run_id: str, agent_no: int, evaluators: Sequence[tuple[str, str]]) -> CaseColumns:
        run = await self.get(run_id)
        wrong = FAULTS if run.config.failed_counts_as == "wrong" else ()
        return await read_case_columns(self._engine, await self.number(run_id), agent_no, evaluators, wrong=wrong)

    async def trouble(self, run_id: str, agent_no: int, evaluator: str) -> str:
        run_no = await self.number(run_id)
        score, result = ScoreRow, ResultRow
        unscored = (score.run_no == run_no, score.agent_no == agent_no, score.evaluator == evaluator)
        failed = (result.run_no == run_no, result.agent_no == agent_no, result.status == "failed")
        queries = (
            select(score.reason).where(*unscored, score.value.is_(None)).order_by(score.scored_at.desc()),
            select(result.detail).where(*failed).order_by(result.answered_at.desc()),
        )
        async with self._sessions() as session:
            for query in queries:
                if reason := await session.scalar(query.limit(1)):
                    return reason
        return ""

    async def _change_agent(self, run_id: str, agent_no: int, **values: object) -> None:
        run_no = select(RunRow.run_no).where(RunRow.run_id == run_id).scalar_subquery()
        async with self._sessions.begin() as session:
            await session.execute(
                update(RunAgentRow)
                .where(RunAgentRow.run_no == run_no, RunAgentRow.agent_no == agent_no)
                .values(**values)
            )


def _schedule(told: str) -> str | None:
    return None if told == "none" else told


def open_round(row: RunRow, *, asks: bool = True) -> None:
    """The run goes on, or begins anew if it had ended, with what the record says by then."""
    row.round += 1
    row.asks = asks
    if row.status in ENDED:
        row.status, row.completed_at, row.error = "queued", None, None
    row.updated_at = func.now()


async def locked(session: AsyncSession, run_id: str) -> RunRow:
    """The run's row, for this transaction alone. Raises NotFound."""
    row = await session.get(RunRow, run_id, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no run {run_id!r}.")
    return row


def _tell_of(session: AsyncSession, row: RunRow, error: str | None, halted: HaltKind | None) -> None:
    """Of the status the run has by now."""
    match row.status:
        case "paused":
            tell(session, row, EventType.RUN_PAUSED, {"waits_for": halted, "reason": error})
            if halted is not None:
                tell(session, row, HALTS[halted], {"reason": error})
        case "processing":
            tell(session, row, EventType.RUN_RESUMED)
        case ended:
            tell(session, row, EventType(f"run.{ended}"), {"error": error})
