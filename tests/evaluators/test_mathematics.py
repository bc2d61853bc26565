"""Mathematical equality as math-verify has it, inside a side process too."""

import json
from pathlib import Path
from typing import Any

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.verdicts import Scored, Unscored
from evaluators.isolation.pool import SideProcesses
from tests.evaluators.judging import judged

MATH = Evaluation.model_validate({"kind": "math"})


def recorded(shared_folder: Path) -> list[dict[str, Any]]:
    lines = (shared_folder / "oracles" / "math_verify" / "cases_even.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def official(shared_folder: Path) -> dict[str, int]:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    return next(entry["official"] for entry in manifest if entry["file"] == "math_verify/cases_even.jsonl")


async def isolated(pairs: list[tuple[str, str]], *, time_limit_s: float = 30) -> list[Scored | Unscored]:
    """Verdicts on (expected, reply) pairs, made where a run makes them."""
    answers = [(Case(id=str(at), input="", expected=pair[0]), Reply(text=pair[1])) for at, pair in enumerate(pairs)]
    async with SideProcesses(most=1, time_limit_s=time_limit_s) as pool:
        return [verdict async for found in pool.judge(MATH, answers) for verdict in found]


def value(verdict: Scored | Unscored) -> float:
    assert isinstance(verdict, Scored), verdict
    return verdict.value


async def test_recorded_cases_are_equal_where_math_verify_says_so(shared_folder: Path) -> None:
    cases = recorded(shared_folder)
    found = [value(verdict) for verdict in await isolated([(case["gold"], case["pred"]) for case in cases])]
    assert found == [float(case["math_verify_0_9_0_default"]) for case in cases]
    assert {"equal": sum(found), "n": len(found)} == official(shared_folder)


async def test_recorded_cases_with_options_are_judged_with_them(shared_folder: Path) -> None:
    for case in recorded(shared_folder):
        if case.get("options", {}).get("allow_set_relation_comp"):
            verdict = await judged("math", case["pred"], {"set_relation": True}, expected=case["gold"])
            assert value(verdict) == float(case["expected"])


async def test_every_answer_of_math_500_equals_itself_in_a_box(shared_folder: Path) -> None:
    lines = (shared_folder / "datasets" / "math500" / "test.jsonl").read_text().splitlines()
    answers = [json.loads(line)["answer"] for line in lines]
    found = await isolated([(answer, f"Therefore the answer is $\\boxed{{{answer}}}$.") for answer in answers])
    wrong = [answer for answer, verdict in zip(answers, found, strict=True) if value(verdict) != 1]
    assert wrong == []


async def test_an_answer_that_never_ends_or_never_fits_costs_itself() -> None:
    hostile = ["9^{9^{9^{9}}}", "$" + "(" * 3000, "\\int " * 200, "1" * 19_000, "\\frac{" * 400 + "1" + "}" * 400]
    found = await isolated([("1", "\\boxed{1}"), *(("1", text) for text in hostile), ("2", "$2$")], time_limit_s=2)
    assert value(found[0]) == value(found[-1]) == 1
    assert {verdict.value for verdict in found[1:-1] if isinstance(verdict, Scored)} <= {0.0}
