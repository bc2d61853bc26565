"""Benchmark files: what they may say, and how a mistake is told."""

import json
from pathlib import Path

import pytest

from adapters.definitions.reading import load_definition, read_definition
from core.errors import InvalidInput, InvalidPlugin

GOOD = """\
name: sums
# A comment.
dataset:
  source:
    kind: inline
    rows:
      - {input: "1 + 1?", answer: 2}
      - {input: "Is it so?", answer: no}
  limit: 1
prompt:
  template: |
    {{ input }}
    Answer:
  few_shot:
    examples:
      - {role: user, content: "on"}
      - {role: assistant, content: 12:30}
agents:
  - name: one
    agent: &openai
      kind: openai
      model: gpt-x
  - name: two
    agent:
      <<: *openai
      temperature: 0
evaluators:
  - kind: exact
    ignore_case: true
tags:
  day: 2026-11-23
"""


def test_a_file_becomes_a_definition() -> None:
    definition = load_definition(GOOD, source="sums.yaml")
    assert definition.name == "sums"
    assert definition.dataset.source.settings["rows"] == [
        {"input": "1 + 1?", "answer": 2},
        {"input": "Is it so?", "answer": "no"},
    ]
    assert definition.prompt.template == "{{ input }}\nAnswer:\n"
    assert [message.content for message in definition.prompt.few_shot.examples] == ["on", "12:30"]
    assert definition.agents[1].agent.settings == {"model": "gpt-x", "temperature": 0}
    assert definition.tags == {"day": "2026-11-23"}


def test_json_is_read_too_tabs_and_all() -> None:
    content = load_definition(GOOD, source="sums.yaml").model_dump(mode="json")
    for indent in (None, 2, "\t"):
        assert load_definition(json.dumps(content, indent=indent), source="a.json").model_dump(mode="json") == content


MISTAKES: list[tuple[str, str, str, str]] = [
    ("evaluators:", "evaluater:", "line 27: there is no key 'evaluater' here; did you mean 'evaluators'", "/evaluater"),
    ("limit: 1", "limits: 1", "line 9: there is no key 'limits' here; did you mean 'limit'", "/dataset/limits"),
    ("limit: 1", "limit: none", "line 9: 'limit' must be a whole number", "/dataset/limit"),
    ("limit: 1", "limit: 0", "line 9: 'limit' must be at least 1", "/dataset/limit"),
    ("limit: 1", "xyz: 0", "line 9: there is no key 'xyz' here; the keys here are: categories, fields", "/dataset/xyz"),
    ("template:", "tempalte:", "line 11: there is no key 'tempalte' here; did you mean 'template'", "/prompt/tempalte"),
    ("name: sums\n", "", "line 2: the key 'name' is missing", "/name"),
    ("role: user", "role: usr", "line 16: 'role' must be 'system', 'user' or", "/prompt/few_shot/examples/0/role"),
    ('- {role: user, content: "on"}\n', "", "'few_shot' is not right: `examples` must alternate", "/prompt/few_shot"),
    ("name: two", "name: one", "the agents share the name 'one'; give each its own `name`", ""),
    ("name: two", "nmae: two", "line 23: there is no key 'nmae' here; did you mean 'name'", "/agents/1/nmae"),
    ("name: sums", "name: sums\nname: more", "line 2: the key 'name' is given twice", ""),
    ("kind: exact", "kind: exact\n    kind: exact", "line 29: the key 'kind' is given twice", ""),
    ("name: sums", "name: [sums", "this is no YAML", ""),
    ("name: sums", "name: !!python/name:os.system x", "line 1: values of the type .* are not used here", ""),
    ("name: sums", "name: !mine x", "line 1: values of the type", ""),
    ("name: sums", "? [a, b]\n: c\nname: sums", "line 1: a key must be plain text", ""),
    ("*openai", "*nothing", "line 25: this is no YAML: found undefined alias", ""),
]


@pytest.mark.parametrize(("right", "wrong", "message", "pointer"), MISTAKES, ids=[one[1][:30] for one in MISTAKES])
def test_a_mistake_is_told_with_its_line(right: str, wrong: str, message: str, pointer: str) -> None:
    assert right in GOOD
    with pytest.raises(InvalidInput, match=message) as caught:
        load_definition(GOOD.replace(right, wrong, 1), source="sums.yaml")
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sums.yaml is empty"),
        ("# nothing\n", "sums.yaml is empty"),
        ("- a\n- b\n", "line 1: a benchmark is a mapping"),
        ("a: 1\n---\nb: 2\n", "this is no YAML"),
        ("a: &a [*a]", "line 1: an alias contains itself"),
        ("a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 2000 + "*a]", "line 2: .*its aliases multiply it"),
        ("[" * 5000, "no YAML"),
        ("a: \0", "no YAML"),
        ("x" * 5_000_000, "more than 4 MiB"),
        (
            "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
            "it holds too much, or its aliases multiply it",
        ),
    ],
)
def test_what_is_no_definition_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_definition(text, source="sums.yaml")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("kind: exact", "kind: exat", "line 28: There is no kind 'exat' in evaluators; .* Did you mean 'exact'"),
        ("ignore_case", "ignorecase", "line 29: 'exact' rejects its setting 'ignorecase'.* Did you mean 'ignore_case'"),
        ("    rows:", "    rowz:", "line 6: 'inline' rejects its setting 'rowz'.* Did you mean 'rows'"),
        ("ignore_case: true", "ignore_case: perhaps", "line 29: 'exact' rejects its setting 'ignore_case'"),
    ],
)
def test_a_plugins_mistake_is_told_with_its_line_too(right: str, wrong: str, message: str) -> None:
    file = read_definition(GOOD.replace(right, wrong, 1), source="sums.yaml")
    with pytest.raises(InvalidPlugin, match=message):
        file.check_plugins()


def test_a_right_file_passes_the_check_of_its_plugins() -> None:
    read_definition(GOOD, source="sums.yaml").check_plugins()


def test_the_demos_own_file_is_right() -> None:
    file = Path(__file__).parents[3] / "cli" / "demo.yaml"
    read_definition(file.read_text(), source="demo.yaml").check_plugins()
