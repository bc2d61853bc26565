"""What commands print with --json is published as JSON Schemas, every command's, and they describe what is printed."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import typer

from cli.exits import CommandError
from cli.main import program, run
from cli.schemas import FILES, PRINTED, print_schema, printed_schema
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PATH = f"/v1/runs/{examples.RUN_ID}"


def commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *words, name)
        else:
            yield " ".join([*words, name]), command


def test_every_command_with_json_has_a_schema() -> None:
    known = dict(commands(typer.main.get_command(program())))
    with_json = {name for name, command in known.items() if any("--json" in each.opts for each in command.params)}
    assert with_json - set(PRINTED) == set()


@pytest.mark.parametrize("command", sorted(PRINTED))
def test_every_schema_is_one(command: str) -> None:
    schema = printed_schema(command)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert '"additionalProperties": false' not in json.dumps(schema), "later versions print more"


@pytest.mark.parametrize("file", sorted(FILES))
def test_every_schema_of_a_file_is_one_and_knows_where_it_is_said(file: str) -> None:
    schema = FILES[file]()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "$schema" in schema["properties"]


def test_what_has_no_schema_is_told_with_what_has() -> None:
    with pytest.raises(CommandError, match=r"no schema of 'runs open'; there are: .*runs list"):
        print_schema("runs open")


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "list"),
        ("runs", "show", examples.RUN_ID),
        ("runs", "watch", examples.RUN_ID),
        ("version",),
        ("evaluators", "list"),
        ("agents", "kinds"),
        ("datasets", "kinds"),
        ("benchmarks", "list"),
    ],
)
def test_what_is_printed_follows_its_schema(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    told = examples.told(examples.run("completed", answered=40, evaluated=40, found=examples.metrics()))
    nothing = [Answer(body={"items": []})]
    answers = {PATH: [Answer(body=told)], "/v1/runs": [Answer(body={"items": [told]})], "/v1/benchmarks": nothing}
    local = words[-1] in ("version", "kinds") or words[0] == "evaluators"
    with scripted_api(answers) as api, pytest.raises(SystemExit) as ended:
        run([*words, "--json", *(() if local else ("--api", api.url))])
    assert not ended.value.code
    command = " ".join(word for word in words if word != examples.RUN_ID)
    jsonschema.validate(json.loads(capsys.readouterr().out), printed_schema(command))
