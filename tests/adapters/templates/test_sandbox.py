"""What templates of users can do, and what they cannot."""

import time
from typing import Any

import pytest

from adapters.templates.sandbox import LONGEST_OUTPUT, TextTemplate
from core.errors import InvalidInput

CASE: dict[str, Any] = {
    "input": "What is 2 + 3?",
    "answer": "so 1,234 #### 1,234 ",
    "choices": ["four", "five"],
    "metadata": {"level": 3, "flag": True, "nothing": None},
    "text": "x" * 500_000,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Q: {{ input }}\nA:", "Q: What is 2 + 3?\nA:"),
        ("{{ answer.split('####')[-1] | trim | replace(',', '') }}", "1234"),
        ("{{ answer.split('####')[-1].strip().replace(',', '') }}", "1234"),
        ("{{ 'ABCD'[metadata.level] }}", "D"),
        ("{{ choices.index('five') | letter }}", "B"),
        ("{{ ', '.join(choices) }}", "four, five"),
        ("{{ choices | map('upper') | join('/') }}", "FOUR/FIVE"),
        (
            "{% for c in choices %}{{ loop.index }}.{{ c }}{% if not loop.last %};{% endif %}{% endfor %}",
            "1.four;2.five",
        ),
        ("{{ metadata }}", '{"level": 3, "flag": true, "nothing": null}'),
        ("{{ metadata.nothing }}|{{ metadata.flag }}", "|true"),
        ("{{ input ~ '!' }}{% set x = 3 * 4 %}{{ x + 1 }}", "What is 2 + 3?!13"),
        ("{{ metadata.absent | default('-') }}{{ 7 % 4 }}", "-3"),
        ("{{ [3, 1, 2] | sort | first }}{{ (1, 2) | sum }}{{ range(3) | list }}", "13[0, 1, 2]"),
    ],
)
def test_a_template_says_what_prompts_need(template: str, text: str) -> None:
    assert TextTemplate(template).render(CASE) == text


def test_braces_in_the_data_arrive_unchanged() -> None:
    assert TextTemplate("{{ input }}!").render({"input": "{{7*7}} {% x %} {# y #}"}) == "{{7*7}} {% x %} {# y #}!"


@pytest.mark.parametrize(
    "template",
    [
        "{{ input",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% import 'x' as y %}",
        "{{ input.format(1) }}",
        "{{ input.zfill(9) }}",
        "{{ input['replace']('a', 'b') }}",
        "{{ lipsum(100) }}",
        "{% set f = input.strip %}{{ f() }}",
        "{% set range = input.strip %}",
        "{{ 2 ** 99 }}",
        "{{ input | center(10) }}",
        "{{ input | nothing }}",
        "{{ input.strip(*choices) }}",
        "{% for x in choices recursive %}{% endfor %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "x" * 70_000,
    ],
)
def test_what_is_not_allowed_is_refused_before_any_case_is_asked(template: str) -> None:
    with pytest.raises(InvalidInput, match="template") as caught:
        TextTemplate(template, pointer="/prompt/template")
    assert caught.value.pointer == "/prompt/template"


@pytest.mark.parametrize(
    "template",
    [
        "{{ nope }}",
        "{{ metadata.nope }}",
        "{{ input.__class__ }}",
        "{{ choices[9] }}",
        "{{ 1 / 0 }}",
        "{{ input.strip }}",
        "{{ input % 3 }}",
        "{{ choices.index('six') }}",
        "{{ 99 | letter }}",
        "{{ ''.join([input.__init__]) }}",
    ],
)
def test_what_does_not_suit_the_data_is_a_sentence(template: str) -> None:
    with pytest.raises(InvalidInput, match=r"The template fails: .+\.$"):
        TextTemplate(template).render(CASE)


DOUBLING = "".join("{% set x = [x, x] %}" for _ in range(60))


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 10000000000 }}",
        "{{ 10000000000 * [0] }}",
        "{{ text.replace('', text) }}",
        "{{ text | replace('x', text) }}",
        "{{ text.join(text) }}",
        "{{ [text, text] | join(text) | length }}{{ text.join(text | list) }}",
        "{% set x = [1] %}" + DOUBLING + "{{ x }}",
        "{% set x = 'a' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
        "{% set x = 'a' %}" + "{% set x = x + x %}" * 60 + "{{ x }}",
        "{% set x = 9999999999 %}" + "{% set x = x * x %}" * 60 + "{{ x }}",
        "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{% if text in 'abc' %}{% endif %}{% endfor %}{% endfor %}",
        "{% for a in range(100) %}{{ text }}{% endfor %}",
        "{% for a in range(10000000) %}{% endfor %}",
        "{{ text | map('replace', 'x', text) | list | length }}",
        "{{ text | list | map('replace', 'x', text) | join }}",
        "{{ input | indent(100000000) }}",
        "{{ '%1000000000d' % 1 }}",
    ],
)
def test_a_template_cannot_eat_time_or_memory(template: str) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidInput, match="The template"):
        TextTemplate(template).render(CASE)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize("template", ["{{ nope }}", "{{ nope | trim }}", "{{ nope.x }}", "{{ 'a' ~ nope }}"])
def test_a_name_that_is_not_there_is_named(template: str) -> None:
    with pytest.raises(InvalidInput, match="'nope' is undefined"):
        TextTemplate(template).render(CASE)


def test_a_text_as_long_as_allowed_passes() -> None:
    assert len(TextTemplate("{{ text }}{{ text }}").render(CASE)) == 1_000_000 < LONGEST_OUTPUT
