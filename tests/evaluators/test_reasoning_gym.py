"""The tasks' own verifiers judge as they do in the library, out of reach of what they judge."""

import asyncio
import json
import warnings
from pathlib import Path
from typing import Any, cast

import pytest

from core.satisfiability import stand_in
from core.verdicts import Scored, Unscored
from tests.evaluators.judging import judged

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    stand_in()
    import reasoning_gym  # pyright: ignore[reportMissingTypeStubs]
    from reasoning_gym import factory  # pyright: ignore[reportMissingTypeStubs]

TASKS: list[str] = sorted(cast("Any", factory).DATASETS)
MADE_BY_PARTS = {"composite"}
TAKES_ANY_TEXT = {"game_of_life_halting"}
"""Its verifier reads any text as `True`, and says so."""


def entry_of(task: str, seed: int = 1) -> dict[str, Any]:
    """The first entry of a task as it comes back from storage."""
    create = cast("Any", reasoning_gym).create_dataset
    return json.loads(json.dumps(create(task, seed=seed, size=1)[0], default=str))


async def verdict_of(task: str, answer: str, **settings: Any) -> Scored | Unscored:
    return await judged("reasoning_gym", answer, settings, metadata={"entry": entry_of(task)})


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("task", [task for task in TASKS if task not in MADE_BY_PARTS])
async def test_the_right_answer_of_every_task_is_right_and_a_shrug_is_not(task: str) -> None:
    entry = entry_of(task)
    if entry["answer"] is not None:
        right = await judged("reasoning_gym", f"<answer>{entry['answer']}</answer>", metadata={"entry": entry})
        assert isinstance(right, Scored)
        assert right.value == 1, right
    wrong = await judged("reasoning_gym", "I do not know (sorry)", metadata={"entry": entry})
    assert isinstance(wrong, Scored)
    assert wrong.value == float(task in TAKES_ANY_TEXT)


@pytest.mark.parametrize("task", ["countdown", "puzzle24", "polynomial_multiplication", "spiral_matrix", "n_queens"])
async def test_an_answer_that_is_code_is_not_run(task: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for code in (
        f"open({str(trace)!r}, 'w')",
        f"[open({str(trace)!r}, 'w')]",
        f"__import__('os').mkdir({str(trace)!r})",
    ):
        verdict = await verdict_of(task, code)
        assert isinstance(verdict, Scored)
        assert verdict.value == 0
    assert not trace.exists()


async def test_an_uploaded_entry_that_is_code_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = f"open({str(trace)!r}, 'w')"
    for task, field in (("bitwise_arithmetic", "problem"), ("simple_integration", "integrand")):
        entry = entry_of(task)
        entry["metadata"][field] = code
        verdict = await judged("reasoning_gym", "0x1", metadata={"entry": entry})
        assert isinstance(verdict, Unscored)
    assert not trace.exists()


@pytest.mark.parametrize(("task", "answer"), [("countdown", "9**9**9**9"), ("coin_flip", "1e999999999")])
async def test_an_answer_that_would_never_end_is_wrong_at_once(task: str, answer: str) -> None:
    verdict = await asyncio.wait_for(verdict_of(task, answer), timeout=60)
    assert isinstance(verdict, Scored)
    assert verdict.value == 0


async def test_settings_of_the_task_reach_its_verifier() -> None:
    entry = {"question": "", "answer": "?", "metadata": {"source_dataset": "puzzle24"}}
    configs: list[tuple[dict[str, int], int]] = [({}, 1), ({"min_value": 1, "max_value": 5}, 0)]
    for config, value in configs:
        verdict = await judged("reasoning_gym", "10 + 10 + 2 + 2", metadata={"entry": entry, "config": config})
        assert isinstance(verdict, Scored)
        assert verdict.value == value


async def test_settings_the_task_does_not_know_are_unscored_with_the_reason() -> None:
    case = {"metadata": {"entry": entry_of("puzzle24"), "config": {"min_value": -1}}}
    verdict = await judged("reasoning_gym", "1", **case)
    assert isinstance(verdict, Unscored)
    assert "Minimum value must be at least 1" in verdict.reason


async def test_an_unknown_task_is_unscored_with_its_name() -> None:
    verdict = await judged("reasoning_gym", "1", metadata={"entry": {"metadata": {"source_dataset": "no_such_task"}}})
    assert isinstance(verdict, Unscored)
    assert "no_such_task" in verdict.reason
