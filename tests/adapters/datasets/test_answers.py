"""The source `answers`: what agents answered in earlier runs, side by side."""

from pathlib import Path
from typing import Any

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from core.errors import InvalidDataset, InvalidPlugin, NotFound
from tests.adapters.datasets.preparing import Answers, case_sets, cases_of, inline, prepared

ROWS: list[dict[str, Any]] = [
    {"id": "a", "input": "A?", "expected": "1", "category": "letters", "passage": "p1", "source": "book"},
    {"id": "b", "input": "B?", "expected": "2", "passage": "p1", "source": "web"},
    {"id": "c", "input": "C?", "expected": "3"},
]


def source(*names: str, trials: int = 1, **spec: Any) -> dict[str, Any]:
    contestants = [{"name": name, "run_id": f"run_{name}", "agent_id": name} for name in names]
    return {"source": {"kind": "answers", "contestants": contestants, "trials": trials}, **spec}


class Past:
    """Runs that were asked these rows, and what they answered."""

    def __init__(self, folder: Path) -> None:
        self.answers = Answers()
        self.sets: StoredCaseSets = case_sets(folder, answers=self.answers)

    async def run(self, name: str, rows: list[dict[str, Any]], texts: dict[tuple[int, int], str], **spec: Any) -> None:
        asked = await prepared(self.sets, inline(rows, **spec))
        self.answers.given[f"run_{name}", name] = (asked.digest, texts)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


async def test_a_case_comes_with_every_answer_to_it(past: Past) -> None:
    await past.run("x", ROWS, {(0, index): f"x{index}" for index in range(3)})
    await past.run("y", ROWS, {(0, index): f"y{index}" for index in range(3)})
    found = await cases_of(past.sets, source("x", "y"))
    assert [(case.id, case.input, case.expected, case.category) for case in found] == [
        ("a", "A?", "1", "letters"),
        ("b", "B?", "2", None),
        ("c", "C?", "3", None),
    ]
    assert found[1].metadata == {"answers": {"x": ["x1"], "y": ["y1"]}}


async def test_trials_stand_side_by_side_and_what_is_missing_is_null(past: Past) -> None:
    await past.run("x", ROWS, {(0, 0): "x0", (1, 0): "", (0, 1): "only x"})
    await past.run("y", ROWS, {(1, 0): "y1", (2, 0): "too many", (1, 1): "only y"})
    [case] = await cases_of(past.sets, source("x", "y", trials=2))
    assert (case.id, case.metadata["answers"]) == ("a", {"x": ["x0", ""], "y": [None, "y1"]})


async def test_runs_that_asked_other_cases_meet_where_they_asked_the_same(past: Past) -> None:
    """In another order, with another case under the same id, and with cases of their own."""
    await past.run("x", ROWS, {(0, index): f"x{index}" for index in range(3)})
    changed = [ROWS[2], ROWS[1] | {"input": "Another B?"}, ROWS[0], {"id": "d", "input": "D?"}]
    await past.run("y", changed, {(0, index): f"y{index}" for index in range(4)})
    await past.run("z", changed, {(0, index): f"z{index}" for index in range(4)})
    found = await cases_of(past.sets, source("x", "y"))
    assert {case.id: case.metadata["answers"] for case in found} == {
        "a": {"x": ["x0"], "y": ["y2"]},
        "c": {"x": ["x2"], "y": ["y0"]},
    }
    found = await cases_of(past.sets, source("x", "y", "z"))
    assert {case.id: case.metadata["answers"] for case in found} == {
        "a": {"x": ["x0"], "y": ["y2"], "z": ["z2"]},
        "c": {"x": ["x2"], "y": ["y0"], "z": ["z0"]},
        "b": {"x": [], "y": ["y1"], "z": ["z1"]},
        "d": {"x": [], "y": ["y3"], "z": ["z3"]},
    }


async def test_the_cluster_and_metadata_of_a_case_can_be_kept(past: Past) -> None:
    rows = [row for row in ROWS if "passage" in row]
    fields = {"cluster": "passage", "metadata": ["source"]}
    for name in ("x", "y"):
        await past.run(name, rows, {(0, index): f"{name}{index}" for index in range(2)}, fields=fields)
    found = await cases_of(past.sets, source("x", "y", fields=fields | {"cluster": "cluster"}))
    assert [case.cluster for case in found] == ["p1", "p1"]
    assert [case.metadata["source"] for case in found] == ["book", "web"]


async def test_those_who_answered_nothing_in_common_cannot_be_compared(past: Past) -> None:
    await past.run("x", ROWS, {(0, 0): "x0"})
    await past.run("y", ROWS, {(0, 1): "y1"})
    with pytest.raises(InvalidDataset, match="No case has answers of two of x, y"):
        await prepared(past.sets, source("x", "y"))


async def test_a_run_that_is_not_there_is_told(past: Past) -> None:
    await past.run("x", ROWS, {(0, 0): "x0"})
    with pytest.raises(NotFound, match="run_nobody"):
        await prepared(past.sets, source("x", "nobody"))


async def test_contestants_need_names_of_their_own(past: Past) -> None:
    with pytest.raises(InvalidPlugin, match="two contestants are named 'x'"):
        await prepared(past.sets, source("x", "x"))


async def test_the_same_answers_make_the_same_cases(past: Past) -> None:
    for name in ("x", "y"):
        await past.run(name, ROWS, {(0, index): f"{name}{index}" for index in range(3)})
    first = await prepared(past.sets, source("x", "y"))
    assert (await prepared(past.sets, source("x", "y"))).digest == first.digest
    past.answers.given["run_y", "y"][1][0, 0] = "another answer"
    assert (await prepared(past.sets, source("x", "y"))).digest != first.digest
