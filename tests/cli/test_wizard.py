"""A first benchmark file is right as it is written, whoever asked for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from cli.definitions import read_file, validate_files
from cli.exits import CommandError, Exit
from cli.wizard import Answers, init


def test_what_is_written_is_right_and_editors_can_check_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    init(file, Answers("my benchmark", agent="openai:gpt-5-mini"), ask=False, overwrite=False)
    definition = read_file(file).definition
    assert (definition.name, definition.agents[0].agent.kind) == ("my benchmark", "openai")
    assert file.read_text().startswith("# yaml-language-server: $schema=./benchmark.schema.json\n")
    schema = json.loads((tmp_path / "benchmark.schema.json").read_text())
    jsonschema.validate(yaml.safe_load(file.read_text()), schema)


def test_a_file_of_questions_is_named_in_it(tmp_path: Path) -> None:
    (tmp_path / "questions.csv").write_text("input,expected\n1 + 1,2\n")
    init(tmp_path / "b.yaml", Answers("b", data="questions.csv", evaluator="exact"), ask=False, overwrite=False)
    source = read_file(tmp_path / "b.yaml").definition.dataset.source
    assert (source.kind, source.settings["path"]) == ("file", "questions.csv")


@pytest.mark.parametrize(
    ("answers", "ask", "complaint"),
    [
        (Answers("mine"), False, "exists; name another file, or replace it with --overwrite"),
        (Answers("mine"), True, "There is nobody to ask: add --yes"),
    ],
)
def test_nothing_is_replaced_or_guessed(tmp_path: Path, answers: Answers, ask: bool, complaint: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: precious\n")
    with pytest.raises(CommandError, match=complaint):
        init(file, answers, ask=ask, overwrite=False)
    assert file.read_text() == "name: precious\n"


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (Answers("mine", agent="nobody"), "is no KIND:MODEL"),
        (Answers("mine", evaluator="exakt"), "Nothing was written.* Did you mean 'exact'"),
        (Answers("mine", data="ghost.csv"), "There is no file .*ghost.csv"),
        (Answers("mine", data="empty.csv"), "empty.csv has no rows"),
        (Answers("mine", data="notes.txt"), "notes.txt cannot be read"),
        (Answers("mine", data="unanswered.csv"), "'contains' can judge none .*--expected names"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    tmp_path: Path, answers: Answers, complaint: str
) -> None:
    (tmp_path / "empty.csv").write_text("input,expected\n")
    (tmp_path / "notes.txt").write_text("Buy milk.\n")
    (tmp_path / "unanswered.csv").write_text("input\n1 + 1\n")
    with pytest.raises(CommandError, match=complaint):
        init(tmp_path / "mine.yaml", answers, ask=False, overwrite=False)
    assert not [*tmp_path.glob("*.yaml"), *tmp_path.glob("*.json")]


def test_an_answer_that_cannot_be_is_told_at_its_question(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("input,expected\n1 + 1,2\n")
    typed = ("mine", "ghost.csv", "q.csv", "nobody", "simulated:name=me", "exact")
    person, terminal = os.openpty()
    os.write(person, "".join(f"{line}\n" for line in typed).encode())
    command = (sys.executable, "-m", "cli.main", "init", "mine.yaml")
    done = subprocess.run(
        command, stdin=terminal, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
    )
    os.close(terminal)
    os.close(person)
    assert done.returncode == 0, done.stderr
    assert done.stderr.index("There is no file") < done.stderr.index("is no KIND:MODEL")
    assert done.stderr.index("is no KIND:MODEL") < done.stderr.index("What is right?")
    definition = read_file(tmp_path / "mine.yaml").definition
    assert (definition.name, definition.agents[0].name, definition.evaluators[0].kind) == ("mine", "me", "exact")


@pytest.mark.parametrize(
    ("header", "told", "fields"),
    [
        ("input,expected", {}, None),
        ("Question,label", {}, {"input": "Question", "expected": "label"}),
        ("prompt,answer", {}, {"input": "prompt"}),
        ("a,b", {"input": "b", "expected": "a"}, {"input": "b", "expected": "a"}),
    ],
)
def test_columns_of_other_names_are_mapped(
    tmp_path: Path, header: str, told: dict[str, str], fields: dict[str, str] | None
) -> None:
    (tmp_path / "q.csv").write_text(f"{header}\n1 + 1,2\n")
    file = tmp_path / "mine.yaml"
    init(file, Answers("mine", data="q.csv", evaluator="exact", **told), ask=False, overwrite=False)
    assert yaml.safe_load(file.read_text())["dataset"].get("fields") == fields
    assert validate_files([file], as_json=True) is Exit.OK


def test_a_column_that_nobody_named_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("a,b\n1 + 1,2\n")
    file = tmp_path / "mine.yaml"
    for told, complaint in (
        ({}, "Say it with --input .* its columns are: a, b"),
        ({"input": "c"}, "has no column 'c'"),
    ):
        with pytest.raises(CommandError, match=complaint):
            init(file, Answers("mine", data="q.csv", **told), ask=False, overwrite=False)
    assert not file.exists()
