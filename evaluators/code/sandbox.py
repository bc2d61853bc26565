"""Running one program that nobody vouches for: in a process of its own, within limits, to its end or to ours."""

import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue

from core.plugins import CodeExecution
from evaluators.code import bubblewrap

Walls = Literal["bubblewrap", "none"]
RUNNER = Path(__file__).with_name("runner.py")
MOST_OUTPUT = 64 * 1024
"""Bytes that are read of a program that found the way out."""
MOST_PROCESSES = 16
MOST_FILES = 64
LARGEST_FILE = 16 * 1024**2
START_LIMIT_S = 30.0
"""How long the sandbox itself may take to start, on a busy machine."""


class NoSandbox(Exception):
    """Code cannot be run here as the operator wants it run. The text is a sentence that says what would help."""


class Heard(NamedTuple):
    """What came out of a process until it ended, or until nobody listened any more."""

    output: bytes
    errors: bytes
    cut: str
    """Why nobody did; empty if it ended."""


class Ending(NamedTuple):
    """How a program ended."""

    passed: bool
    trouble: str
    """What it ended with if it did not pass."""
    result: float | None
    """The number that was asked for, if the program has it."""
    walls: Walls


def run_program(
    program: str, *, permission: CodeExecution, limit_s: float, memory_bytes: int, result: str | None = None
) -> Ending:
    """Blocks until the program and everything it started is gone. `result` names the variable that ends as a number
    to be told. Raises NoSandbox."""
    walls = _walls(permission)
    if walls == "bubblewrap":
        return _ended(program, walls, limit_s, memory_bytes, result, folder="/")
    # Named, because looking for a place would mean writing a file, which a side process may not.
    with tempfile.TemporaryDirectory(prefix="benchmark-code-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        return _ended(program, walls, limit_s, memory_bytes, result, folder)


@cache
def check_sandbox(permission: CodeExecution) -> None:
    """Raises NoSandbox where not even a program that does nothing can be run."""
    run_program("pass", permission=permission, limit_s=30, memory_bytes=512 * 1024**2)


def _walls(permission: CodeExecution) -> Walls:
    if permission == "off":
        raise NoSandbox("Code is not run here; the operator can set BENCHMARK_CODE_EXECUTION=sandboxed.")
    if permission == "unconfined":
        return "none"
    if bubblewrap.find_bubblewrap() is None:
        raise NoSandbox(
            "There is no sandbox on this machine: install bubblewrap, or ai-benchmark-service[code]. "
            "BENCHMARK_CODE_EXECUTION=unconfined runs code without a sandbox."
        )
    return "bubblewrap"


def _command(walls: Walls) -> list[str]:
    python = bubblewrap.python_inside() if walls == "bubblewrap" else sys.executable
    command = [python, "-I", "-S", "-B", "-c", RUNNER.read_text()]
    program = bubblewrap.find_bubblewrap()
    return bubblewrap.confined(program, command) if walls == "bubblewrap" and program else command


def _ended(program: str, walls: Walls, limit_s: float, memory_bytes: int, result: str | None, folder: str) -> Ending:
    token = secrets.token_hex()
    given: dict[str, JsonValue] = {
        "token": token,
        "program": program,
        "result": result,
        "limits": _limits(limit_s, memory_bytes),
        "user": bubblewrap.user_inside() if walls == "bubblewrap" else None,
    }
    with subprocess.Popen(
        _command(walls),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            heard = _heard(process, json.dumps(given).encode() + b"\n", limit_s)
        finally:
            # Whatever it started is in its group, or, in a sandbox, ends with it wherever it is.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Ending(*_judged(heard, token, process.returncode), walls)


def _limits(limit_s: float, memory_bytes: int) -> dict[str, JsonValue]:
    return {
        "RLIMIT_CPU": int(limit_s) + 1,
        "RLIMIT_AS": memory_bytes,
        "RLIMIT_NPROC": MOST_PROCESSES,
        "RLIMIT_NOFILE": MOST_FILES,
        "RLIMIT_FSIZE": LARGEST_FILE,
        "RLIMIT_CORE": 0,
    }


def _heard(process: subprocess.Popen[bytes], given: bytes, limit_s: float) -> Heard:
    """The clock starts when the runner says so."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    heard = {process.stdout.fileno(): b"", process.stderr.fileno(): b""}
    output, errors = heard
    deadline = time.monotonic() + START_LIMIT_S
    started = False
    with suppress(BrokenPipeError):
        process.stdin.write(given)
        process.stdin.close()
    with selectors.DefaultSelector() as selector:
        for number in heard:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                return Heard(heard[output], heard[errors], f"ran longer than {limit_s:g} s")
            if len(heard[output]) + len(heard[errors]) > MOST_OUTPUT:
                return Heard(heard[output], heard[errors], f"wrote more than {MOST_OUTPUT} bytes into our channel")
            for key, _ in ready:
                chunk = os.read(key.fd, 8192)
                heard[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
            if not started and b"\n" in heard[output]:
                started, deadline = True, time.monotonic() + limit_s
    return Heard(heard[output], heard[errors], "")


def _judged(heard: Heard, token: str, status: int) -> tuple[bool, str, float | None]:
    begun, _, said = heard.output.partition(b"\n")
    if begun != b"begun":
        what = heard.cut or heard.errors.decode(errors="replace").strip()[-500:] or f"status {status}"
        raise NoSandbox(
            f"The sandbox of this machine does not start ({what}): bubblewrap needs user namespaces, or root. "
            "BENCHMARK_CODE_EXECUTION=unconfined runs code without a sandbox."
        )
    try:
        line: Any = json.loads(said.partition(b"\n")[0])
        told = line["token"] == token
    except (ValueError, TypeError, KeyError, RecursionError):
        line, told = None, False
    if told:
        return line["trouble"] is None, str(line["trouble"] or ""), line["result"]
    if heard.cut:
        return False, heard.cut, None
    # A sandbox gives the signal that ended its program as a shell does.
    number = -status if status < 0 else status - 128
    if number in set(signal.Signals):
        return False, f"was ended by {signal.Signals(number).name}", None
    return False, f"left with status {status} before its tests were through", None
