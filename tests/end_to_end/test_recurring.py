"""Schedules, baselines and reproduction from the command line, against the whole service."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.end_to_end.deployment import Deployment

FILE = """
name: recurring sums
dataset:
  source:
    kind: inline
    rows: [{input: 1 + 1, expected: "2"}, {input: 2 + 2, expected: "4"}]
agents:
  - name: lab
    agent: {kind: simulated}
evaluators:
  - kind: exact
"""


class Person:
    """Types commands and reads what they say."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._url = url
        self._capsys = capsys

    def types(self, *words: str, code: int = 0) -> str:
        """What is said on either stream."""
        with pytest.raises(SystemExit) as ended:
            run([*words, "--api", self._url])
        streams = self._capsys.readouterr()
        assert int(ended.value.code or 0) == code, streams
        return streams.out + streams.err

    def data(self, *words: str) -> Any:
        with pytest.raises(SystemExit):
            run([*words, "--json", "--api", self._url])
        return json.loads(self._capsys.readouterr().out)


@pytest.fixture
def person(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(deployment.apis[0].url, capsys)


@pytest.fixture
def file(tmp_path: Path) -> str:
    place = tmp_path / "sums.yaml"
    place.write_text(FILE)
    return str(place)


@pytest.mark.timeout(120)
def test_a_schedule_is_made_changed_looked_at_and_deleted(person: Person, file: str) -> None:
    wrong = Path(file).with_name("wrong.yaml")
    wrong.write_text(FILE.replace("{input: 1 + 1", "{question: 1 + 1"))
    assert "there is no column" in person.types("schedules", "create", "wrong", str(wrong), "--every", "1d", code=2)
    made = person.data("schedules", "create", "nightly sums", file, "--cron", "0 3 * * *", "--time-zone", "Asia/Tokyo")
    assert (made["state"], made["when"]["cron"], made["run"]["name"]) == ("active", ["0 3 * * *"], "recurring sums")
    assert "cron 0 3 * * * (Asia/Tokyo)" in person.types("schedules", "show", "nightly sums")
    assert "paused" in person.types("schedules", "pause", "nightly sums", "--note", "holidays")
    changed = person.data("schedules", "update", "nightly sums", "--every", "6h", "--overlap", "buffer_one")
    assert (changed["state"], changed["note"], changed["overlap"]) == ("paused", "holidays", "buffer_one")
    assert changed["when"]["intervals"] == [{"every_s": 21600, "offset_s": 0}]
    assert "every 6 h" in person.types("schedules", "list")
    assert re.search(r"^Run (run_\w+) is on its way", person.types("schedules", "trigger", "nightly sums"))
    assert "no schedule 'weekly'" in person.types("schedules", "show", "weekly", code=2)
    person.types("schedules", "delete", "nightly sums")
    assert "nightly sums" not in person.types("schedules", "list")


@pytest.mark.timeout(120)
def test_a_run_is_submitted_again_and_told_to_be_made_of_the_same_things(person: Person, file: str) -> None:
    origin = person.data("run", file)["run_id"]
    said = person.types("reproduce", origin)
    assert f"made of the same things as {origin}" in said
    assert "genai-prices" in person.types("manifest", origin)
    other = person.data("run", file, "--agent", "simulated:accuracy=0.5")["run_id"]
    assert "agent" in person.types("manifest", other, "--against", origin)


@pytest.mark.timeout(120)
def test_a_baseline_is_set_shown_and_removed(person: Person) -> None:
    said = person.types("baselines", "set", "recurring sums", "rolling:3", "--looks", "30")
    assert "the median of the last 3 good runs" in said
    assert "30 runs in a row" in person.types("baselines", "show", "recurring sums")
    person.types("baselines", "remove", "recurring sums")
    assert "has no baseline" in person.types("baselines", "show", "recurring sums", code=2)


@pytest.mark.timeout(120)
def test_completed_runs_are_held_against_their_baseline_by_whoever_watches(person: Person, tmp_path: Path) -> None:
    place = tmp_path / "watched.yaml"
    place.write_text(FILE.replace("recurring sums", "watched sums"))
    person.types("baselines", "set", "watched sums", "last_good")
    runs = [person.data("run", str(place))["run_id"] for _ in range(2)]
    checks: list[Any] = []
    while len(checks) < len(runs):
        checks = person.data("baselines", "checks", "watched sums")
    assert [(each["run_id"], each["outcome"]) for each in checks] == [(runs[1], "no_regression"), (runs[0], "first")]
    assert checks[0]["baseline_run_id"] == runs[0]
    person.types("baselines", "remove", "watched sums")
