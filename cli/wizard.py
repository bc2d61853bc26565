"""`benchmark init`: a first benchmark file, asked for question by question, that is right and runs as it is."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml
from rich.prompt import Confirm, Prompt

from adapters.definitions.schema import definition_schema
from cli.agent_text import agent_of
from cli.data_columns import columns_of, mapped
from cli.definitions import read_file
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
    """Writes the file and the schema that editors check it by. Raises CommandError."""
    if ask and not sys.stdin.isatty():
        raise CommandError("There is nobody to ask: add --yes, and say with --agent and --data what it is to be.")
    if file.exists() and not (overwrite or (ask and Confirm.ask(f"{file} exists. Replace it?", console=talk()))):
        raise CommandError(f"{file} exists; name another file, or replace it with --overwrite.")
    answers = asked(answers) if ask else answers
    _write(file, answers, fields_of(file, answers, ask=ask))
    read_file(file)
    say(f"Wrote {file}, and {SCHEMA} for your editor. Next: benchmark validate {file} && benchmark run {file}")


def asked(answers: Answers) -> Answers:
    """Each asked of a person; Enter leaves what is there."""
    console = talk()
    console.print("A benchmark asks agents questions and has evaluators judge the answers.")
    name = Prompt.ask("What is it called?", default=answers.name, console=console)
    data = Prompt.ask(
        "A file of questions (JSONL, CSV, Parquet)? Enter for three examples",
        default=answers.data or "",
        console=console,
    )
    agent = Prompt.ask(
        "Whom to ask? KIND:MODEL such as openai:gpt-5-mini; Enter for one that is played",
        default=answers.agent,
        console=console,
    )
    evaluator = Prompt.ask("What is right?", choices=list(EVALUATORS), default=answers.evaluator, console=console)
    return replace(answers, name=name, data=data or None, agent=agent, evaluator=evaluator)


def fields_of(file: Path, answers: Answers, *, ask: bool) -> dict[str, str]:
    """What `dataset.fields` is to say of the columns of the data; nothing where they have our names, or where there is
    no such file yet. Raises CommandError where nobody says which column holds the questions."""
    told = {name: column for name in ("input", "expected") if (column := getattr(answers, name)) is not None}
    if answers.data is None or (columns := columns_of(file.resolve().parent / answers.data)) is None:
        return told
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


def _write(file: Path, answers: Answers, fields: dict[str, str]) -> None:
    head = HEAD.format(schema=SCHEMA, file=file.name)
    text = yaml.safe_dump(_definition(answers, fields), sort_keys=False, allow_unicode=True, width=120)
    try:
        file.write_text(head + text, encoding="utf-8")
        file.with_name(SCHEMA).write_text(json.dumps(definition_schema(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _definition(answers: Answers, fields: dict[str, str]) -> dict[str, Any]:
    agent = agent_of(answers.agent)
    if not isinstance(agent, AgentSpec):
        raise CommandError(
            f"{answers.agent!r} is no KIND:MODEL, such as openai:gpt-5-mini; a file spells its agents out."
        )
    source: dict[str, Any] = {"kind": "inline", "rows": [dict(row) for row in ROWS]}
    if answers.data is not None:
        source = {"kind": "file", "path": answers.data}
    return {
        "name": answers.name,
        "dataset": {"source": source, **({"fields": fields} if fields else {})},
        "prompt": {"system": "Answer with the answer only."},
        "agents": [agent.model_dump(mode="json", exclude_unset=True)],
        "evaluators": [{"kind": answers.evaluator}],
    }
