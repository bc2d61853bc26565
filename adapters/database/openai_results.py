"""What came of an eval run: how many rows passed, by which grader, at what use of which models."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.openai_evals import CriterionCounts, EvalFigures, ItemState, ModelUsage, Order

STATES: Final = """
    with judged as (
        select trial, case_index, count(*) as verdicts, bool_or(value is null) as lacking,
               bool_and(coalesce((details ->> 'passed')::boolean, value >= 1)) as passed
        from scores
        where run_no = :run_no and agent_no = 0
          and (evaluator, version) in (select * from unnest(cast(:labels as text[]), cast(:versions as text[])))
        group by trial, case_index
    ), states as (
        select r.trial, r.case_index, case
            when r.status = 'failed' or j.lacking then 'error'
            when j.verdicts < cardinality(cast(:labels as text[])) or j.verdicts is null then null
            when j.passed then 'pass' else 'fail' end as state
        from results r left join judged j using (trial, case_index)
        where r.run_no = :run_no and r.agent_no = 0
    )
"""
"""Of rows that are not through their state is null."""
COUNTED: Final = text(STATES + "select state, count(*) from states where state is not null group by state")
CRITERIA: Final = text("""
    select evaluator, count(*) filter (where (details ->> 'passed')::boolean),
           count(*) filter (where not (details ->> 'passed')::boolean)
    from scores
    where run_no = :run_no and agent_no = 0 and value is not null
      and (evaluator, version) in (select * from unnest(cast(:labels as text[]), cast(:versions as text[])))
    group by evaluator
""")
USAGE: Final = text("""
    select model, sum(calls)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(output), 0)::bigint,
           coalesce(sum(cached), 0)::bigint
    from (
        select coalesce(model, :model) as model, 1 as calls, input_tokens as input, output_tokens as output,
               cached_input_tokens as cached
        from results where run_no = :run_no and agent_no = 0 and status = 'answered' and :asked
        union all
        select details ->> 'model', coalesce((spent ->> 'calls')::int, 0), (spent ->> 'input_tokens')::bigint,
               (spent ->> 'output_tokens')::bigint, 0
        from scores where run_no = :run_no and agent_no = 0 and details ->> 'model' is not null
    ) as used
    group by model order by model
""")


class OpenAIResults:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def figures(self, run_no: int, versions: Mapping[str, str], *, model: str, asked: bool) -> EvalFigures:
        """`versions` by the label of each evaluator; `asked` says whether a model was, whose name is `model` where its
        provider does not tell it."""
        known = _known(run_no, versions)
        async with self._engine.connect() as connection:
            states = {state: number for state, number in await connection.execute(COUNTED, known)}
            criteria = {
                label: CriterionCounts(passed=passed, failed=failed)
                for label, passed, failed in await connection.execute(CRITERIA, known)
            }
            used = await connection.execute(USAGE, {"run_no": run_no, "model": model, "asked": asked})
            usage = tuple(
                ModelUsage(model=name, invocations=calls, input_tokens=put, output_tokens=got, cached_tokens=cached)
                for name, calls, put, got, cached in used
            )
        return EvalFigures.model_validate({"states": states, "criteria": criteria, "usage": usage})

    async def places(
        self,
        run_no: int,
        versions: Mapping[str, str],
        *,
        limit: int,
        after: int | None,
        order: Order,
        state: ItemState | None,
        only: int | None = None,
    ) -> list[tuple[int, ItemState]]:
        """Cases that are through, and their states, in the order of cases; one more than the limit, if there are more.
        `only` is one case."""
        conditions = ["state is not null"]
        values: dict[str, Any] = {**_known(run_no, versions), "limit": limit + 1}
        for condition, name, value in (
            ("state = :state", "state", state),
            ("case_index = :only", "only", only),
            (f"case_index {'<' if order == 'desc' else '>'} :after", "after", after),
        ):
            if value is not None:
                conditions.append(condition)
                values[name] = value
        query = f"{STATES} select case_index, state from states where {' and '.join(conditions)} "
        query += f"order by case_index {'desc' if order == 'desc' else 'asc'} limit :limit"
        async with self._engine.connect() as connection:
            return [(index, found) for index, found in await connection.execute(text(query), values)]


def _known(run_no: int, versions: Mapping[str, str]) -> dict[str, Any]:
    return {"run_no": run_no, "labels": list(versions), "versions": list(versions.values())}
