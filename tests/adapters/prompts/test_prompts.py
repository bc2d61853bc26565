"""What an agent is asked, message by message."""

import pytest

from adapters.prompts.prompts import JinjaPrompts, mistakes_of_prompt
from core.benchmarks import FewShot, PromptSpec
from core.cases import Case, Message, Question
from core.datasets import CaseSet
from core.errors import InvalidInput

CASE = Case(
    id="c1",
    input="What is {{7*7}}?",
    expected="B",
    choices=("forty", "forty-nine"),
    category="sums",
    metadata={"level": 3},
)


def examples(category: str | None, count: int) -> tuple[Case, ...]:
    return tuple(
        Case(id=f"{category}{n}", input=f"{category} {n}?", expected=str(n), category=category) for n in range(count)
    )


def case_set(**held: int) -> CaseSet:
    shown = {name.replace("none", ""): examples(name.replace("none", "") or None, n) for name, n in held.items()}
    return CaseSet(digest="0" * 64, case_count=1, shard_size=500, shards=(), examples=shown)


def asked(prompt: PromptSpec, *, case: Case = CASE, among: CaseSet | None = None) -> Question:
    prompter = JinjaPrompts().open(prompt, among or case_set())
    return prompter.question(case, trial=2, reveal_expected=False)


def texts(question: Question) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in question.messages]


def test_without_a_prompt_the_input_is_asked_as_it_is() -> None:
    question = asked(PromptSpec())
    assert question == Question(
        case_id="c1", messages=(Message(role="user", content="What is {{7*7}}?"),), trial=2, expected=None
    )


def test_braces_of_a_question_are_never_read_as_a_template() -> None:
    assert asked(PromptSpec(template="Q: {{ input }}")).text == "Q: What is {{7*7}}?"
    assert asked(PromptSpec(template="{{ input }}\n")).text == "What is {{7*7}}?"
    assert asked(PromptSpec(template="{{ input ~ '' }}")).text == "What is {{7*7}}?"


def test_only_plugins_that_play_a_model_are_told_the_answer() -> None:
    prompter = JinjaPrompts().open(PromptSpec(), case_set())
    assert prompter.question(CASE, trial=0, reveal_expected=False).expected is None
    assert prompter.question(CASE, trial=0, reveal_expected=True).expected == "B"


def test_a_template_sees_the_case_and_not_its_answer() -> None:
    template = "{{ id }}|{{ category }}|{{ metadata.level }}|{{ choices | length }}\n{{ lettered }}\n{{ input }}"
    assert asked(PromptSpec(template=template)).text == ("c1|sums|3|2\nA. forty\nB. forty-nine\nWhat is {{7*7}}?")
    with pytest.raises(InvalidInput, match="'expected' is undefined") as caught:
        asked(PromptSpec(template="{{ input }} Psst: {{ expected }}"))
    assert caught.value.pointer == "/prompt/template"


def test_the_system_text_comes_first_and_as_it_is() -> None:
    question = asked(PromptSpec(system='Answer as {"answer": {{...}}}.', template="{{ input }}"))
    assert texts(question)[0] == ("system", 'Answer as {"answer": {{...}}}.')
    assert [message.role for message in question.messages] == ["system", "user"]


def test_written_examples_stand_between() -> None:
    written = (Message(role="user", content="1+1?"), Message(role="assistant", content="2"))
    question = asked(PromptSpec(system="Be brief.", few_shot=FewShot(examples=written)))
    assert texts(question) == [
        ("system", "Be brief."), ("user", "1+1?"), ("assistant", "2"), ("user", "What is {{7*7}}?"),
    ]  # fmt: skip


def test_drawn_examples_are_of_the_questions_own_category() -> None:
    prompt = PromptSpec(template="Q: {{ input }}", few_shot=FewShot(count=2), example_answer="= {{ expected }}")
    prompter = JinjaPrompts().open(prompt, case_set(sums=3, words=2))
    for category in ("sums", "words", "sums"):
        case = CASE.model_copy(update={"category": category})
        assert texts(prompter.question(case, trial=0, reveal_expected=False)) == [
            ("user", f"Q: {category} 0?"),
            ("assistant", "= 0"),
            ("user", f"Q: {category} 1?"),
            ("assistant", "= 1"),
            ("user", "Q: What is {{7*7}}?"),
        ]


def test_a_category_without_examples_borrows_some() -> None:
    prompt = PromptSpec(few_shot=FewShot(count=1))
    assert texts(asked(prompt, among=case_set(none=1, words=1)))[0][1] == "None 0?"
    assert texts(asked(prompt, among=case_set(words=1)))[0][1] == "words 0?"


def test_too_few_examples_are_told_before_anything_is_asked() -> None:
    with pytest.raises(
        InvalidInput, match="shows 3 examples, but 2 cases of the category 'words' were held out"
    ) as one:
        JinjaPrompts().open(PromptSpec(few_shot=FewShot(count=3)), case_set(sums=3, words=2))
    assert one.value.pointer == "/prompt/few_shot/count"
    with pytest.raises(InvalidInput, match="but 0 cases were held out"):
        JinjaPrompts().open(PromptSpec(few_shot=FewShot(count=1)), case_set())


def test_examples_without_an_answer_are_refused() -> None:
    unknown = CaseSet(
        digest="0" * 64, case_count=1, shard_size=500, shards=(), examples={"": (Case(id="a", input="?"),)}
    )
    with pytest.raises(InvalidInput, match="no expected answer to show"):
        JinjaPrompts().open(PromptSpec(few_shot=FewShot(count=1)), unknown)


@pytest.mark.parametrize(
    ("prompt", "pointer"),
    [
        (PromptSpec(template="{{ input"), "/prompt/template"),
        (PromptSpec(example_answer="{% include 'x' %}"), "/prompt/example_answer"),
    ],
)
def test_a_template_that_does_not_parse_is_refused_before_anything_is_asked(prompt: PromptSpec, pointer: str) -> None:
    with pytest.raises(InvalidInput, match="does not parse") as caught:
        JinjaPrompts().open(prompt, case_set())
    assert caught.value.pointer == pointer


def test_an_endless_message_is_refused() -> None:
    long = Case(id="x", input="a" * 20_000)
    with pytest.raises(InvalidInput, match="its text grows past 1048576 characters"):
        asked(PromptSpec(template="{% for n in range(100) %}{{ input }}{% endfor %}"), case=long)


@pytest.mark.parametrize(
    "template",
    [
        "{{ id }} {{ input }} {{ category }} {{ lettered }} {{ metadata.level }}",
        "{% for choice in choices %}{{ loop.index }}. {{ choice }}\n{% endfor %}",
        "{% set twice = input ~ input %}{{ twice }}{% for n in range(2) %}{{ n }}{% endfor %}",
    ],
)
def test_a_template_of_what_a_case_has_is_right(template: str) -> None:
    assert list(mistakes_of_prompt(PromptSpec(template=template, example_answer="{{ expected }}"))) == []


def test_a_template_of_what_no_case_has_is_told_before_anything_is_asked() -> None:
    prompt = PromptSpec(template="{{ question }}: {{ expected }}", example_answer="{{ input")
    first, second = mistakes_of_prompt(prompt, pointer="/agents/0/prompt")
    assert (first.pointer, second.pointer) == ("/agents/0/prompt/template", "/agents/0/prompt/example_answer")
    assert str(first).startswith("The template names 'expected', which is no variable of a case; there are: category,")
    assert "does not parse" in str(second)
