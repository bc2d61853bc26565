"""The ready-made `bfcl` over its real data: permitted calls are right, and anything else is wrong."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from adapters.agents.tools import Toolbox
from adapters.definitions.ready_made import ready_made_definition
from adapters.prompts.prompts import JinjaPrompts
from core.cases import Case, Reply, ToolCall
from core.plugins import find, settings_of
from core.ports import Evaluator
from core.verdicts import Scored
from evaluators.calls.python_calls import Call
from tests.adapters.datasets.preparing import case_sets
from tests.permitted_calls import permitted_calls

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def calls_of(case: Case) -> tuple[ToolCall, ...]:
    found = permitted_calls(json.loads(case.expected or "[]"))
    return tuple(ToolCall(name=name, arguments=arguments) for name, arguments in found)


async def asked(name: str, tmp_path: Path, shared_folder: Path) -> Sequence[Case]:
    data = shared_folder / "datasets"
    sets = case_sets(tmp_path, local_folders=(data,))
    case_set = await sets.prepare(ready_made_definition(name, str(data)).dataset, project_id="default", examples=0)
    return await sets.read(case_set, 0, case_set.case_count)


@pytest.fixture
async def cases(tmp_path: Path, shared_folder: Path) -> Sequence[Case]:
    return await asked("bfcl", tmp_path, shared_folder)


@cache
def evaluator(name: str, place: int) -> Evaluator:
    evaluation = ready_made_definition(name, "/data").evaluators[place]
    return find("evaluators", evaluation.kind).build(settings_of("evaluators", evaluation))


async def value(case: Case, reply: Reply, name: str = "bfcl", place: int = 1) -> float:
    """By the kind evaluator, which also reads what was written, if not by another one."""
    verdict = await evaluator(name, place).evaluate(case, reply)
    assert isinstance(verdict, Scored), verdict
    return verdict.value


def written(case: Case) -> str:
    return f"[{', '.join(str(Call(call.name, call.arguments)) for call in calls_of(case))}]"


async def test_permitted_calls_are_right_however_they_are_made(cases: Sequence[Case]) -> None:
    assert Counter(case.category for case in cases) == {
        "simple_python": 400,
        "multiple": 200,
        "parallel": 200,
        "irrelevance": 240,
    }
    for case in cases:
        calls = calls_of(case)
        objects = json.dumps([{"name": call.name, "arguments": call.arguments} for call in calls])
        assert await value(case, Reply(text="", tool_calls=calls)) == 1, case.id
        assert await value(case, Reply(text=written(case))) == 1, case.id
        assert await value(case, Reply(text=f"```json\n{objects}\n```")) == 1, case.id


async def test_only_calls_through_the_api_count_as_the_authors_count(cases: Sequence[Case]) -> None:
    for case in cases[::40]:
        none_is_right = case.category == "irrelevance"
        assert await value(case, Reply(text=written(case)), place=0) == none_is_right
        assert await value(case, Reply(text="", tool_calls=calls_of(case)), place=0) == 1


async def test_a_prompted_model_writes_its_calls(tmp_path: Path, shared_folder: Path) -> None:
    cases = await asked("bfcl-text", tmp_path, shared_folder)
    assert len(cases) == 1040
    for case in cases:
        assert case.tools == ()
        assert await value(case, Reply(text=written(case)), "bfcl-text", 0) == 1, case.id
        fenced = await value(case, Reply(text=f"```python\n{written(case)}\n```"), "bfcl-text", 0)
        assert fenced == (case.category == "irrelevance")
        assert await value(case, Reply(text=f"```python\n{written(case)}\n```"), "bfcl-text", 1) == 1


async def test_no_call_one_too_many_and_another_cases_call_are_wrong(cases: Sequence[Case]) -> None:
    for case, other in zip(cases, (*cases[1:], cases[0]), strict=True):
        calls = calls_of(case)
        none_is_right = case.category == "irrelevance"
        assert await value(case, Reply(text="I cannot know that.")) == none_is_right, case.id
        stray = ToolCall(name=case.tools[0].name, arguments={})
        assert await value(case, Reply(text="", tool_calls=(*calls, stray))) == 0, case.id
        if calls_of(other) != calls:
            assert await value(case, Reply(text="", tool_calls=calls_of(other))) == 0, case.id


async def test_every_case_offers_its_tools_under_names_and_types_that_providers_take(
    cases: Sequence[Case], tmp_path: Path, shared_folder: Path
) -> None:
    definition = ready_made_definition("bfcl", str(shared_folder / "datasets"))
    sets = case_sets(tmp_path, local_folders=(shared_folder / "datasets",))
    case_set = await sets.prepare(definition.dataset, project_id="default", examples=0)
    prompter = JinjaPrompts().open(definition.prompt, case_set)
    for case in cases:
        question = prompter.question(case, trial=0, reveal_expected=False)
        assert question.text == case.input
        assert question.tools == case.tools
        sent = json.dumps(Toolbox(question.tools).chat())
        assert not any(f'"type": "{alien}"' in sent for alien in ("dict", "float", "tuple", "any"))
        names = [cast("dict[str, str]", each)["name"] for each in Toolbox(question.tools).messages()]
        assert all(NAME.fullmatch(name) for name in names)
        assert [Toolbox(case.tools).call(name, {}).name for name in names] == [tool.name for tool in case.tools]
