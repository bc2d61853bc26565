"""Every evaluator against its golden cases: `golden/<kind>.yaml` holds replies and what must be said of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.errors import CannotJudge
from core.plugins import installed
from core.verdicts import Scored
from tests.evaluators.judging import judged

GOLDEN = Path(__file__).parent / "golden"
CASE_FIELDS = ("expected", "choices", "metadata")


def golden_cases() -> Iterator[Any]:
    for file in sorted(GOLDEN.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()):
            for at, golden in enumerate(group["cases"]):
                name = f"{file.stem}-{group['about']}-{at}".replace(" ", "_")
                yield pytest.param(file.stem, group.get("settings", {}), golden, id=name)


@pytest.mark.parametrize(("kind", "settings", "golden"), list(golden_cases()))
async def test_a_golden_reply_gets_its_verdict(kind: str, settings: dict[str, Any], golden: dict[str, Any]) -> None:
    case = {field: golden[field] for field in CASE_FIELDS if field in golden}
    if "cannot_judge" in golden:
        with pytest.raises(CannotJudge, match=golden["cannot_judge"]):
            await judged(kind, golden["reply"], settings, **case)
        return
    verdict = await judged(kind, golden["reply"], settings, **case)
    assert isinstance(verdict, Scored), verdict
    assert verdict.value == golden["value"], verdict
    if "answer" in golden:
        assert verdict.answer == golden["answer"]
    if "reason" in golden:
        assert verdict.reason == golden["reason"]


def test_every_built_in_evaluator_has_golden_cases() -> None:
    assert {file.stem for file in GOLDEN.glob("*.yaml")} == set(installed("evaluators"))
