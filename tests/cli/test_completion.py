"""What the shell offers while a command is typed: names the service knows, and no word of trouble without one."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.embedded.sockets import free_port
from cli.main import run
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

Offered = Callable[..., list[str]]
AWAY = f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Offered:
    """What bash is offered for the last word, with the service there."""

    def ask(service: str, *words: str) -> list[str]:
        monkeypatch.setenv("BENCHMARK_API_URL", service)
        monkeypatch.setenv("_BENCHMARK_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["benchmark", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        with pytest.raises(SystemExit) as ended:
            run([])
        streams = capsys.readouterr()
        assert (ended.value.code, streams.err) == (0, "")
        return streams.out.split()

    return ask


def page(*entries: Any) -> list[Answer]:
    return [Answer(body={"items": list(entries), "next_cursor": None})]


KNOWN = {
    "/v1/runs": page(examples.told(examples.run())),
    "/v1/agents": page({"name": "careful", "version": 2}),
    "/v1/benchmarks": page({"name": "capitals", "version": 1}),
    "/v1/datasets": page({"name": "support", "row_count": 40}),
    "/v1/schedules": page({"name": "nightly", "state": "active"}),
}


def test_names_come_from_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offered: Offered) -> None:
    (tmp_path / "canada.yaml").touch()
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    with scripted_api(KNOWN) as api:
        assert offered(api.url, "runs", "show", "") == ["latest", examples.RUN_ID]
        assert offered(api.url, "compare", "run_") == [examples.RUN_ID]
        assert offered(api.url, "run", "ca") == ["canada.yaml", "capitals"]
        assert offered(api.url, "run", "x.yaml", "--agent", "c") == ["careful", "callable:"]
        assert offered(api.url, "datasets", "show", "") == ["support"]
        assert offered(api.url, "schedules", "pause", "n") == ["nightly"]
        assert offered(api.url, "runs", "items", "latest", "--evaluator", "") == ["exact"]
        assert offered(AWAY, "leaderboard", "--api", api.url, "") == ["sums"]


@pytest.mark.parametrize("body", [b"", {"items": 1}, [1]])
def test_whoever_answers_otherwise_is_passed_over(body: Any, offered: Offered) -> None:
    with scripted_api({"/v1/runs": [Answer(body=body)]}) as api:
        assert offered(api.url, "runs", "show", "") == ["latest"]


def test_without_a_service_nothing_is_said(offered: Offered) -> None:
    assert offered(AWAY, "datasets", "show", "") == []
    assert offered("nowhere", "datasets", "show", "") == []


def test_commands_are_completed_whole_and_in_part(offered: Offered) -> None:
    assert offered(AWAY, "run") == ["run", "runs"]
    assert "resume" in offered(AWAY, "runs", "re")


def test_a_shell_asks_through_the_program_itself() -> None:
    told = {"COMP_WORDS": "benchmark\nvers", "COMP_CWORD": "1", "_BENCHMARK_COMPLETE": "complete_bash"}
    command = [sys.executable, "-m", "cli.main"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **told}, check=True)
    assert done.stdout == "version\n"
    script = subprocess.run([*command, "--show-completion", "bash"], capture_output=True, text=True, check=True).stdout
    assert "_BENCHMARK_COMPLETE=complete_bash" in script
