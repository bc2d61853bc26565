"""docs/evaluators.md tells the truth: its settings are those of the code, its examples get the scores they show."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from core.errors import CannotJudge
from core.verdicts import Scored
from tests.evaluators.documentation import PAGE, SECTION, ours, rendered
from tests.evaluators.judging import judged

EXAMPLE = re.compile(r"^\| `(?P<evaluator>\{.*?\})` \| (?P<case>.*?) \| (?P<reply>.*?) \| (?P<score>[\w.]+) \|$")
WITHOUT_EXAMPLES = {"code", "judge", "similarity", "label_model", "python", "score_model"}
"""Somebody outside gives their verdicts; their pages say how to try them."""
REQUIRED = "Write the page anew: python -m tests.evaluators.documentation"


def examples() -> Iterator[Any]:
    for number, line in enumerate(PAGE.read_text().splitlines(), start=1):
        if match := EXAMPLE.match(line):
            yield pytest.param(*map(cell, match.groups()), id=f"line {number}")


def cell(written: str) -> str | dict[str, Any]:
    """The text in backticks; what begins like a mapping or a quoted text is YAML."""
    text = written.strip("`")
    return yaml.safe_load(text) if text[:1] in ("{", "'", '"') else text


@pytest.mark.parametrize(("evaluator", "case", "reply", "score"), list(examples()))
async def test_an_example_gets_the_score_it_shows(
    evaluator: dict[str, Any], case: str | dict[str, Any], reply: str | dict[str, Any], score: str
) -> None:
    settings = {name: value for name, value in evaluator.items() if name != "kind"}
    fields: dict[str, Any] = ({"expected": case} if case else {}) if isinstance(case, str) else case
    try:
        verdict = await judged(evaluator["kind"], reply, settings, **fields)
    except CannotJudge:
        assert score == "unscored"
        return
    assert isinstance(verdict, Scored), verdict
    assert f"{verdict.value:.3g}" == score


def test_every_evaluator_has_a_section_with_an_example() -> None:
    kinds = [match["kind"] for match in SECTION.finditer(PAGE.read_text())]
    assert sorted(kinds) == sorted(ours()), REQUIRED
    shown = {param.values[0]["kind"] for param in examples()}
    assert set(kinds) - shown == WITHOUT_EXAMPLES


def test_the_settings_are_those_of_the_code() -> None:
    page = PAGE.read_text()
    assert page == rendered(page), REQUIRED


def test_every_setting_of_an_evaluator_is_explained() -> None:
    mute = [
        f"{kind}: {name}"
        for kind, plugin in ours().items()
        for name, field in plugin.settings.model_fields.items()
        if not field.description
    ]
    assert mute == []
