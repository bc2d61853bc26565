"""What commands print with --json is published as JSON Schemas, every command's, and they describe what is printed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from api.description import recorded_examples
from cli.exits import CommandError
from cli.main import program, run
from cli.schemas import FILES, PRINTED, print_schema, printed_schema
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PATH = f"/v1/runs/{examples.RUN_ID}"
PASSED_ON = {
    "agents add": "create_agent",
    "agents list": "list_agents",
    "agents test": "test_agent",
    "audit list": "list_audit_events",
    "audit verify": "verify_audit_log",
    "baselines checks": "list_baseline_checks",
    "baselines set": "set_baseline",
    "baselines show": "get_baseline",
    "compare": "create_comparison",
    "datasets list": "list_datasets",
    "datasets show": "get_dataset",
    "datasets upload": "upload_dataset",
    "gate": "judge_run",
    "judges calibrate": "create_calibration",
    "judges list": "list_calibrations",
    "judges show": "get_calibration",
    "keys create": "create_api_key",
    "keys list": "list_api_keys",
    "keys revoke": "revoke_api_key",
    "keys rotate": "rotate_api_key",
    "keys show": "get_api_key",
    "keys update": "change_api_key",
    "leaderboard": "get_leaderboard",
    "limits list": "list_limits",
    "limits rules": "list_limit_rules",
    "limits set": "set_limits",
    "manifest": "get_manifest",
    "preferences list": "list_preferences",
    "preferences show": "get_preference",
    "preferences start": "create_preference",
    "prices list": "list_prices",
    "prices set": "set_price",
    "prices show": "get_price",
    "report": "get_report",
    "reproduce": "reproduce_run",
    "run": "create_run",
    "runs attempts": "list_attempts",
    "runs cancel": "cancel_run",
    "runs fork": "fork_run",
    "runs items": "list_items",
    "runs list": "list_runs",
    "runs pause": "pause_run",
    "runs rescore": "rescore_run",
    "runs results": "get_results",
    "runs resume": "resume_run",
    "runs retry": "retry_run",
    "runs show": "get_run",
    "runs tune": "amend_run",
    "runs watch": "get_run",
    "schedules backfill": "backfill_schedule",
    "schedules create": "create_schedule",
    "schedules list": "list_schedules",
    "schedules pause": "pause_schedule",
    "schedules resume": "resume_schedule",
    "schedules runs": "list_scheduled_runs",
    "schedules show": "get_schedule",
    "schedules trigger": "trigger_schedule",
    "schedules update": "change_schedule",
    "webhooks create": "create_webhook",
    "webhooks deliveries": "list_deliveries",
    "webhooks list": "list_webhooks",
    "webhooks redeliver": "redeliver",
    "webhooks rotate": "rotate_webhook_secret",
    "webhooks show": "get_webhook",
    "webhooks test": "test_webhook",
    "webhooks update": "change_webhook",
}
"""Commands that print what the API answered, and the operation whose recorded answer it is."""
PUT_TOGETHER = {
    "agents kinds",
    "benchmarks list",
    "datasets kinds",
    "doctor",
    "estimate",
    "evaluators list",
    "import",
    "validate",
    "version",
}
"""Commands whose output is held against its schema where they are run: here, or in the tests of doctor and estimate."""


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


def test_what_files_come_to_follows_its_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "2+2?", "answer": "4"}\n')
    imported = ("import", str(tmp_path / "rows.jsonl"), "--folder", str(tmp_path))
    for words in (imported, ("validate", str(tmp_path / "rows.yaml"), str(tmp_path / "rows.jsonl"))):
        with pytest.raises(SystemExit):
            run([*words, "--json"])
        jsonschema.validate(json.loads(capsys.readouterr().out), printed_schema(words[0]))


@pytest.mark.parametrize(("command", "operation"), PASSED_ON.items(), ids=PASSED_ON)
def test_what_the_api_answers_follows_the_schema_of_what_is_printed(command: str, operation: str) -> None:
    schema = printed_schema(command)
    answers = recorded_examples()[operation]["answers"].items()
    [answer, *_] = [found for status, found in answers if status.startswith("2")]
    told = answer["application/json"]
    jsonschema.validate(told["items"] if schema.get("type") == "array" else told, schema)


def test_every_schema_is_held_against_what_is_printed() -> None:
    assert set(PRINTED) - {*PASSED_ON, *PUT_TOGETHER} == set()
