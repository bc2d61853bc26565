"""Runs in the record as if they had been asked and judged: written at once, for tests of what is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.runs import RunRepository
from core.benchmarks import BenchmarkDefinition
from core.ids import DEFAULT_PROJECT, new_id
from evaluators.summary import summarize
from evaluators.validity import judge_validity

Scores = Sequence[float | None]
"""By trial, then case; None: the question failed."""
RESULTS = """
insert into results (run_no, agent_no, trial, case_index, case_id, category, cluster, status, cause, latency_s,
  queue_s, cost_usd, calls, round)
select $1::bigint, $2::int, (n - 1) / $4::int, (n - 1) % $4::int, 'case-' || ((n - 1) % $4::int),
  ($5::text[])[1 + ((n - 1) % $4::int) % greatest(cardinality($5::text[]), 1)],
  ($6::text[])[1 + (n - 1) % $4::int],
  case when value is null then 'failed' else 'answered' end, case when value is null then 'timeout' end,
  case when value is null then null else 0.5 end, 0, case when value is null then null else 0.001 end, 1, 1
from unnest($3::float8[]) with ordinality as given(value, n)
"""
SCORES = """
insert into scores (run_no, agent_no, evaluator, version, trial, case_index, value)
select $1::bigint, $2::int, $5::text, $6::text, (n - 1) / $4::int, (n - 1) % $4::int, value
from unnest($3::float8[]) with ordinality as given(value, n) where value is not null
"""
COUNTS = """
update run_agents set answered = $3, failed = $4, evaluated = $3, status = 'completed'
where run_no = $1 and agent_no = $2
"""


@dataclass(frozen=True)
class Recorded:
    """What was run. `agents` gives each agent's scores; cases are named `case-0`, `case-1`, ..."""

    agents: Mapping[str, Scores]
    trials: int = 1
    name: str = "sums"
    case_set: str = "digest"
    version: str = "1"
    categories: Sequence[str] = ()
    """Given to the cases in turn."""
    clusters: Sequence[str] = ()
    """One for each case; the cases behind them stand alone."""
    schedule_id: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Laid over the definition."""


async def record(engine: AsyncEngine, what: Recorded) -> str:
    """Writes the run, completed and with its figures; returns its id."""
    runs, run_id = RunRepository(engine), new_id("run")
    config: dict[str, Any] = {
        "name": what.name,
        "dataset": {"source": {"kind": "inline", "rows": []}},
        "agents": [{"name": name, "agent": {"kind": "simulated"}} for name in what.agents],
        "evaluators": [{"kind": "exact"}],
        "trials": what.trials,
    }
    definition = BenchmarkDefinition.model_validate(config | dict(what.changes))
    await runs.create(run_id, definition, project_id=DEFAULT_PROJECT, schedule_id=what.schedule_id)
    count = len(next(iter(what.agents.values()))) // what.trials
    await runs.begin(run_id, case_set=what.case_set, case_count=count)
    evaluator = (definition.evaluators[0].label, what.version)
    number = await runs.number(run_id)
    for agent_no, scores in enumerate(what.agents.values()):
        place = (number, agent_no, list(scores), count)
        answered = sum(score is not None for score in scores)
        async with raw_connection(engine) as connection:
            await connection.execute(RESULTS, *place, list(what.categories), list(what.clusters))
            await connection.execute(SCORES, *place, *evaluator)
            await connection.execute(COUNTS, number, agent_no, answered, len(scores) - answered)
        columns = await runs.columns(run_id, agent_no, [evaluator])
        metrics = summarize(columns, failed_counts_as=definition.failed_counts_as)
        coverage = (answered + metrics.counted_wrong) / len(scores)
        validity = judge_validity([coverage])
        await runs.keep_metrics(run_id, agent_no, metrics, evaluated=answered, validity=validity, coverage=coverage)
    await runs.note(run_id, "completed")
    return run_id
