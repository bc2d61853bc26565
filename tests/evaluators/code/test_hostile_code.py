"""Code that agents wrote reaches nothing, keeps nothing and leaves nothing behind."""

import os
import socket
import time
from pathlib import Path

import psutil
import pytest

from core.benchmarks import Evaluation
from core.cases import Case
from core.verdicts import Scored, Unscored
from evaluators.code.sandbox import Ending, NoSandbox, run_program
from tests.evaluators.code.sandboxing import skip_without_sandbox, verdicts

MEMORY = 256 * 1024**2
LIMIT_S = 1.0
CODE = Evaluation.model_validate({"kind": "code"})
TASK = Case(id="one", input="def one():\n", metadata={"entry_point": "one", "test": "assert one() == 1"})


@pytest.fixture(autouse=True)
def sandbox() -> None:
    skip_without_sandbox()


def run(program: str) -> Ending:
    return run_program(program, permission="sandboxed", limit_s=LIMIT_S, memory_bytes=MEMORY)


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        ("while True: pass", "ran longer than 1 s"),
        ("import time; time.sleep(60)", "ran longer than 1 s"),
        ("import signal, time; signal.alarm(0); signal.signal(15, print); time.sleep(60)", "ran longer than 1 s"),
        ("kept = bytearray(10**10)", "MemoryError"),
        ("kept = [0] * 10**6\nwhile True: kept = kept + kept", "MemoryError"),
        ("import os; os._exit(0)", "left with status 0 before its tests were through"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "was ended by SIGSEGV"),
        ("def f(): f()\nf()", "RecursionError"),
        ("input()", "EOFError"),
        (
            "import os\nfor n in range(3, 30):\n try:\n  while os.write(n, b'x' * 999): pass\n except OSError: pass",
            "bytes",
        ),
        ("open('/tmp/large', 'w').write('x' * 3 * 10**7)", "File too large"),
        ("for n in range(99): open(f'/tmp/{n}', 'w').write('x' * 10**7)", "No space left"),
        ("open('/here', 'w')", "Read-only file system"),
        ("open('/python/lib/here', 'w')", "Read-only file system"),
        ("kept = [open('/tmp/many') if n else open('/tmp/many', 'w') for n in range(999)]", "Too many open files"),
        ("class E(Exception):\n def __str__(self): raise self\nraise E", "left with status"),
        ("(", "SyntaxError"),
        ("\x00", "null bytes"),
        ("(" * 100_000, ""),
    ],
)
def test_a_program_that_misbehaves_does_not_pass(program: str, trouble: str) -> None:
    began = time.monotonic()
    ending = run(program)
    assert not ending.passed
    assert trouble in ending.trouble
    assert time.monotonic() - began < 30


def test_a_program_reaches_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reached = run(f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)")
    assert "refused" in reached.trouble or "unreachable" in reached.trouble
    assert "unreachable" in run("import socket; socket.create_connection(('192.0.2.1', 80), 1)").trouble


def test_a_program_sees_no_file_of_ours_no_process_and_no_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sk-secret")
    monkeypatch.setenv("BENCHMARK_CANARY", "sk-secret")
    for place in (secret, "/etc/passwd", "/root", "/home", Path(__file__), "/bin/sh", "/usr/bin/env", "/sys"):
        assert run(f"import os; assert not os.path.exists({str(place)!r})") == (True, "", None, "bubblewrap")
    assert run("import os; assert 'BENCHMARK_CANARY' not in os.environ").passed
    assert run("import os; assert len([p for p in os.listdir('/proc') if p.isdigit()]) <= 2").passed
    assert run("import os; assert os.getuid() != 0 and os.getgid() != 0").passed
    assert run("import os; os.setuid(0)").trouble == "PermissionError: [Errno 1] Operation not permitted"


def test_two_programs_share_nothing() -> None:
    assert run("open('/tmp/left', 'w').write('here')").passed
    assert run("import os; assert os.listdir('/tmp') == []").passed


def test_what_a_program_started_ends_with_it() -> None:
    mark = f"left-behind-{os.getpid()}"
    daemon = (
        "import os, time\n"
        "for _ in range(5):\n"
        " if os.fork() == 0:\n"
        "  os.setsid()\n"
        "  if os.fork() == 0:\n"
        f"   open('/proc/self/comm', 'w').write({mark[:15]!r})\n"
        "   time.sleep(600)\n"
        "  os._exit(0)\n"
    )
    run(daemon)
    deadline = time.monotonic() + 10
    while left := [each for each in psutil.process_iter(["name"]) if each.info["name"] == mark[:15]]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_fork_bomb_is_kept_small() -> None:
    ending = run("import os\nwhile True: os.fork()")
    assert not ending.passed
    assert run("pass").passed


async def test_a_hostile_answer_is_wrong_and_the_next_one_is_judged() -> None:
    bomb = "    import os\n    while True: os.fork()"
    found = await verdicts(CODE, [(TASK, "    return 1"), (TASK, bomb), (TASK, "    return 2"), (TASK, "    return 1")])
    assert [verdict.value for verdict in found if isinstance(verdict, Scored)] == [1, 0, 0, 1]


async def test_code_is_not_run_unless_the_operator_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSandbox, match="BENCHMARK_CODE_EXECUTION=sandboxed"):
        run_program("pass", permission="off", limit_s=1, memory_bytes=MEMORY)
    trace = tmp_path / "trace"
    answer = f"    import os\n    os.mkdir({str(trace)!r})\n    return 1"
    (refused,) = await verdicts(CODE, [(TASK, answer)], permission="off")
    assert isinstance(refused, Unscored)
    assert "BENCHMARK_CODE_EXECUTION=sandboxed" in refused.reason
    assert not trace.exists()


async def test_code_without_a_sandbox_says_so_and_keeps_its_limits(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    answers = [f"    import os\n    os.mkdir({str(trace)!r})\n    return 1", "    while True: pass"]
    open_air = await verdicts(CODE, [(TASK, answer) for answer in answers], permission="unconfined")
    assert [verdict.value for verdict in open_air if isinstance(verdict, Scored)] == [1, 0]
    assert [verdict.details for verdict in open_air] == [{"sandbox": "none"}] * 2
    assert trace.exists()
