"""The command line against the whole service, as a person types it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.main import run
from cli.schemas import printed_schema
from tests.end_to_end.deployment import Deployment

FILE = """
name: capitals
dataset:
  source: {kind: file, path: capitals.csv}
  fields: {input: question, expected: capital, category: continent}
agents:
  - name: guesser
    agent: {kind: simulated, accuracy: 0.5, seed: 1}
evaluators:
  - kind: exact
trials: 10
"""
ROWS = "question,capital,continent\nFrance?,Paris,Europe\nJapan?,Tokyo,Asia\nPeru?,Lima,America\n"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    said: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Typed = Callable[..., Done]


@pytest.fixture
def benchmark(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command to the shared deployment."""

    def typed(*words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            run([*words, "--api", deployment.apis[0].url])
        streams = capsys.readouterr()
        return Done(int(ended.value.code or 0), streams.out, streams.err)

    return typed


@pytest.fixture
def file(deployment: Deployment) -> str:
    """A benchmark file with its data beside it, in a folder that the service may read."""
    (deployment.files / "capitals.csv").write_text(ROWS)
    place = deployment.files / "capitals.yaml"
    place.write_text(FILE)
    return str(place)


def test_a_benchmark_is_run_followed_and_looked_at(benchmark: Typed, file: str) -> None:
    done = benchmark("run", file)
    assert done.code == 0, done.said
    assert "completed, 100%; 30 of 30 answered, 30 evaluated" in done.said
    for word in ("guesser", "Europe", "Asia", "America", "95 % interval"):
        assert word in done.out
    run_id = benchmark("runs", "list", "--json", "--limit", "1").data[0]["run_id"]
    metrics = benchmark("runs", "results", run_id, "--json").data["agents"][0]["metrics"]
    right = benchmark("runs", "items", run_id, "--right", "--json", "--limit", "100").data
    wrong = benchmark("runs", "items", run_id, "--wrong", "--json", "--limit", "100").data
    assert (len(right), len(right) + len(wrong)) == (metrics["accuracy"]["successes"], 30)
    assert "I do not know." in benchmark("runs", "items", run_id, "--wrong").out
    assert "100%" in benchmark("runs", "show", run_id).out


def test_what_is_printed_follows_the_published_schemas(benchmark: Typed, file: str, tmp_path: Path) -> None:
    made = benchmark("run", file, "--json", "--junit", str(tmp_path / "junit.xml"))
    run_id = made.data["run_id"]
    assert (tmp_path / "junit.xml").read_text().count("<testcase") == 31
    for words in (
        ("runs list", "--limit", "3"),
        ("runs results", run_id),
        ("runs items", run_id),
        ("runs attempts", run_id),
        ("gate", run_id, "--baseline", run_id),
        ("leaderboard", "capitals"),
        ("manifest", run_id),
        ("estimate", file),
        ("agents list",),
        ("datasets list",),
        ("limits list",),
        ("schedules list",),
        ("prices show", "gpt-5-mini"),
    ):
        printed = benchmark(*words[0].split(), *words[1:], "--json").data
        jsonschema.validate(printed, printed_schema(words[0]))
    jsonschema.validate(made.data, printed_schema("run"))


def test_fail_under_and_the_other_options_do_what_they_say(benchmark: Typed, file: str) -> None:
    perfect = ("--agent", "simulated:accuracy=1,name=perfect")
    done = benchmark("run", file, *perfect, "--trials", "1", "--limit", "2", "--fail-under", "0.9", "--json")
    assert done.code == 3, "two right answers do not show that nine in ten are"
    assert "perfect 100.0% (95 % interval 34.2% to 100.0%)" in done.said
    assert [(agent["agent_id"], agent["counts"]["total"]) for agent in done.data["agents"]] == [("perfect", 2)]
    assert benchmark("run", file, "--fail-under", "0.99").code == 1


def test_a_stored_agent_is_tried_and_asked_by_its_name(benchmark: Typed, file: str) -> None:
    assert benchmark("agents", "add", "simulated:accuracy=1", "--name", "the stored one").code == 0
    assert "the stored one" in benchmark("agents", "list").out
    assert benchmark("agents", "test", "the stored one").code == 0
    done = benchmark("run", file, "--agent", "the stored one", "--json")
    assert (done.code, done.data["agents"][0]["agent_id"]) == (0, "the stored one")


def test_an_uploaded_dataset_is_read_from_anywhere(benchmark: Typed, tmp_path: Path) -> None:
    data = tmp_path / "capitals.csv"
    data.write_text(ROWS)
    assert benchmark("datasets", "upload", str(data), "--name", "uploaded capitals").code == 0
    assert "question, capital, continent" in benchmark("datasets", "show", "uploaded capitals").out
    assert any(each["name"] == "uploaded capitals" for each in benchmark("datasets", "list", "--json").data)
    place = tmp_path / "uploaded.yaml"
    place.write_text(FILE.replace("kind: file, path: capitals.csv", "kind: uploaded, name: uploaded capitals"))
    assert benchmark("run", str(place)).code == 0


def test_a_run_is_cancelled_and_a_run_that_ended_cannot_be_paused(benchmark: Typed, file: str) -> None:
    slow = ("--agent", "simulated:latency_s=2", "--no-watch", "--json")
    run_id = benchmark("run", file, *slow).data["run_id"]
    assert benchmark("runs", "cancel", run_id).code == 0
    assert benchmark("runs", "watch", run_id).code == 4
    refused = benchmark("runs", "pause", run_id)
    assert refused.code == 2
    assert "cancelled" in refused.said


def test_what_the_service_refuses_ends_with_2_and_its_reason(benchmark: Typed, file: str) -> None:
    refused = benchmark("run", file, "--agent", "nobody")
    assert refused.code == 2
    assert "Error: --agent nobody: " in refused.said
    assert benchmark("runs", "show", "run_01k9rjw1qye8xs5vt1m4ywk0a4").code == 2


def test_a_file_that_may_not_be_read_is_refused_with_what_would_mend_it(benchmark: Typed, tmp_path: Path) -> None:
    place = tmp_path / "far.yaml"
    place.write_text(FILE)
    refused = benchmark("run", str(place))
    assert refused.code == 2
    assert "BENCHMARK_LOCAL_FOLDERS" in refused.said


def test_a_run_that_fails_ends_with_4_and_its_cause(benchmark: Typed, file: str) -> None:
    away = "openai:any,base_url=http://127.0.0.1:9/v1,max_attempts=1"
    failed = benchmark("run", file, "--agent", away)
    assert failed.code == 4
    assert "127.0.0.1" in failed.said
