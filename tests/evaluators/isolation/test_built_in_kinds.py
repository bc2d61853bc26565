"""Every rule evaluator of ours judges in a side process what it judges here: with its libraries, under its limits."""

from typing import Any

import yaml

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.verdicts import Scored, Unscored
from evaluators.isolation.pool import SideProcesses
from evaluators.registry import InstalledEvaluators
from tests.evaluators.test_golden import CASE_FIELDS, GOLDEN

ELSEWHERE = {"code", "python"}
"""These run programs, and only where that is allowed: in tests/evaluators/code and tests/evaluators/graders."""


def first_groups() -> dict[str, dict[str, Any]]:
    """By kind: the first group of its golden cases, each case with what the group shares."""
    groups = {file.stem: yaml.safe_load(file.read_text())[0] for file in sorted(GOLDEN.glob("*.yaml"))}
    return {kind: group for kind, group in groups.items() if kind not in ELSEWHERE}


def answers(group: dict[str, Any]) -> list[tuple[Case, Reply]]:
    found: list[tuple[Case, Reply]] = []
    for number, golden in enumerate(group["cases"]):
        fields = {field: value for field, value in (group | golden).items() if field in CASE_FIELDS}
        reply = golden["reply"]
        case = Case.model_validate({"id": str(number), "input": "?", **fields})
        found.append((case, Reply.model_validate({"text": reply} if isinstance(reply, str) else reply)))
    return [answer for answer, golden in zip(found, group["cases"], strict=True) if "unscored" not in golden]


async def test_every_kind_judges_in_a_side_process_as_it_does_here() -> None:
    async with SideProcesses(most=1) as pool:
        for kind, group in first_groups().items():
            evaluation = Evaluation.model_validate({"kind": kind, **group.get("settings", {})})
            here = InstalledEvaluators().open_one(evaluation)
            given = answers(group)
            found: list[Scored | Unscored] = [each async for part in pool.judge(evaluation, given) for each in part]
            assert found == [await here.evaluate(*answer) for answer in given], kind
