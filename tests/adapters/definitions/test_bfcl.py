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


@pytest.fixture
async def cases(tmp_path: Path, shared_folder: Path) -> Sequence[Case]:
    data = shared_folder / "datasets"
    dataset = ready_made_definition("bfcl", str(data)).dataset
    sets = case_sets(tmp_path, local_folders=(data,))
    case_set = await sets.prepare(dataset, project_id="default", examples=0)
    return await sets.read(case_set, 0, case_set.case_count)


@cache
def evaluator() -> Evaluator:
    """The kind one, which also reads what was written."""
    evaluation = ready_made_definition("bfcl", "/data").evaluators[1]
    return find("evaluators", evaluation.kind).build(settings_of("evaluators", evaluation))


async def value(case: Case, reply: Reply) -> float:
    verdict = await evaluator().evaluate(case, reply)
    assert isinstance(verdict, Scored), verdict
    return verdict.value


async def test_permitted_calls_are_right_however_they_are_made(cases: Sequence[Case]) -> None:
    assert Counter(case.category for case in cases) == {
        "simple_python": 400,
        "multiple": 200,
        "parallel": 200,
        "irrelevance": 240,
    }
    for case in cases:
        calls = calls_of(case)
        written = ", ".join(str(Call(call.name, call.arguments)) for call in calls)
        objects = json.dumps([{"name": call.name, "arguments": call.arguments} for call in calls])
        assert await value(case, Reply(text="", tool_calls=calls)) == 1, case.id
        assert await value(case, Reply(text=f"[{written}]")) == 1, (case.id, written)
        assert await value(case, Reply(text=f"```json\n{objects}\n```")) == 1, case.id


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
