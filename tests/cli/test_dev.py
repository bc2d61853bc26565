"""`benchmark dev` as a person uses it: it starts, says where everything is, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from cli.embedded.folder import Addresses, DataFolder
from cli.embedded.sockets import free_port
from tests.cli.alive import listening, naming, still_running

START_S = 90
USUAL = (7233, 8233, 5432)


class Terminal:
    """A terminal in which `benchmark dev` runs; what it printed is in `output`."""

    def __init__(self, data: Path, *options: str, name: str = "first") -> None:
        self.data = data
        self.taken: set[int] = set()
        self._log = data.with_name(f"{name}.out")
        port = () if "--port" in options else ("--port", str(free_port()))
        command = (sys.executable, "-m", "cli.main", "dev", "--data", str(data), *port, *options)
        with self._log.open("wb") as sink:
            self.process = subprocess.Popen(command, stdout=sink, stderr=sink, env=os.environ | {"NO_COLOR": "1"})

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def addresses(self) -> Addresses:
        known = DataFolder(self.data).addresses()
        assert known
        return known

    def until_ready(self) -> "Terminal":
        deadline = time.monotonic() + START_S
        while "Ctrl-C stops everything" not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)
        return self

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=40)

    def everybody(self) -> set[int]:
        """Whoever works in the data folder, and their children."""
        return family(naming(str(self.data)) | {self.process.pid})


def family(roots: set[int]) -> set[int]:
    """These processes and all their descendants."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, set()).add(int(entry.name))
    found, new = set[int](), roots
    while new:
        found |= new
        new = {child for pid in new for child in children.get(pid, set())} - found
    return found


@contextmanager
def dev(data: Path, *options: str) -> Generator[Terminal]:
    terminal = Terminal(data, *options)
    try:
        yield terminal
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
        assert still_running(naming(str(data))) == set()


def status(url: str) -> int:
    with httpx2.Client(trust_env=False, timeout=10) as browser:
        return browser.get(url, follow_redirects=True).status_code


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Generator[Terminal]:
    """One that runs, and found the usual ports taken."""
    port = free_port()
    data = tmp_path_factory.mktemp("dev") / "data"
    with listening(port, *USUAL), dev(data, "--port", str(port)) as terminal:
        terminal.taken = {port, *USUAL}
        yield terminal.until_ready()
        assert terminal.interrupt(signal.SIGTERM) == 0


def test_it_takes_other_ports_when_the_usual_are_taken(terminal: Terminal) -> None:
    where = terminal.addresses
    assert not terminal.taken & {where.api_port, where.temporal_port, where.temporal_ui_port, where.postgres_port}
    assert status(f"{where.api_url}/ready") == 200
    assert re.search(rf"Port \d+ is taken; the API listens on {where.api_port} instead", terminal.output)


def test_a_second_one_on_the_same_folder_is_refused_and_the_first_goes_on(terminal: Terminal) -> None:
    second = Terminal(terminal.data, name="second")
    assert second.process.wait(timeout=30) == 5
    assert re.search(r"Another `benchmark dev` \(process \d+, API at .*--data", second.output)
    assert status(f"{terminal.addresses.api_url}/ready") == 200


@pytest.mark.parametrize(("name", "program"), [("api", b"api.serve"), ("postgres", b"bin/postgres")])
def test_a_service_that_is_killed_comes_back(terminal: Terminal, name: str, program: bytes) -> None:
    [victim] = [pid for pid in terminal.everybody() if program in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + START_S
    while f"{name} ended with exit code -9" not in terminal.output or not answers(terminal):
        assert time.monotonic() < deadline, terminal.output
        time.sleep(0.1)


def test_it_says_where_everything_is_stops_on_ctrl_c_and_starts_again_on_the_same_data(tmp_path: Path) -> None:
    # Not at the usual ports: somebody who starts between the two would take those.
    with listening(*USUAL), dev(tmp_path / "data") as terminal:
        first = terminal.until_ready().addresses
        for url in (first.api_url, f"{first.api_url}/docs", first.temporal_ui_url):
            assert url in terminal.output
            assert status(url) == 200
        assert f"export BENCHMARK_API_URL={first.api_url}\n" in terminal.output
        everybody = terminal.everybody()
        assert len(everybody) > 5
        assert terminal.interrupt() == 0
        assert still_running(everybody, within_s=1) == set()
    with dev(tmp_path / "data", "--port", str(first.api_port)) as terminal:
        assert terminal.until_ready().addresses.model_dump(exclude={"pid"}) == first.model_dump(exclude={"pid"})
        assert terminal.interrupt() == 0


def test_nothing_survives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with dev(tmp_path / "data", "--workers", "2") as terminal:
        everybody = terminal.until_ready().everybody()
        terminal.process.kill()
        terminal.process.wait()
        assert still_running(everybody) == set()


def test_ctrl_c_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    with dev(tmp_path / "data") as terminal:
        deadline = time.monotonic() + START_S
        while not (tmp_path / "data" / "logs" / "temporal.log").exists():
            assert time.monotonic() < deadline, terminal.output
            time.sleep(0.02)
        everybody = terminal.everybody()
        assert terminal.interrupt() == 0
        assert still_running(everybody, within_s=1) == set()
    assert "is ready" not in terminal.output


def test_a_reader_that_hangs_up_does_not_keep_it_from_stopping_cleanly(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = (sys.executable, "-m", "cli.main", "dev", "--data", str(data), "--port", str(free_port()))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        assert b"Starting" in process.stdout.readline()
        process.stdout.close()
        process.wait(timeout=START_S)
    assert still_running(naming(str(data))) == set()
    assert "database system is shut down" in (data / "logs" / "postgres.log").read_text()


def answers(terminal: Terminal) -> bool:
    try:
        return status(f"{terminal.addresses.api_url}/ready") == 200
    except httpx2.HTTPError:
        return False
