"""Tasks of reasoning-gym as datasets, whose verifiers judge the stored entry as they judge their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.gym import generator, task_names
from adapters.datasets.gym_process import ORDER_DEPENDENT, entries_in_order
from adapters.datasets.reasoning_gym import ReasoningGymSettings
from core.benchmarks import Evaluation
from core.cases import Reply
from core.errors import InvalidPlugin
from core.plugins import PluginSpec, find, settings_of
from core.verdicts import Scored
from tests.adapters.datasets.preparing import case_sets, cases_of

GRIDS = {"arc_agi", "rearc"}
"""Their verifiers compare tuples; the evaluator makes them of the stored lists again."""


@pytest.fixture
def sets(tmp_path: Path) -> StoredCaseSets:
    return case_sets(tmp_path)


def gym(**settings: Any) -> dict[str, Any]:
    return {"source": {"kind": "reasoning_gym", **settings}}


async def test_a_task_becomes_cases_of_its_category(sets: StoredCaseSets) -> None:
    cases = await cases_of(sets, gym(tasks={"chain_sum": {"size": 3, "max_terms": 2}, "leg_counting": 2}, seed=7))
    assert [case.id for case in cases] == [
        "chain_sum-0", "chain_sum-1", "chain_sum-2", "leg_counting-0", "leg_counting-1",
    ]  # fmt: skip
    assert {case.category for case in cases} == {"arithmetic"}
    first = cases[0]
    entry = cast("dict[str, Any]", first.metadata["entry"])
    assert (entry["question"], entry["answer"]) == (first.input, first.expected)
    assert entry["metadata"]["source_dataset"] == "chain_sum"
    assert first.metadata["config"] == {"max_terms": 2}
    assert "config" not in cases[-1].metadata


async def test_tasks_are_written_as_names_objects_or_both(sets: StoredCaseSets) -> None:
    forms: list[Any] = [
        "chain_sum",
        ["chain_sum"],
        {"chain_sum": None},
        [{"task": "chain_sum", "size": 4}],
        [{"task": "chain_sum", "config": {}}],
    ]
    digests = {(await cases_of(sets, gym(tasks=form, size=4)))[3].model_dump_json() for form in forms}
    assert len(digests) == 1


async def test_one_task_twice_needs_two_names(sets: StoredCaseSets) -> None:
    easy = {"task": "chain_sum", "name": "easy", "category": "easy", "size": 1, "max_digits": 1}
    hard = {"task": "chain_sum", "name": "hard", "category": "hard", "size": 1, "min_digits": 4}
    cases = await cases_of(sets, gym(tasks=[easy, hard]))
    assert [(case.id, case.category) for case in cases] == [("easy-0", "easy"), ("hard-0", "hard")]
    with pytest.raises(InvalidPlugin, match="two tasks are called 'chain_sum'; give each its own `name`"):
        await cases_of(sets, gym(tasks=["chain_sum", "chain_sum"]))


async def test_a_seed_makes_the_same_cases_and_another_seed_others(sets: StoredCaseSets) -> None:
    tasks = ["chain_sum", "letter_counting", "syllogism"]
    first, again, other = [await cases_of(sets, gym(tasks=tasks, size=5, seed=seed)) for seed in (1, 1, 2)]
    assert first == again
    assert [case.input for case in first] != [case.input for case in other]


PREPARE = """
import asyncio, sys
from pathlib import Path
from tests.adapters.datasets.preparing import case_sets, prepared
spec = {"source": {"kind": "reasoning_gym", "tasks": sys.argv[2:], "size": 3, "seed": 5}}
print(asyncio.run(prepared(case_sets(Path(sys.argv[1])), spec)).digest)
"""


def test_a_seed_makes_the_same_cases_in_every_process(tmp_path: Path) -> None:
    tasks = ["chain_sum", "word_ladder"]
    digests = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PREPARE, str(tmp_path), *tasks],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


async def test_a_task_made_in_another_process_leaves_none_behind(sets: StoredCaseSets) -> None:
    first = await cases_of(sets, gym(tasks=["word_ladder"], size=2, seed=5))
    assert [case.id for case in first] == ["word_ladder-0", "word_ladder-1"]
    rows = entries_in_order("word_ladder", seed=5, size=1000, config={})
    assert next(rows)["question"] == first[0].input
    rows.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (["chainsum"], "no task 'chainsum' in reasoning-gym; did you mean chain_sum"),
        (["zzzz"], "no task 'zzzz' in reasoning-gym; there are: .*word_sorting"),
        ([{"task": "chain_sum", "digits": 3}], "'chain_sum' has no setting 'digits'; its settings are: .*min_digits"),
        ([{"task": "chain_sum", "min_terms": 9, "max_terms": 2}], "'chain_sum' rejects its settings"),
        ([{"task": "chain_sum", "min_terms": "two"}], "'chain_sum' rejects its settings"),
        ([{"task": "chain_sum", "config": {"seed": 1}}], "has no setting 'seed'"),
        ([{"task": "chain_sum", "size": 0}], "at least 1"),
        ([], "at least one"),
        ({"chain_sum": "many"}, "whole number"),
    ],
)
def test_what_cannot_be_made_is_refused_when_it_is_submitted(tasks: Any, message: str) -> None:
    spec = PluginSpec.model_validate({"kind": "reasoning_gym", "tasks": tasks})
    with pytest.raises(InvalidPlugin, match=message):
        settings_of("datasets", spec, pointer="/dataset/source")


def test_every_task_of_the_package_is_offered() -> None:
    assert len(task_names()) > 100
    assert "composite" not in task_names()


SLOW = {"knight_swap", "boxnet"}
WRONG = ["", "0", "x", "42", "[1, 2]", "Yes", "A", '{"a": 1}']


@pytest.mark.parametrize("task", [name for name in task_names() if name not in SLOW | GRIDS | ORDER_DEPENDENT])
async def test_the_official_verifier_scores_the_stored_entry_as_its_own(task: str, sets: StoredCaseSets) -> None:
    made = cast("Any", generator(task, seed=11, size=1, config={}))
    cases = await cases_of(sets, gym(tasks=[task], size=1, seed=11))
    for index, case in enumerate(cases):
        own, stored = made[index], case.metadata["entry"]
        assert stored == json.loads(json.dumps(stored))
        for answer in [own["answer"], *WRONG]:
            assert score(made, answer, stored) == score(made, answer, own), answer


def score(made: Any, answer: str | None, entry: Any) -> object:
    try:
        return made.score_answer(answer, entry)
    except Exception as error:  # noqa: BLE001 - some verifiers fail on what they cannot read; then they must fail alike
        return type(error).__name__


# A dependency of arc_agi leaves its data file open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("task", ["chain_sum", "arc_agi", "rearc", "word_ladder", "decimal_arithmetic", "n_queens"])
async def test_the_evaluator_accepts_the_tasks_own_answer(task: str, sets: StoredCaseSets) -> None:
    plugin = find("evaluators", "reasoning_gym")
    evaluator = plugin.build(settings_of("evaluators", Evaluation(kind="reasoning_gym")))
    for case in await cases_of(sets, gym(tasks=[task], size=2, seed=5)):
        verdict = await evaluator.evaluate(case, Reply(text=str(case.expected)))
        assert isinstance(verdict, Scored)
        assert verdict.value == 1
        wrong = await evaluator.evaluate(case, Reply(text="surely nothing"))
        assert isinstance(wrong, Scored)
        assert wrong.value == 0


def test_settings_can_be_built_in_python() -> None:
    settings = ReasoningGymSettings.model_validate({"tasks": {"chain_sum": {"size": 3}}})
    assert settings.tasks[0].size == 3
