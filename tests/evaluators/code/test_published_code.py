"""Recorded and canonical solutions of HumanEval and MBPP get the figures that were published for them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.definitions.ready_made import ready_made_definition
from core.benchmarks import Evaluation
from core.cases import Case
from core.verdicts import Scored, Unscored
from tests.evaluators.code.sandboxing import skip_without_sandbox, verdicts

SAMPLED = 5
"""Every fifth task: all of them take minutes, and pass likewise."""
PECULIAR = ("MBPP/56", "MBPP/123", "MBPP/349", "MBPP/436")
"""Tasks whose functions are called as their tests, one that takes ten seconds, and the contradictory one."""
CONTRADICTORY = "MBPP/436"
"""Its own solution gives one number where its tests want two."""


@pytest.fixture(autouse=True)
def sandbox() -> None:
    skip_without_sandbox()


def rows(file: Path) -> list[dict[str, Any]]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt") as lines:
        return [json.loads(line) for line in lines]


def official(shared_folder: Path, file: str) -> dict[str, float]:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    return next(entry["official"] for entry in manifest if entry["file"] == file)


def case_of(problem: dict[str, Any]) -> Case:
    metadata = {name: problem[name] for name in ("entry_point", "test")}
    return Case(id=problem["task_id"], input=problem["prompt"], metadata=metadata)


def ready_made(name: str) -> Evaluation:
    return ready_made_definition(name, "/data").evaluators[0]


def value(verdict: Scored | Unscored) -> float:
    assert isinstance(verdict, Scored), verdict
    return verdict.value


async def test_recorded_solutions_of_humaneval_are_solved_as_published(shared_folder: Path) -> None:
    file = "humaneval/ldb_seed_gpt-3.5-turbo-0613.jsonl"
    problems = {row["task_id"]: row for row in rows(shared_folder / "datasets" / "humaneval" / "HumanEval.jsonl.gz")}
    recorded = rows(shared_folder / "oracles" / file)
    answers = [(case_of(problems[row["task_id"]]), row["solution"]) for row in recorded]
    found = [value(verdict) for verdict in await verdicts(ready_made("humaneval"), answers)]
    assert [one == 1 for one in found] == [row["is_solved"] for row in recorded]
    assert {"solved": sum(found), "n": len(found)} == official(shared_folder, file)


async def test_the_hostile_samples_of_humaneval_are_contained(shared_folder: Path) -> None:
    file = "humaneval/example_samples.jsonl"
    problem = case_of(rows(shared_folder / "oracles" / "humaneval" / "example_problem.jsonl")[0])
    samples = [(problem, row["completion"]) for row in rows(shared_folder / "oracles" / file)]
    found = [value(verdict) for verdict in await verdicts(ready_made("humaneval"), samples)]
    assert found == [0, 0, 0, 1, 1, 1]
    assert sum(found) / len(found) == pytest.approx(official(shared_folder, file)["pass@1"])


async def test_canonical_solutions_of_humaneval_pass_as_a_continuation_and_whole(shared_folder: Path) -> None:
    problems = rows(shared_folder / "datasets" / "humaneval" / "HumanEval.jsonl.gz")[::SAMPLED]
    cases = [case_of(problem) for problem in problems]
    continued = [problem["canonical_solution"] + "\n\nprint(undefined)" for problem in problems]
    whole = [f"Sure!\n```python\n{each['prompt']}{each['canonical_solution']}\n```\nThat is it." for each in problems]
    for replies in (continued, whole):
        found = await verdicts(ready_made("humaneval"), list(zip(cases, replies, strict=True)))
        assert [case.id for case, verdict in zip(cases, found, strict=True) if value(verdict) != 1] == []


async def test_canonical_solutions_of_mbpp_pass_but_the_one_its_tests_contradict(shared_folder: Path) -> None:
    every = rows(shared_folder / "datasets" / "mbpp" / "tests.jsonl")
    problems = [row for at, row in enumerate(every) if at % SAMPLED == 0 or row["task_id"] in PECULIAR]
    answers = [(case_of(problem), problem["canonical_solution"]) for problem in problems]
    found = await verdicts(ready_made("mbpp"), answers)
    wrong = [case.id for (case, _), verdict in zip(answers, found, strict=True) if value(verdict) != 1]
    assert wrong == [CONTRADICTORY]
