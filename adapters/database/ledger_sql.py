"""The ledger's statements, and how rows become the column arrays they take."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from adapters.database.texts import storable
from core.outcomes import Answered

if TYPE_CHECKING:
    from adapters.database.ledger import ClaimRow, ResultWrite

SETTLED = """
select trial, case_index, status from results
where run_no = $1 and agent_no = $2 and (trial, case_index) >= ($3, $4) and (trial, case_index) <= ($5, $6)
  and (status = 'answered' or round >= $7)
"""

RESULT_FIELDS = {
    "run_no": "bigint",
    "agent_no": "int",
    "trial": "int",
    "case_index": "int",
    "case_id": "text",
    "category": "text",
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
_NAMES = ", ".join(RESULT_FIELDS)
_ARRAYS = ", ".join(
    f"${7 + place}::{'text' if kind == 'jsonb' else kind}[]" for place, kind in enumerate(RESULT_FIELDS.values())
)
_PICKED = ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in RESULT_FIELDS.items())
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in RESULT_FIELDS if name not in _KEY)
_FENCES = f"${7 + len(RESULT_FIELDS)}::bigint[]"

WRITE = f"""
with input as (
  select * from unnest({_ARRAYS}, {_FENCES}) as input({_NAMES}, fence)
), claimed as (
  insert into attempts (run_no, agent_no, trial, case_index, fence, owner)
  select *, $6::text from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bigint[])
  on conflict do nothing
), settled as (
  insert into results ({_NAMES}) select {_PICKED} from input
  on conflict (run_no, agent_no, trial, case_index) do update
    set {_REPLACED}, earlier_failures = results.earlier_failures + 1, answered_at = now()
    where results.status = 'failed' and excluded.round > results.round
  returning run_no, agent_no, status, earlier_failures
), finished as (
  update attempts set finished_at = now(), status = input.status, detail = input.detail
  from input
  where attempts.run_no = input.run_no and attempts.agent_no = input.agent_no and attempts.trial = input.trial
    and attempts.case_index = input.case_index and attempts.fence = input.fence
), changes as (
  select run_no, agent_no,
    count(*) filter (where status = 'answered') as answered,
    count(*) filter (where status = 'failed') - count(*) filter (where earlier_failures > 0) as failed
  from settled group by run_no, agent_no
), locked as (
  select run_no, agent_no from run_agents
  where (run_no, agent_no) in (select run_no, agent_no from changes)
  order by run_no, agent_no for update
)
update run_agents
set answered = run_agents.answered + changes.answered, failed = run_agents.failed + changes.failed
from changes join locked using (run_no, agent_no)
where run_agents.run_no = changes.run_no and run_agents.agent_no = changes.agent_no
"""
"""Claims, results, the claims these finish, and the counts people see: one statement, so all or nothing.
Counts are locked in one order, so that two processes cannot wait for each other."""

RELEASE = """
update attempts set finished_at = now(), status = 'retried', detail = input.detail
from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::text[])
  as input(run_no, agent_no, trial, case_index, fence, detail)
where attempts.run_no = input.run_no and attempts.agent_no = input.agent_no and attempts.trial = input.trial
  and attempts.case_index = input.case_index and attempts.fence = input.fence
"""


def claim_columns(claims: "Sequence[ClaimRow]") -> list[list[int]]:
    """The columns of `ClaimRow`, as arrays."""
    return [list(column) for column in zip(*claims, strict=True)] if claims else [[], [], [], [], []]


def result_columns(results: "Sequence[ResultWrite]") -> list[list[object]]:
    """The columns of `RESULT_FIELDS` and the fence, as arrays."""
    rows = [(*_result_row(result), result.fence) for result in results]
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(len(RESULT_FIELDS) + 1)]


def _result_row(result: "ResultWrite") -> tuple[object, ...]:
    share, item, outcome = result.share, result.item, result.item.outcome
    head = (share.run_no, share.agent_no, item.key.trial, item.key.case_index, item.case_id, item.category)
    tail = (item.calls, share.round)
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
