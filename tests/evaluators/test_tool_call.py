"""Calls of tools read from text: whatever a model writes is a list of calls or none, quickly, and nothing is run."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.verdicts import Scored
from evaluators.calls.python_calls import Call, NoCalls, python_calls
from evaluators.calls.source_values import TYPES, Language, source_value
from evaluators.calls.written_calls import written_calls
from tests.evaluators.judging import judged

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-1e9, 1e9) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[a-z]{3,8}[0-9]?", fullmatch=True).filter(lambda name: name not in {"and", "not", "for", "def"})
CALLS = st.lists(st.builds(Call, NAMES, st.dictionaries(NAMES, VALUES, max_size=3)), max_size=3)
PIECES = (
    *("(", "[", "{", "f(", "f(a=", "-", "not ", "a.", "lambda: ", "1**"),
    *("f'{", "\\", "'", '"', "[[", "```\n", "\n", "**"),
)
OTHERS = (")", "]", "}", "f()", "9" * 50, "=", ",", "<tool_call>", "</tool_call>", "True", "\x00", '{"a": {}}')
WORDS = st.sampled_from([*PIECES, *OTHERS])


@given(CALLS)
def test_calls_are_read_as_they_were_written(calls: list[Call]) -> None:
    assert python_calls(f"[{', '.join(map(str, calls))}]") == calls


@given(st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))
async def test_any_text_is_a_list_of_calls_or_none(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    verdict = await judged("tool_call", text, expected="[]")
    assert isinstance(verdict, Scored)
    assert verdict.value in {0, 1}


@pytest.mark.parametrize("piece", PIECES)
async def test_a_long_text_of_one_repeated_piece_is_no_call(piece: str) -> None:
    for length in (10_000, 300_000):
        started = time.process_time()
        verdict = await judged("tool_call", piece * (length // len(piece)), expected='[{"f": {}}]')
        assert isinstance(verdict, Scored)
        assert verdict.value == 0
        assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("f(a=2**8)", {"a": 256}),
        ("f(a=-3)", {"a": -3}),
        ("f(a=(1, 'x'))", {"a": (1, "x")}),
        ("f(a=today)", {"a": "today"}),
        ("f(a=g(b=1))", {"a": {"g": {"b": 1}}}),
        ("f(a=g())", {"a": "g()"}),
        ("f(a=rows[0])", {"a": "rows[0]"}),
        ("f(a={'k': [True, None]})", {"a": {"k": [True, None]}}),
        ("f(a=b'x', b=2j)", {"a": b"x", "b": 2j}),
        ("f(1, 2)", {}),
    ],
)
def test_values_are_worked_out_without_running_anything(text: str, arguments: dict[str, Any]) -> None:
    assert python_calls(text) == [Call("f", arguments)]


@pytest.mark.parametrize(
    "text",
    ["f(a=9**9**9)", "f(a=10**65)", "f(a=1/0)", "f(a=[i for i in b])", "f(a=x if y else z)",
     "f", "1", "f()()", "f(a={1.5: 2})", "I cannot do that."],
)  # fmt: skip
def test_what_is_no_value_makes_no_call(text: str) -> None:
    with pytest.raises(NoCalls):
        python_calls(text)


def test_calls_between_tags_are_all_read() -> None:
    text = (
        'First <tool_call>{"name": "f"}</tool_call> then <tool_call>{"name": "g", "arguments": {"a": 1}}</tool_call>.'
    )
    assert written_calls(text) == [Call("f", {}), Call("g", {"a": 1})]


def text_of_java(values: list[int]) -> str:
    return f"new ArrayList<Integer>(Arrays.asList({', '.join(map(str, values))}))"


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6))
def test_a_list_is_the_same_in_java_and_javascript(values: list[int]) -> None:
    schema = {"type": "ArrayList", "items": {"type": "integer"}}
    assert source_value(text_of_java(values), schema, "java") == values
    array = {"type": "array", "items": {"type": "integer"}}
    assert source_value(str(values), array, "javascript") == values
    added = "".join(f"add({value}); " for value in values)
    assert source_value(f"new ArrayList<>() {{{{ {added}}}}}", schema, "java") == values


@given(st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))
@pytest.mark.parametrize("language", ["java", "javascript"])
async def test_any_text_is_a_call_in_another_language_or_none(language: str, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    verdict = await judged("tool_call", text, {"language": language}, expected='[{"f": {"a": [1]}}]')
    assert isinstance(verdict, Scored)
    assert verdict.value in {0, 1}


HOSTILE_VALUES = (
    *("new HashMap<>() {" + " " * 1900, "new HashMap<" * 160, "new ArrayList<>() {{" + " a" * 900, "[" * 1999),
    *("[[" + "1],[" * 450, "{" + "a:b," * 450, "{" + "," * 1900, "{a:" + "[" * 900 + "]" * 900 + "}", "{a:" * 600),
    *("new Array(" * 180, "9" * 1999, "1e999999999", '"' * 1999, "new int[]{" * 190, "add(" * 480),
)


@pytest.mark.parametrize("language", ["java", "javascript"])
def test_a_hostile_value_is_no_work(language: Language) -> None:
    for kind in TYPES[language]:
        for value in HOSTILE_VALUES:
            started = time.process_time()
            source_value(value, {"type": kind, "items": {"type": "integer"}}, language)
            assert time.process_time() - started < 1, (kind, value[:20])
