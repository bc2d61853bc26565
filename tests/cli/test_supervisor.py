"""Children are started in order, restarted when they crash, and never outlive their supervisor."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.embedded.errors import ServiceFailed
from cli.embedded.processes import Service
from cli.embedded.supervisor import RESTARTS, Supervisor
from tests.cli.alive import logged, still_running


def program(name: str, source: str, *, grace_s: float = 5, start_s: float = 10) -> Service:
    return Service(name=name, command=(sys.executable, "-c", source), grace_s=grace_s, start_s=start_s)


FOREVER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)"
)


class Told:
    """What the supervisor said."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)


async def test_services_stop_in_reverse_order_and_none_is_left(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told())
    farewell = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(tmp_path / 'order')!r}, 'a').write(sys.argv[1]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)"
    )
    for name in ("first", "second", "third"):
        supervisor.launch(Service(name=name, command=(sys.executable, "-c", farewell, name + " ")))
        await logged(tmp_path / f"{name}.log", "up")
    pids = supervisor.pids
    await supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]
    assert still_running(pids.values(), within_s=0.1) == set()


async def test_a_service_that_will_not_stop_is_killed_after_its_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told())
    supervisor.launch(program("deaf", DEAF, grace_s=0.3))
    await logged(tmp_path / "deaf.log", "up")
    pid = supervisor.pids["deaf"]
    began = time.monotonic()
    await supervisor.stop()
    assert 0.3 <= time.monotonic() - began < 3
    assert still_running([pid], within_s=0.1) == set()


async def test_a_second_interruption_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told())
    supervisor.launch(program("deaf", DEAF, grace_s=60))
    await logged(tmp_path / "deaf.log", "up")
    hurry = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, hurry.set)
    async with asyncio.timeout(5):
        await supervisor.stop(hurry)
    assert supervisor.pids == {}


async def test_what_a_service_started_ends_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told())
    supervisor.launch(program("parent", PARENT))
    grandchild = int(await logged(tmp_path / "parent.log"))
    await supervisor.stop()
    assert still_running([grandchild], within_s=2) == set()


async def test_a_crashed_service_is_started_again_and_people_are_told(tmp_path: Path) -> None:
    told = Told()
    supervisor = Supervisor(tmp_path, told)
    supervisor.launch(program("shaky", FOREVER))
    await logged(tmp_path / "shaky.log", "up")
    first = supervisor.pids["shaky"]
    watching = asyncio.create_task(supervisor.watch())
    os.kill(first, signal.SIGKILL)
    await logged(tmp_path / "shaky.log", "up\nup")
    assert supervisor.pids["shaky"] != first
    (sentence,) = told.sentences
    assert re.fullmatch(r"shaky ended with exit code -9 after \d+ s; starting it again\.", sentence)
    watching.cancel()
    await supervisor.stop()


async def test_a_service_that_keeps_crashing_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told(), backoff_s=0.001)
    supervisor.launch(program("hopeless", "import sys; sys.exit('the disk is on fire')"))
    with pytest.raises(ServiceFailed, match=rf"(?s)hopeless crashed {RESTARTS + 1} times in a row.*disk is on fire"):
        await supervisor.watch()
    await supervisor.stop()


async def test_a_service_that_ends_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    supervisor = Supervisor(tmp_path, Told())
    command = (sys.executable, "-c", "import sys; sys.exit('no such table')")
    with pytest.raises(ServiceFailed, match=r"(?s)quick ended while starting \(exit code 1\).*no such table"):
        await supervisor.start(Service(name="quick", command=command, healthy=never))
    await supervisor.stop()


async def test_a_service_that_never_answers_is_reported(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    supervisor = Supervisor(tmp_path, Told())
    command = (sys.executable, "-c", FOREVER)
    with pytest.raises(ServiceFailed, match=r"mute did not answer within 0\.3 s"):
        await supervisor.start(Service(name="mute", command=command, healthy=never, start_s=0.3))
    pid = supervisor.pids["mute"]
    await supervisor.stop()
    assert still_running([pid], within_s=0.1) == set()


async def test_a_program_that_fails_is_reported_and_one_that_succeeds_is_forgotten(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, Told())
    await supervisor.complete(program("fine", "pass"))
    with pytest.raises(ServiceFailed, match=r"(?s)broken failed \(exit code 3\)"):
        await supervisor.complete(program("broken", "raise SystemExit(3)"))
    assert supervisor.pids == {}


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    source = (
        "import asyncio, sys, time\n"
        "from pathlib import Path\n"
        "from cli.embedded.processes import Service\n"
        "from cli.embedded.supervisor import Supervisor\n"
        f"supervisor = Supervisor(Path({str(tmp_path)!r}), print)\n"
        f"supervisor.launch(Service(name='deaf', command=(sys.executable, '-c', {DEAF!r})))\n"
        "print(supervisor.pids['deaf'], flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        child = int(supervisor.stdout.readline())
        supervisor.kill()
    assert still_running([child]) == set()


def test_a_log_that_grew_large_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "talkative.log"
    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    supervisor = Supervisor(tmp_path, Told())
    supervisor.launch(program("talkative", FOREVER))
    supervisor.kill()
    assert (tmp_path / "talkative.log.1").stat().st_size > 10 * 1024 * 1024
    assert log.stat().st_size < 100
