"""The ledger's statements, and how rows become the column arrays they take."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson

from adapters.database.lease import HOLDS
from adapters.database.texts import storable
from core.claims import NO_CALL
from core.outcomes import Answered

if TYPE_CHECKING:
    from adapters.database.ledger import ClaimRow, ReleaseRow, ResultWrite

SETTLED = """
select trial, case_index, status from results
where run_no = $1 and agent_no = $2 and (trial, case_index) >= ($3, $4) and (trial, case_index) <= ($5, $6)
  and (status = 'answered' or round >= $7)
"""

EVER_ANSWERED = "select 1 from run_agents where run_no = $1 and agent_no = $2 and answered > 0"

RESULT_FIELDS = {
    "run_no": "bigint",
    "agent_no": "int",
    "trial": "int",
    "case_index": "int",
    "case_id": "text",
    "category": "text",
    "cluster": "text",
    "status": "text",
    "cause": "text",
    "detail": "text",
    "text": "text",
    "raw": "text",
    "model": "text",
    "finish_reason": "text",
    "input_tokens": "int",
    "output_tokens": "int",
    "cached_input_tokens": "int",
    "reasoning_tokens": "int",
    "latency_s": "float8",
    "queue_s": "float8",
    "cost_usd": "float8",
    "response_id": "text",
    "fingerprint": "text",
    "reply_metadata": "jsonb",
    "tool_calls": "jsonb",
    "calls": "int",
    "round": "int",
}
_KEY = ("run_no", "agent_no", "trial", "case_index")
INPUT_FIELDS = {name: kind for name, kind in RESULT_FIELDS.items() if name != "calls"}
"""The ledger counts the calls of a question by itself."""
CLAIM_FIELDS = {name: "bigint" if name in ("run_no", "fence") else "int" for name in (*_KEY, "fence", "round")} | {
    "resends": "int",
    "since": "int",
}


def _arrays(kinds: Iterable[str], *, first: int) -> str:
    return ", ".join(f"${first + place}::{'text' if kind == 'jsonb' else kind}[]" for place, kind in enumerate(kinds))


def _same_question(one: str, other: str) -> str:
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in _KEY)


_NAMES = ", ".join(INPUT_FIELDS)
_PICKED = ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in INPUT_FIELDS.items())
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in RESULT_FIELDS if name not in _KEY)
_OWNER = f"${1 + len(CLAIM_FIELDS)}::text"
_FIRST_RESULT = 2 + len(CLAIM_FIELDS)

BY_INDEX = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""For the connection that writes: every row it looks for is found by its key. PostgreSQL knows nothing yet of rows
written seconds ago, and would read through all of them, or plan for longer than the statement takes."""

WRITE = f"""
with claims as (
  select * from unnest({_arrays(CLAIM_FIELDS.values(), first=1)}) as claims({", ".join(CLAIM_FIELDS)})
), input as (
  select * from unnest({_arrays((*INPUT_FIELDS.values(), "bigint"), first=_FIRST_RESULT)}) as input({_NAMES}, fence)
), granted as (
  insert into attempts (run_no, agent_no, trial, case_index, number, fence, round, owner)
  select claims.run_no, claims.agent_no, claims.trial, claims.case_index, before.calls + 1, claims.fence,
    claims.round, {_OWNER}
  from claims cross join lateral (
    select coalesce(max(number), 0) as calls, coalesce(bool_or(status = 'open'), false) as is_open,
      count(*) filter (where status in ('unknown', 'late') and round >= claims.since) as lost
    from attempts where {_same_question("attempts", "claims")}
  ) as before
  where not before.is_open and before.lost <= claims.resends
    and (
      select count(*) from results
      where {_same_question("results", "claims")} and (results.status = 'answered' or results.round >= claims.round)
    ) = 0
    and exists (select from owners where owner = {_OWNER} and {HOLDS})
  order by 1, 2, 3, 4
  on conflict do nothing
  returning fence
), finished as (
  update attempts set finished_at = now(), status = input.status, detail = input.detail
  from input
  where {_same_question("attempts", "input")} and attempts.fence = input.fence and attempts.status = 'open'
  returning attempts.fence
), decided as (
  select input.*, history.calls, history.lost
  from input cross join lateral (
    select count(*) filter (where status <> 'unsent')::int as calls,
      (count(*) filter (where status in ('unknown', 'late') and round = input.round))::int as lost
    from attempts where {_same_question("attempts", "input")}
  ) as history
  where fence = {NO_CALL} or fence in (select fence from finished)
), settled as (
  insert into results ({_NAMES}, calls) select {_PICKED}, calls from decided
  on conflict (run_no, agent_no, trial, case_index) do update
    set {_REPLACED}, earlier_failures = results.earlier_failures + 1, answered_at = now()
    where results.status = 'failed' and excluded.round > results.round
  returning run_no, agent_no, trial, case_index, status, earlier_failures, calls, cost_usd, input_tokens, output_tokens
), changes as (
  select run_no, agent_no, count(*) filter (where status = 'answered') as answered,
    count(*) filter (where status = 'failed') - count(*) filter (where earlier_failures > 0) as failed,
    coalesce(sum(cost_usd), 0) as usd,
    coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)), 0) as tokens,
    count(*) filter (where calls > 0) as calls,
    count(*) filter (where status = 'answered' and cost_usd is null) as unpriced
  from settled group by run_no, agent_no
), losses as materialized (
  select run_no, agent_no, trial, case_index, case when fence = {NO_CALL} then lost - 1 else lost end as resent
  from decided where lost > 0
), recoveries as (
  select run_no, agent_no, count(*) filter (where settled.status = 'answered') as cases, sum(resent) as calls
  from settled join losses using (run_no, agent_no, trial, case_index) group by run_no, agent_no
), locked as (
  select run_no, agent_no from run_agents
  where (run_no, agent_no) in (select run_no, agent_no from changes)
  order by run_no, agent_no for update
), counted as (
  update run_agents
  set answered = run_agents.answered + changes.answered, failed = run_agents.failed + changes.failed,
    spent_usd = spent_usd + changes.usd, spent_tokens = spent_tokens + changes.tokens,
    spent_calls = spent_calls + changes.calls, unpriced = run_agents.unpriced + changes.unpriced,
    recovered_cases = recovered_cases + coalesce(recoveries.cases, 0),
    resent_calls = resent_calls + coalesce(recoveries.calls, 0)
  from changes join locked using (run_no, agent_no) left join recoveries using (run_no, agent_no)
  where run_agents.run_no = changes.run_no and run_agents.agent_no = changes.agent_no
)
select fence from granted union all select fence from finished
"""
"""Claims, results, the claims these finish, and the counts people see: one statement, so all or nothing.

What was granted and finished comes back by its fence. A claim is granted where no other is open, nothing is settled and
not too many calls were lost; the number it gets is the question's next, so of two at once one wins by the primary key.
An outcome counts only while its claim is open. Counts are locked in one order, so that two processes cannot wait for
each other."""

RELEASE = f"""
with released as (
  update attempts set finished_at = now(), status = input.status, detail = input.detail
  from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[])
    as input(run_no, agent_no, trial, case_index, fence, status, detail)
  where {_same_question("attempts", "input")} and attempts.fence = input.fence and attempts.status = 'open'
  returning attempts.run_no, attempts.agent_no, attempts.status
), calls as (
  select run_no, agent_no, count(*) as calls from released where status <> 'unsent' group by run_no, agent_no
), locked as (
  select run_no, agent_no from run_agents
  where (run_no, agent_no) in (select run_no, agent_no from calls)
  order by run_no, agent_no for update
)
update run_agents set spent_calls = spent_calls + calls.calls
from calls join locked using (run_no, agent_no)
where run_agents.run_no = calls.run_no and run_agents.agent_no = calls.agent_no
"""

LOOK = f"""
select standing.fence, standing.owner,
  exists (select from owners where owner = standing.owner and {HOLDS}) as alive,
  exists (select from owners where owner = $7 and {HOLDS}) as ours_alive,
  (
    select status from results
    where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4 and (status = 'answered' or round >= $5)
  ) as settled,
  (
    select count(*) from attempts
    where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4
      and status in ('unknown', 'late') and round >= $6
  ) as lost
from (values (1)) as one left join lateral (
  select fence, owner from attempts
  where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4 and status = 'open'
  order by number desc limit 1
) as standing on true
"""
"""Why a claim was not granted."""

GIVE_UP = f"""
with closed as (
  update attempts set status = 'unknown', finished_at = now(), detail = $6
  where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4 and fence = $5 and status = 'open'
    and (owner = $7 or not exists (
      select from owners where owners.owner = attempts.owner and {HOLDS}
    ))
  returning 1
)
update run_agents set unknown_calls = unknown_calls + 1, spent_calls = spent_calls + 1
where run_no = $1 and agent_no = $2 and exists (select from closed)
"""
"""Closes a claim whose outcome nobody will tell: of an owner without a lease, or of $7."""

LATE = """
with late as (
  update attempts
  set status = 'late', finished_at = now(), detail = $6, input_tokens = $7::int,
    output_tokens = $8::int, cost_usd = $9::float8
  where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4 and fence = $5 and status = 'unknown'
  returning coalesce($7::int, 0) + coalesce($8::int, 0) as tokens, coalesce($9::float8, 0) as usd
), counted as (
  update run_agents set late_answers = late_answers + 1,
    wasted_tokens = wasted_tokens + late.tokens, wasted_usd = wasted_usd + late.usd
  from late where run_no = $1 and agent_no = $2
)
select status from attempts
where run_no = $1 and agent_no = $2 and trial = $3 and case_index = $4 and fence = $5
"""
"""Keeps the outcome of a claim that was taken over, and tells how the claim stood before."""


def claim_columns(claims: "Sequence[ClaimRow]") -> list[list[int]]:
    """The columns of `CLAIM_FIELDS`, as arrays."""
    return [list(column) for column in zip(*claims, strict=True)] if claims else [[] for _ in CLAIM_FIELDS]


def result_columns(results: "Sequence[ResultWrite]") -> list[list[object]]:
    """The columns of `INPUT_FIELDS` and the fence, as arrays."""
    rows = [(*_result_row(result), result.fence) for result in results]
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(len(INPUT_FIELDS) + 1)]


def release_columns(releases: "Sequence[ReleaseRow]") -> list[list[object]]:
    rows = [(*release.place, release.fence, release.status, storable(release.detail)) for release in releases]
    return [list(column) for column in zip(*rows, strict=True)]


def _result_row(result: "ResultWrite") -> tuple[object, ...]:
    share, item, outcome = result.share, result.item, result.item.outcome
    place = (share.run_no, share.agent_no, item.key.trial, item.key.case_index)
    head = (*place, item.case_id, item.category, item.cluster)
    tail = (share.round,)
    if not isinstance(outcome, Answered):
        nothing = (None,) * 8
        return (
            *head,
            "failed",
            outcome.cause,
            storable(outcome.detail),
            None,
            storable(outcome.raw),
            *nothing[:7],
            item.queue_s,
            *nothing[:5],
            *tail,
        )
    reply = outcome.reply
    usage = reply.usage
    return (
        *head,
        *("answered", None, None, reply.text, None, reply.model, reply.finish_reason),
        *(usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.reasoning_tokens),
        *(reply.latency_s, item.queue_s, reply.cost_usd, reply.response_id, reply.fingerprint),
        orjson.dumps(reply.metadata).decode() if reply.metadata else None,
        orjson.dumps([call.model_dump() for call in reply.tool_calls]).decode() if reply.tool_calls else None,
        *tail,
    )
