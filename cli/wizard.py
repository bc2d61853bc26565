"""`benchmark init`: a first benchmark file, asked for question by question, that is right and runs as it is."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml
from rich.prompt import Confirm, Prompt

from adapters.datasets.mapping import EXPECTED_NAMES
from adapters.definitions.schema import definition_schema
from cli.agent_text import agent_of
from cli.case_checks import check_cases
from cli.data_columns import columns_of, mapped
from cli.dataset_trial import try_cases
from cli.definitions import located, read_text
from cli.exits import CommandError
from cli.output import say, talk
from core.benchmarks import AgentSpec
from core.errors import listed

SCHEMA: Final = "benchmark.schema.json"
PLAYED: Final = "simulated:name=played,accuracy=0.8"
"""An agent that needs neither key nor network, so that the first run works."""
EVALUATORS: Final = ("contains", "exact", "numeric", "choice", "f1")
ROWS: Final = (
    {"input": "What is the capital of France?", "expected": "Paris", "category": "Europe"},
    {"input": "What is the capital of Norway?", "expected": "Oslo", "category": "Europe"},
    {"input": "What is the capital of Japan?", "expected": "Tokyo", "category": "Asia"},
)
HEAD: Final = """\
# yaml-language-server: $schema=./{schema}
# Check it: benchmark validate {file}
# Run it:   benchmark run {file}       (with `benchmark dev` in another terminal)
"""


@dataclass(frozen=True)
class Answers:
    """What the file is made of."""

    name: str
    data: str | None = None
    """A file of questions; None for three of ours."""
    input: str | None = None
    expected: str | None = None
    """Columns of that file, where they have other names than ours."""
    agent: str = PLAYED
    """As `run --agent` takes it."""
    evaluator: str = "contains"


def init(file: Path, answers: Answers, *, ask: bool, overwrite: bool) -> None:
    """Writes the file and the schema that editors check it by; nothing that would not run. Raises CommandError."""
    if ask and not sys.stdin.isatty():
        raise CommandError("There is nobody to ask: add --yes, and say with --agent and --data what it is to be.")
    if file.exists() and not (overwrite or (ask and Confirm.ask(f"{file} exists. Replace it?", console=talk()))):
        raise CommandError(f"{file} exists; name another file, or replace it with --overwrite.")
    answers = asked(file, answers) if ask else answers
    fields = fields_of(file, answers, ask=ask)
    text = _text(file, answers, fields)
    check(text, file, _hint(file, answers, fields))
    _write(file, text)
    say(f"Wrote {file}, and {SCHEMA} for your editor. Next: benchmark validate {file} && benchmark run {file}")


def check(text: str, file: Path, hint: str = "") -> None:
    """Raises CommandError for what `benchmark validate` would refuse, with what may help."""
    try:
        found = read_text(text, file)
        cases = try_cases(located(found.definition, file), found)
        if cases:
            check_cases(found, cases)
    except CommandError as error:
        raise CommandError(f"Nothing was written, for it would not run. {error}{hint}") from error


def _hint(file: Path, answers: Answers, fields: dict[str, str]) -> str:
    """Where nobody said which column holds the right answers."""
    if answers.data is None or "expected" in fields:
        return ""
    columns = _columns(file, answers.data)
    named = any(name in columns for name in EXPECTED_NAMES)
    return "" if named else f" The columns are: {listed(columns)}; --expected names the one of the right answers."


def asked(file: Path, answers: Answers) -> Answers:
    """Each asked of a person; Enter leaves what is there."""
    console = talk()
    console.print("A benchmark asks agents questions and has evaluators judge the answers.")
    name = Prompt.ask("What is it called?", default=answers.name, console=console)
    data = asked_until(
        "A file of questions (JSONL, CSV, Parquet)? Enter for three examples",
        answers.data or "",
        lambda typed: _columns(file, typed) if typed else None,
    )
    agent = asked_until(
        "Whom to ask? KIND:MODEL such as openai:gpt-5-mini; Enter for one that is played", answers.agent, _agent
    )
    evaluator = Prompt.ask("What is right?", choices=list(EVALUATORS), default=answers.evaluator, console=console)
    return replace(answers, name=name, data=data or None, agent=agent, evaluator=evaluator)


def asked_until(question: str, default: str, check: Callable[[str], object]) -> str:
    """What was typed, once the check lets it pass; its CommandError is told, and the question asked again."""
    while True:
        typed = Prompt.ask(question, default=default, console=talk())
        try:
            check(typed)
        except CommandError as error:
            say(str(error))
        else:
            return typed


def fields_of(file: Path, answers: Answers, *, ask: bool) -> dict[str, str]:
    """What `dataset.fields` is to say of the columns of the data; nothing where they have our names. Raises
    CommandError where there is no such file, and where nobody says which column holds the questions."""
    told = {name: column for name in ("input", "expected") if (column := getattr(answers, name)) is not None}
    if answers.data is None:
        return told
    columns = _columns(file, answers.data)
    fields = mapped(columns) | told
    if unknown := [column for column in fields.values() if column not in columns]:
        raise CommandError(f"{answers.data} has no column {unknown[0]!r}; its columns are: {listed(columns)}.")
    if "input" in fields or "input" in columns:
        return fields
    if not ask:
        raise CommandError(
            f"Which column of {answers.data} holds the questions? Say it with --input (and the right answers with "
            f"--expected); its columns are: {listed(columns)}."
        )
    asked_for = Prompt.ask("Which column holds the questions?", choices=list(columns), console=talk())
    right = Prompt.ask(
        "And which the right answers? Enter for none", choices=["", *columns], default="", console=talk()
    )
    return fields | {"input": asked_for} | ({"expected": right} if right else {})


def _columns(file: Path, data: str) -> Sequence[str]:
    return columns_of(file.resolve().parent / data)


def _text(file: Path, answers: Answers, fields: dict[str, str]) -> str:
    head = HEAD.format(schema=SCHEMA, file=file.name)
    return head + yaml.safe_dump(_definition(answers, fields), sort_keys=False, allow_unicode=True, width=120)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
        file.with_name(SCHEMA).write_text(json.dumps(definition_schema(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _agent(typed: str) -> AgentSpec:
    agent = agent_of(typed)
    if not isinstance(agent, AgentSpec):
        raise CommandError(f"{typed!r} is no KIND:MODEL, such as openai:gpt-5-mini; a file spells its agents out.")
    return agent


def _definition(answers: Answers, fields: dict[str, str]) -> dict[str, Any]:
    source: dict[str, Any] = {"kind": "inline", "rows": [dict(row) for row in ROWS]}
    if answers.data is not None:
        source = {"kind": "file", "path": answers.data}
    return {
        "name": answers.name,
        "dataset": {"source": source, **({"fields": fields} if fields else {})},
        "prompt": {"system": "Answer with the answer only."},
        "agents": [_agent(answers.agent).model_dump(mode="json", exclude_unset=True)],
        "evaluators": [{"kind": answers.evaluator}],
    }
