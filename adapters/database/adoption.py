"""Adoption: a fork takes over the answers that another run has to the same questions, with their verdicts."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.ledger_sql import RESULT_FIELDS

KEY = ("run_no", "agent_no", "trial", "case_index")
RESULTS = ", ".join(name for name in RESULT_FIELDS if name not in (*KEY, "round"))
SCORES = "evaluator, version, value, answer, reason, cause, details, spent, judgings, scored_at"

ADOPT = f"""
with cases as (
  select * from unnest($5::int[], $6::int[]) as cases(old_index, new_index)
), adopted as (
  insert into results (run_no, agent_no, trial, case_index, round, {RESULTS}, answered_at)
  select $1, $2, trial, new_index, 1, {RESULTS}, answered_at from results join cases on case_index = old_index
  where run_no = $3 and agent_no = $4 and status = 'answered' and trial < $7
  on conflict do nothing
  returning trial, case_index
), judged as (
  insert into scores (run_no, agent_no, trial, case_index, {SCORES})
  select $1, $2, scores.trial, new_index, {SCORES} from scores
    join cases on scores.case_index = old_index
    join adopted on adopted.trial = scores.trial and adopted.case_index = new_index
  where run_no = $3 and agent_no = $4
  on conflict do nothing
), counted as (
  select count(*) as answers from adopted
)
update run_agents set answered = answered + answers, total = greatest(total, answered + answers)
from counted where run_no = $1 and agent_no = $2
"""
"""A verdict comes along only with the answer that it is about."""


class StoredAdoptions:
    """Implements `core.ports.Adoptions`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def adopt(
        self, run_no: int, from_run_no: int, *, agents: Mapping[int, int], cases: Mapping[int, int], trials: int
    ) -> None:
        old, new = list(cases), list(cases.values())
        async with raw_connection(self._engine) as connection:
            for to_agent, from_agent in agents.items():
                where = (run_no, to_agent, from_run_no, from_agent, old, new, trials)
                await connection.execute(ADOPT, *where)
