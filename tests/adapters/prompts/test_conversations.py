"""Whole conversations: every message a template, or all of them kept with the case."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.prompts.prompts import JinjaPrompts, mistakes_of_prompt
from core.benchmarks import PromptSpec
from core.cases import Case, Message
from core.datasets import CaseSet
from core.errors import InvalidInput

EMPTY = CaseSet(digest="0" * 64, case_count=1, shard_size=500, shards=())


def asked(prompt: PromptSpec, **metadata: Any) -> list[tuple[str, str]]:
    case = Case(id="case-1", input="?", metadata=metadata)
    question = JinjaPrompts().open(prompt, EMPTY).question(case, trial=0, reveal_expected=False)
    return [(message.role, message.content) for message in question.messages]


def test_every_message_is_a_template_over_the_case() -> None:
    said = (
        Message(role="system", content="Be {{ metadata.mood }}."),
        Message(role="assistant", content="Yes?"),
        Message(role="user", content="{{ input }}"),
    )
    prompt = PromptSpec(messages=said)
    assert asked(prompt, mood="brief") == [("system", "Be brief."), ("assistant", "Yes?"), ("user", "?")]
    assert list(mistakes_of_prompt(prompt)) == []


def test_messages_may_stand_in_the_metadata() -> None:
    parts = [{"type": "input_text", "text": "What"}, "now?"]
    kept = {"chat": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]}
    assert asked(PromptSpec(messages="item.chat"), item=kept) == [("system", "Be brief."), ("user", "What\nnow?")]


@pytest.mark.parametrize("kept", [None, [], "text", [{"role": "user"}], [{"role": "tool", "content": "x"}]])
def test_a_case_without_messages_says_what_they_look_like(kept: Any) -> None:
    with pytest.raises(InvalidInput, match="a list of objects with `role`"):
        asked(PromptSpec(messages="item.chat"), item={"chat": kept})


def test_a_mistake_in_a_message_is_told_with_its_place() -> None:
    prompt = PromptSpec(messages=(Message(role="user", content="{{ row.x }}"),))
    [mistake] = mistakes_of_prompt(prompt)
    assert mistake.pointer == "/prompt/messages/0/content"


def test_a_whole_conversation_has_no_other_parts() -> None:
    with pytest.raises(ValidationError, match="leave `system` and `few_shot` out"):
        PromptSpec(system="Be brief.", messages="item.chat")
