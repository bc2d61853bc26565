"""The rules of the demo's local agent hold for the tasks they are written for."""

import json
from typing import Any

import pytest

from adapters.datasets.gym import entries, generator
from cli.demo_agent import UNKNOWN, solve
from core.cases import Case, Reply
from evaluators.reasoning_gym import ReasoningGym, ReasoningGymSettings


@pytest.mark.parametrize(
    ("task", "settings"),
    [
        ("chain_sum", {"min_terms": 2, "max_terms": 6}),
        ("gcd", {"max_numbers": 3}),
        ("letter_counting", {"min_words": 2, "max_words": 9}),
    ],
)
async def test_a_task_with_a_rule_is_solved_by_its_own_verifier(task: str, settings: dict[str, Any]) -> None:
    judge = ReasoningGym(ReasoningGymSettings())
    for entry in entries(generator(task, seed=11, size=20, config=settings)):
        kept = json.loads(json.dumps(entry))
        case = Case(id="1", input=kept["question"], metadata={"entry": kept, "config": settings})
        verdict = await judge.evaluate(case, Reply(text=solve(case.input)))
        assert verdict.status == "scored"
        assert (verdict.value, case.input) == (1.0, case.input)


def test_what_no_rule_knows_is_admitted() -> None:
    assert solve("Does it logically follow that some lawyers are parents?") == UNKNOWN
