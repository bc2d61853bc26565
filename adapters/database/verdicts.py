"""Verdicts in PostgreSQL: which answers lack one, and the scores once they are known."""

from collections import defaultdict
from collections.abc import Sequence

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, patiently, raw_connection
from adapters.database.texts import storable, storable_json
from core.cases import Reply, Usage
from core.errors import ServiceUnavailable
from core.outcomes import ItemKey
from core.verdicts import Scored
from core.work import Batch, BatchAnswer, BatchVerdict, Share

ANSWERED = """
select trial, case_index, text, model, finish_reason, input_tokens, output_tokens, cached_input_tokens,
  reasoning_tokens, latency_s, cost_usd, reply_metadata::text as reply_metadata,
  tool_calls::text as tool_calls
from results
where run_no = $1 and agent_no = $2 and (trial, case_index) >= ($3, $4) and (trial, case_index) <= ($5, $6)
  and status = 'answered'
order by trial, case_index
"""

JUDGED = """
select trial, case_index, evaluator, version from scores
where run_no = $1 and agent_no = $2 and evaluator = any($7::text[]) and version = any($8::text[])
  and (trial, case_index) >= ($3, $4) and (trial, case_index) <= ($5, $6) and cause is distinct from 'judge'
"""
"""What was left unscored because a judge could not be had still lacks its verdict."""

RECORD = """
with written as (
  insert into scores as given
    (run_no, agent_no, trial, case_index, evaluator, version, value, answer, reason, cause, details, spent)
  select $1::bigint, $2::int, trial, case_index, evaluator, version, value, answer, reason, cause, details::jsonb,
    spent::jsonb
  from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::float8[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[])
    as input(trial, case_index, evaluator, version, value, answer, reason, cause, details, spent)
  on conflict (run_no, agent_no, evaluator, version, trial, case_index) do update
    set value = excluded.value, answer = excluded.answer, reason = excluded.reason, cause = excluded.cause,
      details = excluded.details, judgings = given.judgings + 1, scored_at = now(),
      spent = (
        select jsonb_object_agg(name, total) from (
          select key as name, sum(value::numeric) as total from (
            select * from jsonb_each_text(given.spent) union all select * from jsonb_each_text(excluded.spent)
          ) as both_times group by key
        ) as sums
      )
    where given.cause = 'judge'
  returning evaluator, judgings
), fresh as (
  select count(*) as verdicts from written where evaluator = $13::text and judgings = 1
), counted as (
  update run_agents set evaluated = least(evaluated + fresh.verdicts, answered)
  from fresh where run_no = $1 and agent_no = $2
)
select verdicts from fresh
"""


class PostgresVerdicts:
    """Implements `core.ports.Verdicts`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def lacking(self, batch: Batch, evaluators: Sequence[tuple[str, str]]) -> Sequence[BatchAnswer]:
        share = batch.share
        first, last = divmod(batch.start, share.case_count), divmod(batch.stop - 1, share.case_count)
        where = (share.run_no, share.agent_no, *first, *last)
        labels, versions = [label for label, _ in evaluators], [version for _, version in evaluators]
        wanted, every = set(evaluators), frozenset(labels)
        judged: defaultdict[ItemKey, set[str]] = defaultdict(set)
        for row in await self._fetch(JUDGED, *where, labels, versions):
            if (row["evaluator"], row["version"]) in wanted:
                judged[ItemKey(row["trial"], row["case_index"])].add(row["evaluator"])
        lacking: list[BatchAnswer] = []
        for row in await self._fetch(ANSWERED, *where):
            key = ItemKey(row["trial"], row["case_index"])
            lacks = every - judged[key] if key in judged else every
            if lacks:
                lacking.append(BatchAnswer(key, _reply(row), lacks))
        return lacking

    async def record(self, share: Share, verdicts: Sequence[BatchVerdict], *, primary: str) -> int:
        rows = [_row(verdict) for verdict in verdicts]
        columns = [list(column) for column in zip(*rows, strict=True)]

        async def once() -> int:
            async with raw_connection(self._engine) as connection:
                return await connection.fetchval(RECORD, share.run_no, share.agent_no, *columns, primary)

        # However long the database is away: judges were paid for these, and others are speaking meanwhile.
        return await patiently(once)

    async def _fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        try:
            async with raw_connection(self._engine) as connection:
                return await connection.fetch(sql, *arguments)
        except LOST as error:
            raise ServiceUnavailable(f"PostgreSQL does not answer: {error}") from error


def _reply(row: asyncpg.Record) -> Reply:
    return Reply(
        text=row["text"],
        usage=Usage(
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cached_input_tokens=row["cached_input_tokens"],
            reasoning_tokens=row["reasoning_tokens"],
        ),
        model=row["model"],
        finish_reason=row["finish_reason"],
        latency_s=row["latency_s"],
        cost_usd=row["cost_usd"],
        metadata=orjson.loads(row["reply_metadata"]) if row["reply_metadata"] else {},
        tool_calls=orjson.loads(row["tool_calls"]) if row["tool_calls"] else (),
    )


def _row(given: BatchVerdict) -> tuple[object, ...]:
    head, verdict = (*given.key, given.evaluator, given.version), given.verdict
    details = storable_json(verdict.details) if verdict.details else None
    spent = verdict.spent.model_dump_json() if verdict.spent else None
    if not isinstance(verdict, Scored):
        return (*head, None, None, storable(verdict.reason), verdict.cause, details, spent)
    return (*head, verdict.value, storable(verdict.answer), storable(verdict.reason), None, details, spent)
