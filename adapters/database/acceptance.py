"""Accepting runs: those that come at the same time are recorded by one statement, and so with one commit.

While a group is written, the next one gathers: nobody waits for others to come, and many at once cost little more than
one. What keeps one run of a group from being recorded keeps no other.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from core.errors import NotFound

MOST = 64
"""Runs of one group."""
ACCEPT = """
with given as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[])
    as given
    (run_id, project_id, name, benchmark_type, config, principal, forked_from, schedule_id, reproduces, case_set,
     of_eval)
), made as (
  insert into runs
    (run_id, project_id, name, benchmark_type, config, forked_from, schedule_id, reproduces, case_set)
  select run_id, project_id, name, benchmark_type, config::jsonb, forked_from, schedule_id, reproduces, case_set
  from given order by run_id
  on conflict (run_id) do nothing
  returning run_no, run_id, project_id, name, config, created_at
), asked as (
  insert into run_agents (run_no, agent_no, name)
  select run_no, place - 1, agent->>'name'
  from made cross join jsonb_array_elements(config->'agents') with ordinality as each (agent, place)
), audited as (
  insert into audit_events (project_id, principal, action, subject, data)
  select made.project_id, principal, 'run.create', run_id, jsonb_build_object('name', made.name)
  from made join given using (run_id) where principal is not null
), of_evals as (
  insert into openai_eval_runs (run_id, eval_id, project_id, name, properties, model, data_source)
  select run_id, of_eval->>'eval_id', project_id, of_eval->>'name', nullif(of_eval->'metadata', 'null'),
    of_eval->>'model', of_eval->'data_source'
  from (select run_id, made.project_id, given.of_eval::jsonb as of_eval from made join given using (run_id)
    where given.of_eval is not null) as started
), told as (
  insert into run_events (project_id, run_id, subject, source, type, data)
  select project_id, run_id, run_id, '/v1/runs/' || run_id, 'run.queued', '{}' from made
)
select run_id, created_at from made
"""
"""Runs with their agents, who wanted them, the evals they are runs of, and the event that tells of each."""


class Origin(NamedTuple):
    """What a run comes from, besides its definition: an earlier run, or a schedule."""

    forked_from: str | None
    schedule_id: str | None
    reproduces: str | None
    case_set: str | None
    """The cases of the run that it reproduces."""


class NewRun(NamedTuple):
    run_id: str
    project_id: str
    name: str
    benchmark_type: str
    config: str
    """As JSON."""
    by: str | None
    """Who wanted it, for the audit log; None where that is recorded otherwise."""
    forked_from: str | None
    """As the following, see `Origin`."""
    schedule_id: str | None
    reproduces: str | None
    case_set: str | None
    of_eval: str | None = None
    """The eval's record of it, as JSON."""


class Waiting(NamedTuple):
    run: NewRun
    recorded: asyncio.Future[datetime | None]


class Acceptance:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, run: NewRun) -> datetime | None:
        """When it was recorded, by the database's clock; None when there was a run with this id. Raises as `LOST`,
        asyncpg.DataError for what PostgreSQL has no place for, NotFound for a run of an eval that is gone."""
        recorded: asyncio.Future[datetime | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(run, recorded))
        if self._writing is None:
            # A task of its own: a caller who leaves takes nobody's run along.
            self._writing = asyncio.create_task(self._write_all())
        return await recorded

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write(self._next_group())
        finally:
            self._writing = None

    def _next_group(self) -> Sequence[Waiting]:
        """The first ones, each id once: of two with the same id, the later one finds the earlier one's run."""
        group: dict[str, Waiting] = {}
        rest: list[Waiting] = []
        for one in self._waiting:
            if len(group) < MOST and one.run.run_id not in group:
                group[one.run.run_id] = one
            else:
                rest.append(one)
        self._waiting = rest
        return list(group.values())

    async def _write(self, group: Sequence[Waiting]) -> None:
        try:
            async with raw_connection(self._engine) as connection:
                rows = await connection.fetch(
                    ACCEPT, *([*column] for column in zip(*(w.run for w in group), strict=True))
                )
        except (asyncpg.DataError, asyncpg.ForeignKeyViolationError) as error:
            if len(group) > 1:
                for one in group:
                    await self._write([one])
                return
            gone = isinstance(error, asyncpg.ForeignKeyViolationError)
            _fail(group, NotFound("The eval of this run was deleted meanwhile.") if gone else error)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            _fail(group, error)
        else:
            made = {row["run_id"]: row["created_at"] for row in rows}
            for one in group:
                if not one.recorded.done():
                    one.recorded.set_result(made.get(one.run.run_id))


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for one in group:
        if not one.recorded.done():
            one.recorded.set_exception(error)
