"""Every evaluator against its golden cases: `tests/golden/evaluators/<kind>.yaml` holds replies and their verdicts.

A file is a list of groups; a group is judged with the same settings:

    - about: only a final period is taken off        # a sentence that names the group
      settings: {trim: period}                       # of the evaluator, as in a benchmark file; default none
      metadata: {answers: [Paris]}                   # optional: any field of a case, for all cases of the group
      cases:
        - {expected: Paris, reply: Paris., value: 1, answer: Paris.}
        - {expected: Paris, reply: {text: Paris, latency_s: 2.5, usage: {output_tokens: 3}}, value: 1}
        - {reply: Paris, unscored: has no expected answer}

A case has fields of `core.cases.Case` (`input`, `expected`, `choices`, `category`, `metadata`), a `reply`, which is a
text or the fields of `core.cases.Reply`, and what is wanted: `value` (to 1e-9), and where they matter `answer`,
`reason` (exact texts, null for none) and `details` (those keys that are named); or `unscored`, a regular expression
found in the reason why there is no score.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.cases import Case
from core.errors import CannotJudge
from core.verdicts import Scored, Unscored
from tests.evaluators.judging import judged

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "evaluators"
CASE_FIELDS = frozenset(Case.model_fields) - {"id"}
WANTED = frozenset({"value", "answer", "reason", "details", "unscored"})
EXEMPT: dict[str, str] = {
    "judge": "agents give its verdicts; tests/evaluators/judge scripts them",
    "label_model": "an agent gives its labels; tests/evaluators/graders scripts one",
    "score_model": "an agent gives its scores; tests/evaluators/graders scripts one",
    "similarity": "a server gives its vectors; tests/evaluators/test_similarity.py runs one",
}
"""Kinds without golden cases, and why: only one whose verdict comes from outside may be here."""


def golden_cases() -> Iterator[Any]:
    for file in sorted(GOLDEN.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()):
            shared = {field: group[field] for field in CASE_FIELDS & group.keys()}
            for at, golden in enumerate(group["cases"]):
                name = f"{file.stem}-{group['about']}-{at}".replace(" ", "_")
                yield pytest.param(file.stem, group.get("settings", {}), shared | golden, id=name)


@pytest.mark.parametrize(("kind", "settings", "golden"), list(golden_cases()))
async def test_a_golden_reply_gets_its_verdict(kind: str, settings: dict[str, Any], golden: dict[str, Any]) -> None:
    assert golden.keys() - CASE_FIELDS - WANTED == {"reply"}
    case = {field: golden[field] for field in CASE_FIELDS & golden.keys()}
    try:
        verdict = await judged(kind, golden["reply"], settings, **case)
    except CannotJudge as error:
        verdict = Unscored(reason=str(error))
    if "unscored" in golden:
        assert isinstance(verdict, Unscored), verdict
        assert re.search(golden["unscored"], verdict.reason), verdict.reason
        return
    assert isinstance(verdict, Scored), verdict
    assert verdict.value == pytest.approx(golden["value"], abs=1e-9, rel=0), verdict
    shown = verdict.model_dump()
    assert {key: shown[key] for key in ("answer", "reason") if key in golden} == {
        key: golden[key] for key in ("answer", "reason") if key in golden
    }
    wanted = golden.get("details", {})
    assert {key: verdict.details.get(key) for key in wanted} == wanted


def test_every_built_in_evaluator_has_golden_cases() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = set(project["entry-points"]["benchmark.evaluators"])
    assert {file.stem for file in GOLDEN.glob("*.yaml")} == ours - EXEMPT.keys()
