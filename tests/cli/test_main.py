"""The command as it is typed: what there is, exit codes, data on one stream and talk on the other."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import pytest
import typer

from cli.embedded.sockets import free_port
from cli.main import DECLARED_IN, program, run
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

RUN = f"/v1/runs/{examples.RUN_ID}"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    said: str


Typed = Callable[..., Done]


@pytest.fixture
def benchmark(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types the command."""

    def typed(*words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            run(words)
        streams = capsys.readouterr()
        return Done(int(ended.value.code or 0), streams.out, streams.err)

    return typed


def ended(status: Any, found: Any = None, **more: Any) -> dict[str, list[Answer]]:
    return {RUN: [Answer(body=examples.told(examples.run(status, found=found, **more)))]}


def test_the_version_is_the_installed_one(benchmark: Typed) -> None:
    assert benchmark("version").out == f"{version('ai-benchmark-service')}\n"
    assert json.loads(benchmark("version", "--json").out) == {"version": version("ai-benchmark-service")}


def test_every_command_is_listed_and_every_command_explains_itself() -> None:
    group: Any = typer.main.get_command(program())
    assert set(group.commands) == set(DECLARED_IN)
    for command in group.commands.values():
        for each in [command, *getattr(command, "commands", {}).values()]:
            assert each.help


@pytest.mark.parametrize("command", sorted(DECLARED_IN))
def test_a_command_alone_is_declared_as_among_all(command: str) -> None:
    alone: Any = typer.main.get_command(program([command]))
    among_all: Any = typer.main.get_command(program())
    assert [p.name for p in alone.commands[command].params] == [p.name for p in among_all.commands[command].params]


def test_a_light_command_starts_without_the_heavy_libraries() -> None:
    code = "import sys; from cli.main import program; program(['version']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlalchemy", "temporalio", "httpx2", "openai", "rich", "numpy"} & set(loaded) == set()


@pytest.mark.parametrize("words", [["bogus"], ["runs", "bogus"], ["run"], ["version", "--bogus"]])
def test_what_is_typed_wrong_ends_with_2(benchmark: Typed, words: list[str]) -> None:
    assert benchmark(*words).code == 2


def test_without_an_api_a_command_ends_with_5_and_says_how_to_start_one(benchmark: Typed) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = benchmark("runs", "list", "--api", url)
    assert done.code == 5
    assert "benchmark dev" in done.said
    assert done.out == ""


def test_data_goes_to_standard_output_alone(benchmark: Typed) -> None:
    listed = {"/v1/runs": [Answer(body={"items": [examples.told(examples.run())], "next_cursor": None})]}
    with scripted_api(listed) as api:
        done = benchmark("runs", "list", "--json", "--api", api.url)
    assert json.loads(done.out)[0]["run_id"] == examples.RUN_ID
    assert done.said == ""


def test_an_empty_list_says_so_and_stays_valid_json(benchmark: Typed) -> None:
    nothing = {"/v1/runs": [Answer(body={"items": [], "next_cursor": None})]}
    with scripted_api(nothing) as api:
        assert json.loads(benchmark("runs", "list", "--json", "--api", api.url).out) == []
        assert "no run yet" in benchmark("runs", "list", "--api", api.url).said


def test_latest_is_the_newest_run(benchmark: Typed) -> None:
    newest = {"/v1/runs": [Answer(body={"items": [examples.told(examples.run())], "next_cursor": None})]}
    with scripted_api({**newest, **ended("completed", examples.metrics())}) as api:
        done = benchmark("runs", "results", "--api", api.url)
    assert done.code == 0
    assert "75.0%" in done.out


@pytest.mark.parametrize(
    ("status", "found", "words", "code"),
    [
        ("completed", examples.metrics(0.75), [], 0),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.5"], 0),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.75"], 3),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.8"], 3),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.91"], 1),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.75", "--fail-under-by", "point"], 0),
        ("completed", examples.metrics(0.75), ["--fail-under", "0.8", "--fail-under-by", "point"], 1),
        ("completed", examples.metrics(None), ["--fail-under", "0.8"], 3),
        ("failed", None, [], 4),
        ("cancelled", None, [], 4),
    ],
)
def test_watching_ends_as_the_run_did(benchmark: Typed, status: str, found: Any, words: list[str], code: int) -> None:
    with scripted_api(ended(status, found)) as api:
        done = benchmark("runs", "watch", examples.RUN_ID, *words, "--api", api.url)
    assert done.code == code, done.said


def test_a_run_of_too_few_answers_is_below_no_bar(benchmark: Typed) -> None:
    """Its figure would be, by a wide margin."""
    with scripted_api(ended("completed", examples.metrics(0.75), validity="invalid")) as api:
        done = benchmark("runs", "watch", examples.RUN_ID, "--fail-under", "0.99", "--api", api.url)
    assert done.code == 3, done.said
    assert "Nothing to hold against the 99.0% asked for: too few answers to be valid." in done.said


def test_no_colour_reaches_a_pipe(benchmark: Typed) -> None:
    with scripted_api(ended("completed", examples.metrics())) as api:
        done = benchmark("runs", "results", examples.RUN_ID, "--api", api.url)
    assert "\x1b" not in done.out + done.said


def test_ctrl_c_detaches_and_says_how_to_come_back() -> None:
    with scripted_api(ended("processing")) as api:
        code, said = interrupted("runs", "watch", examples.RUN_ID, "--api", api.url)
    assert code == 130
    assert f"Detached; the run lives on. Follow it again with: benchmark runs watch {examples.RUN_ID}" in said
    assert "Error" not in said


def interrupted(*words: str, **environment: str) -> tuple[int, str]:
    """Types the command, and Ctrl-C as soon as it shows progress."""
    command = [sys.executable, "-m", "cli.main", *words]
    # Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}, preexec_fn=heard
    ) as process:
        assert process.stderr
        first = process.stderr.readline()
        process.send_signal(2)
        return process.wait(30), first + process.stderr.read()


def test_steering_asks_for_what_was_typed(benchmark: Typed) -> None:
    answers = {f"{RUN}/{how}": [Answer(202, examples.told(examples.run()))] for how in ("pause", "resume", "cancel")}
    with scripted_api(answers) as api:
        for how in ("pause", "resume", "cancel"):
            assert benchmark("runs", how, examples.RUN_ID, "--api", api.url).code == 0
    assert [(method, path) for method, path, _, _ in api.seen] == [
        ("POST", f"{RUN}/pause"),
        ("POST", f"{RUN}/resume"),
        ("POST", f"{RUN}/cancel"),
    ]


@pytest.mark.parametrize("how", ["cancel", "pause", "resume", "retry"])
def test_steering_means_the_newest_run_unless_it_is_told_another(benchmark: Typed, how: str) -> None:
    newest = {"/v1/runs": [Answer(body={"items": [examples.told(examples.run())], "next_cursor": None})]}
    with scripted_api({**newest, f"{RUN}/{how}": [Answer(202, examples.told(examples.run()))]}) as api:
        done = benchmark("runs", how, "--api", api.url)
    assert done.code == 0
    assert examples.RUN_ID in done.said


def test_a_cancelled_run_is_said_to_be_cancelled_and_what_is_kept(benchmark: Typed) -> None:
    cancelled = examples.told(examples.run("cancelled", answered=12, error="Cancelled."))
    with scripted_api({RUN: [Answer(body=cancelled)]}) as api:
        done = benchmark("runs", "watch", examples.RUN_ID, "--api", api.url)
    assert done.code == 4
    assert "The run was cancelled; the 12 of 40 questions that were answered are kept." in done.said


def test_a_run_is_opened_at_its_page_in_the_temporal_ui(benchmark: Typed) -> None:
    with scripted_api(ended("completed")) as api:
        done = benchmark("runs", "open", examples.RUN_ID, "--api", api.url)
    assert done.out == "http://127.0.0.1:8233/w\n"
