"""A child process that answers questions one line at a time, and is killed when it does not.

For judging code that may hang, crash, eat memory or run what an agent wrote: it costs its own question, nothing
else. The child starts with the first question, has no environment variables of ours, and ends with its parent.
"""

import atexit
import json
import os
import selectors
import subprocess
import sys
import time
from threading import Lock
from typing import IO

from pydantic import JsonValue

START_LIMIT_S = 60.0
"""Importing a large library on a busy machine."""
ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class SideProcessFailed(Exception):
    """The child died, or was killed because it did not answer in time; the next question starts another."""


class SideProcess:
    """`module` is run with `python -m`; it writes one line when it is ready, then one line for each line it reads."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def ask(self, question: JsonValue, *, time_limit_s: float) -> JsonValue:
        """The child's answer; blocks, and takes one question at a time. Raises SideProcessFailed."""
        with self._lock:
            child = self._running()
            try:
                _pipe(child.stdin).write(json.dumps(question).encode() + b"\n")
                _pipe(child.stdin).flush()
            except OSError as error:
                self._kill()
                raise SideProcessFailed(f"The process of {self._module} had ended") from error
            return json.loads(self._line(child, time_limit_s))

    def close(self) -> None:
        with self._lock:
            self._kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._kill()
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-W", "ignore", "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
            atexit.register(self.close)
            self._line(self._child, START_LIMIT_S)
        return self._child

    def _line(self, child: subprocess.Popen[bytes], limit_s: float) -> bytes:
        """The child's next line. Kills it when none comes in time."""
        deadline = time.monotonic() + limit_s
        with selectors.DefaultSelector() as selector:
            selector.register(_pipe(child.stdout), selectors.EVENT_READ)
            while b"\n" not in self._unread:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                chunk = os.read(_pipe(child.stdout).fileno(), 65536) if ready else b""
                if not chunk:
                    self._kill()
                    raise SideProcessFailed("it ended without an answer" if ready else f"no answer in {limit_s:g} s")
                self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _kill(self) -> None:
        child, self._child, self._unread = self._child, None, b""
        if child is None:
            return
        atexit.unregister(self.close)
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # What was buffered for a dead child is lost with it.


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise SideProcessFailed("The process was started without pipes.")
    return pipe
