"""What came of eval runs: how many rows passed, by which grader, at what use of which models."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.openai_evals import CriterionCounts, EvalFigures, ItemState, ModelUsage, Order

VERDICT: Final = """
    count(*) as verdicts, bool_or(value is null) as lacking,
    bool_and(coalesce((details ->> 'passed')::boolean, value >= 1)) as passed
"""
STATE: Final = """
    case when r.status = 'failed' or j.lacking then 'error'
         when coalesce(j.verdicts, 0) < coalesce(g.number, 1) then null
         when j.passed then 'pass' else 'fail' end as state
"""
"""Of rows that are not through it is null."""
STATES: Final = f"""
    with known as (
        select * from unnest(cast(:places as bigint[]), cast(:labels as text[]), cast(:versions as text[]))
            as known (run_no, evaluator, version)
    ), judged as (
        select run_no, trial, case_index, {VERDICT}
        from scores
        where run_no = any(:numbers) and agent_no = 0 and (run_no, evaluator, version) in (select * from known)
        group by run_no, trial, case_index
    ), graders as (
        select run_no, count(*) as number from known group by run_no
    ), states as (
        select run_no, {STATE}
        from results r left join judged j using (run_no, trial, case_index) left join graders g using (run_no)
        where run_no = any(:numbers) and r.agent_no = 0
    )
"""
PLACES: Final = f"""
    select r.case_index, state
    from results r cross join (select greatest(cardinality(cast(:labels as text[])), 1) as number) g
    cross join lateral (
        select {VERDICT} from scores s
        where s.run_no = r.run_no and s.agent_no = r.agent_no and s.trial = r.trial and s.case_index = r.case_index
          and (s.evaluator, s.version) in (select * from unnest(cast(:labels as text[]), cast(:versions as text[])))
    ) j cross join lateral (select {STATE}) told
"""
"""Row by row, so that a page costs what is on it, however long the run is."""
COUNTED: Final = text(
    STATES + "select run_no, state, count(*) from states where state is not null group by run_no, state"
)
CRITERIA: Final = text("""
    select run_no, evaluator, count(*) filter (where (details ->> 'passed')::boolean),
           count(*) filter (where not (details ->> 'passed')::boolean)
    from scores
    where run_no = any(:numbers) and agent_no = 0 and value is not null and (run_no, evaluator, version) in (
        select * from unnest(cast(:places as bigint[]), cast(:labels as text[]), cast(:versions as text[])))
    group by run_no, evaluator
""")
USAGE: Final = text("""
    with asked as (
        select * from unnest(cast(:numbers as bigint[]), cast(:models as text[])) as asked (run_no, named)
    ), used as (
        select run_no, coalesce(model, named) as model, 1 as calls, input_tokens as input, output_tokens as output,
               cached_input_tokens as cached
        from results join asked using (run_no)
        where run_no = any(:numbers) and agent_no = 0 and status = 'answered' and named <> ''
        union all
        select run_no, details ->> 'model', coalesce((spent ->> 'calls')::int, 0), (spent ->> 'input_tokens')::bigint,
               (spent ->> 'output_tokens')::bigint, 0
        from scores where run_no = any(:numbers) and agent_no = 0 and details ->> 'model' is not null
    )
    select run_no, model, sum(calls)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(output), 0)::bigint,
           coalesce(sum(cached), 0)::bigint
    from used group by run_no, model order by run_no, model
""")
NUMBERS: Final = text("select run_id, run_no from runs where run_id = any(:run_ids)")


class EvalRunJudged(NamedTuple):
    run_id: str
    versions: Mapping[str, str]
    """By the label of each evaluator."""
    model: str
    """What is told where the provider does not tell which model it was; empty where none was asked."""


class OpenAIResults:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def figures(self, runs: Sequence[EvalRunJudged]) -> dict[str, EvalFigures]:
        """By the run's id: of all of them in as many queries as of one."""
        async with self._engine.connect() as connection:
            there = await connection.execute(NUMBERS, {"run_ids": [run.run_id for run in runs]})
            numbers = {run_id: number for run_id, number in there}
            told = _known([(numbers[run.run_id], run.versions) for run in runs])
            told["models"] = [run.model for run in runs]
            states = await _by_run(connection, COUNTED, told)
            criteria = await _by_run(connection, CRITERIA, told)
            usage = await _by_run(connection, USAGE, told)
        return {
            run_id: EvalFigures(
                states=dict(states.get(number, ())),
                criteria={
                    label: CriterionCounts(passed=passed, failed=failed)
                    for label, passed, failed in criteria.get(number, ())
                },
                usage=tuple(_usage(*row) for row in usage.get(number, ())),
            )
            for run_id, number in numbers.items()
        }

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
        conditions = ["r.run_no = :run_no and r.agent_no = 0 and r.trial = 0 and state is not null"]
        labels, told = list(versions), list(versions.values())
        values: dict[str, Any] = {"run_no": run_no, "labels": labels, "versions": told, "limit": limit + 1}
        for condition, name, value in (
            ("state = :state", "state", state),
            ("r.case_index = :only", "only", only),
            (f"r.case_index {'<' if order == 'desc' else '>'} :after", "after", after),
        ):
            if value is not None:
                conditions.append(condition)
                values[name] = value
        query = f"{PLACES} where {' and '.join(conditions)} "
        query += f"order by r.case_index {'desc' if order == 'desc' else 'asc'} limit :limit"
        async with self._engine.connect() as connection:
            return [(index, found) for index, found in await connection.execute(text(query), values)]


def _known(runs: Sequence[tuple[int, Mapping[str, str]]]) -> dict[str, Any]:
    """The numbers of the runs, and which verdicts of which of them count."""
    counted = [(number, label, version) for number, versions in runs for label, version in versions.items()]
    return {
        "numbers": [number for number, _ in runs],
        "places": [number for number, _, _ in counted],
        "labels": [label for _, label, _ in counted],
        "versions": [version for _, _, version in counted],
    }


async def _by_run(connection: AsyncConnection, query: Any, values: dict[str, Any]) -> dict[int, list[Any]]:
    """The rows without their first column, the run's number, by that."""
    found: dict[int, list[Any]] = {}
    wanted = {name: value for name, value in values.items() if f":{name}" in query.text}
    for run_no, *row in await connection.execute(query, wanted):
        found.setdefault(run_no, []).append(tuple(row))
    return found


def _usage(model: str, calls: int, put: int, got: int, cached: int) -> ModelUsage:
    return ModelUsage(model=model, invocations=calls, input_tokens=put, output_tokens=got, cached_tokens=cached)
