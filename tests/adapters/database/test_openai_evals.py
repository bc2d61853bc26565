"""Runs of evals: recorded with their eval or not at all, and their figures read together."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import sessions
from adapters.database.openai_evals import OpenAIEvals
from adapters.database.openai_results import EvalRunJudged, OpenAIResults
from adapters.database.runs import RunRepository
from core.errors import NotFound
from core.ids import DEFAULT_PROJECT, new_id
from core.openai_evals import EvalFigures, EvalRunRecord
from core.runs import Run
from tests.adapters.database.test_acceptance import config, rows


async def an_eval(engine: AsyncEngine) -> str:
    content: dict[str, Any] = {"name": "é", "metadata": None, "data_source_config": {}, "testing_criteria": []}
    return (await OpenAIEvals(sessions(engine)).add(DEFAULT_PROJECT, new_id("eval"), content)).eval_id


def of(eval_id: str, **changes: str) -> EvalRunRecord:
    told = {"name": "first", "metadata": {"team": "ä"}, "model": "", "data_source": {"type": "jsonl"}}
    return EvalRunRecord.model_validate({"run_id": new_id("run"), "eval_id": eval_id, **told, **changes})


async def accepted(runs: RunRepository, record: EvalRunRecord) -> Run:
    return await runs.create(record.run_id, config(), project_id=DEFAULT_PROJECT, of_eval=record)


async def test_a_run_is_recorded_with_its_eval_or_not_at_all(engine: AsyncEngine) -> None:
    eval_id, runs = await an_eval(engine), RunRepository(engine)
    wanted, astray = [of(eval_id), of(eval_id)], of("eval_gone")
    plain = asyncio.create_task(runs.create(new_id("run"), config(), project_id=DEFAULT_PROJECT))
    *made, refused = await asyncio.gather(*(accepted(runs, each) for each in (*wanted, astray)), return_exceptions=True)
    assert isinstance(refused, NotFound)
    assert [run.run_id for run in made if isinstance(run, Run)] == [each.run_id for each in wanted]
    [again] = [await accepted(runs, wanted[0])]
    assert again.run_id == wanted[0].run_id
    evals = OpenAIEvals(sessions(engine))
    assert await evals.runs(DEFAULT_PROJECT, eval_id, limit=9, after=None, order="asc") == sorted(
        wanted, key=lambda each: each.run_id
    )
    [(number, transactions)] = await rows(
        engine, "select count(*), count(distinct r.xmin::text = e.xmin::text) from runs r join openai_eval_runs e "
        "using (run_id) where r.xmin::text = e.xmin::text"
    )  # fmt: skip
    assert (number, transactions) == (2, 1)
    assert await rows(engine, "select count(*) from runs") == [(3,)]
    await plain


@contextmanager
def statements(engine: AsyncEngine) -> Generator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("number", [1, 9])
async def test_the_figures_of_many_runs_take_as_many_queries_as_those_of_one(engine: AsyncEngine, number: int) -> None:
    eval_id, runs = await an_eval(engine), RunRepository(engine)
    made = [await accepted(runs, of(eval_id)) for _ in range(number)]
    with statements(engine) as asked:
        found = await runs.of([run.run_id for run in made])
        wanted = [EvalRunJudged(run_id, {"exact": "1"}, "small") for run_id in found]
        figures = await OpenAIResults(engine).figures(wanted)
    assert found == {run.run_id: run for run in made}
    assert figures == {run.run_id: EvalFigures() for run in made}
    assert len(asked) == 6
