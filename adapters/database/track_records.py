"""What earlier calls of an agent or a judge took, as far as it is recorded: what the next ones are expected to take."""

from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.estimates import TrackRecord

NEWEST = 200
"""Runs of the project that are looked at."""
MOST = 3
"""Runs of the same agent whose answers are counted, those of the same questions first."""
MOST_ANSWERS = 5000
RUNS = f"""
with newest as (
  select run_no, name, config, case_set, created_at from runs where project_id = $1 order by created_at desc
  limit {NEWEST}
)
select run_no, agent_no,
  coalesce(case_set = $4, false) and config -> 'agents' -> agent_no -> 'prompt' = $5::text::jsonb
    and config -> 'prompt' = $6::text::jsonb as same_questions
from newest join run_agents using (run_no)
where answered > 0 and config -> 'agents' -> agent_no -> 'agent' = $2::text::jsonb
order by same_questions desc, newest.name = $3 desc, created_at desc limit {MOST}
"""
ANSWERS = f"""
with answers as (
  select input_tokens, output_tokens, latency_s from unnest($1::bigint[], $2::int[]) as chosen(run_no, agent_no)
    cross join lateral (
      select * from results where results.run_no = chosen.run_no and results.agent_no = chosen.agent_no
        and status = 'answered' limit {MOST_ANSWERS}
    ) as answered
)
select count(*) as answers, avg(input_tokens)::float8 as input_tokens, avg(output_tokens)::float8 as output_tokens,
  (percentile_cont(0.25) within group (order by output_tokens))::float8 as output_low,
  max(output_tokens)::float8 as output_most, avg(latency_s)::float8 as latency_s
from answers
"""
JUDGED = f"""
with newest as (select run_no from runs where project_id = $1 order by created_at desc limit {NEWEST})
select count(distinct run_no) as runs, sum((score -> 'judging' ->> 'calls')::float8) as calls,
  sum((score -> 'judging' ->> 'input_tokens')::float8) as input_tokens,
  sum((score -> 'judging' ->> 'output_tokens')::float8) as output_tokens
from newest join run_agents using (run_no) cross join lateral jsonb_array_elements(metrics -> 'scores') as score
where metrics is not null and score ->> 'evaluator' = $2 and score ->> 'version' = $3
  and score -> 'judging' ->> 'calls' is not null
"""


class TrackRecords:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_agent(
        self, project_id: str, spec: AgentSpec, definition: BenchmarkDefinition, case_set: str
    ) -> TrackRecord | None:
        """Of the newest runs in which an agent with these settings answered; None when there is none."""
        said = [_json(spec.agent.model_dump(mode="json")), definition.name, case_set]
        words = [_json(each.model_dump(mode="json") if each else None) for each in (spec.prompt, definition.prompt)]
        async with raw_connection(self._engine) as connection:
            runs = await connection.fetch(RUNS, project_id, *said, *words)
            if not runs:
                return None
            # Runs of the same questions say more than all others together.
            same = bool(runs[0]["same_questions"])
            runs = [row for row in runs if row["same_questions"] == same]
            places = [[row[name] for row in runs] for name in ("run_no", "agent_no")]
            found = (await connection.fetch(ANSWERS, *places))[0]
        told = dict(found) | {"runs": len(runs), "same_questions": same}
        return TrackRecord.model_validate(told)

    async def of_judging(self, project_id: str, evaluator: str, version: str) -> TrackRecord | None:
        """Of calls on behalf of this evaluator, all whom it asks taken together; None when there were none."""
        async with raw_connection(self._engine) as connection:
            found = (await connection.fetch(JUDGED, project_id, evaluator, version))[0]
        if not found["calls"]:
            return None
        mean = {
            name: None if found[name] is None else found[name] / found["calls"]
            for name in ("input_tokens", "output_tokens")
        }
        return TrackRecord.model_validate({"runs": found["runs"], "answers": int(found["calls"]), **mean})


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
