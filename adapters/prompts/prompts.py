"""Cases turned into messages, the way a prompt says."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from adapters.prompts.conversations import FieldMessages, TemplateMessages
from adapters.prompts.variables import VARIABLES, variables
from adapters.templates.sandbox import TextTemplate
from core.benchmarks import PromptSpec
from core.cases import Case, Message, Question
from core.datasets import CaseSet
from core.errors import InvalidInput, listed

GLOBALS = frozenset({"range"})
PLAIN = frozenset({"{{ input }}", "{{input}}"})
POINTER = "/prompt"

_compiled = lru_cache(maxsize=256)(TextTemplate)


class JinjaPrompts:
    """Implements core.ports.Prompts."""

    def open(self, prompt: PromptSpec, case_set: CaseSet) -> "JinjaPrompter":
        """Compiles the templates and checks that there are examples enough.

        Raises InvalidInput, pointing into `/prompt`.
        """
        return JinjaPrompter(prompt, case_set)


class JinjaPrompter:
    """Implements core.ports.Prompter. The same case always gives the same messages."""

    def __init__(self, prompt: PromptSpec, case_set: CaseSet) -> None:
        self._plain = prompt.template.removesuffix("\n") in PLAIN
        self._template = _compiled(prompt.template, pointer=f"{POINTER}/template")
        self._example_answer = _compiled(prompt.example_answer, pointer=f"{POINTER}/example_answer")
        self._messages = _written_out(prompt.messages)
        self._before = (Message(role="system", content=prompt.system),) if prompt.system else ()
        self._written = prompt.few_shot.examples
        self._count = prompt.few_shot.count
        self._examples = case_set.examples
        self._heads: dict[str, tuple[Message, ...]] = {}
        if self._count:
            self._check_examples()

    def question(self, case: Case, *, trial: int, reveal_expected: bool) -> Question:
        """The case as messages. Raises InvalidInput when a template fails on this case."""
        return Question(
            case_id=case.id,
            messages=self._conversation(case) if self._messages is None else self._messages.of(case),
            trial=trial,
            tools=case.tools,
            expected=case.expected if reveal_expected else None,
        )

    def _conversation(self, case: Case) -> tuple[Message, ...]:
        category = case.category or ""
        head = self._heads.get(category)
        if head is None:
            head = self._heads[category] = self._head(category)
        return (*head, Message(role="user", content=self._asked(case)))

    def _asked(self, case: Case) -> str:
        return case.input if self._plain else self._template.render(variables(case))

    def _head(self, category: str) -> tuple[Message, ...]:
        """What stands before the question: the same for every case of a category."""
        turns: list[Message] = [*self._before, *self._written]
        for example in self._drawn(category):
            answer = self._example_answer.render({**variables(example), "expected": example.expected})
            turns.append(Message(role="user", content=self._asked(example)))
            turns.append(Message(role="assistant", content=answer))
        return tuple(turns)

    def _drawn(self, category: str) -> tuple[Case, ...]:
        if not self._count:
            return ()
        examples = self._examples.get(category) or self._examples.get("") or _all(self._examples)
        return examples[: self._count]

    def _check_examples(self) -> None:
        held = {name: len(cases) for name, cases in self._examples.items()} or {"": 0}
        fewest = min(held, key=lambda name: held[name])
        if held[fewest] < self._count:
            where = f" of the category {fewest!r}" if fewest else ""
            raise InvalidInput(
                f"The prompt shows {self._count} examples, but {held[fewest]} cases{where} were held out.",
                pointer=f"{POINTER}/few_shot/count",
            )
        for category, cases in self._examples.items():
            if any(case.expected is None for case in cases[: self._count]):
                raise InvalidInput(
                    f"The examples of {category or 'the dataset'!r} have no expected answer to show; "
                    "map one with `fields.expected`, or write `examples` out.",
                    pointer=f"{POINTER}/few_shot/count",
                )


def _written_out(messages: Sequence[Message] | str) -> TemplateMessages | FieldMessages | None:
    """Who makes the whole conversation; None where it is made of its parts."""
    if isinstance(messages, str):
        return FieldMessages(messages) if messages else None
    return TemplateMessages(messages) if messages else None


def mistakes_of_prompt(prompt: PromptSpec, *, pointer: str = POINTER) -> Iterator[InvalidInput]:
    """What would keep it from making a question of any case, each with its place."""
    for name, source, known in _templates(prompt):
        place = f"{pointer}/{name}"
        try:
            names = _compiled(source, pointer=place).names
        except InvalidInput as error:
            yield error
            continue
        if unknown := sorted(names - GLOBALS - {*known}):
            yield InvalidInput(
                f"The template names {unknown[0]!r}, which is no variable of a case; there are: {listed(known)}. "
                "Columns kept with `fields.metadata` are in `metadata`.",
                pointer=place,
            )


def _templates(prompt: PromptSpec) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Where each stands, what it says, and what it may name."""
    yield "template", prompt.template, VARIABLES
    yield "example_answer", prompt.example_answer, (*VARIABLES, "expected")
    for number, message in enumerate(prompt.messages):
        if isinstance(message, Message):
            yield f"messages/{number}/content", message.content, VARIABLES


def _all(examples: Mapping[str, tuple[Case, ...]]) -> tuple[Case, ...]:
    return tuple(case for cases in examples.values() for case in cases)
