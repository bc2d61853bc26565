"""A child process that answers requests: JSON lines in, JSON lines out, matched by `id`, in any order."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count

import orjson
from pydantic import JsonValue

from adapters.agents.child_lines import Line, Tail, line_of
from adapters.network.transport import ANSWER_LIMIT
from core.errors import AgentRefused, AgentUnusable, BadAnswer, BenchmarkError, TimedOut, Unavailable

GRACE_S = 2.0
"""How long a child may take to end by itself after its input is closed."""
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
"""What a child sees of our environment: never the keys in it."""


class Child:
    """One running process and all it owes. Made by `start`; over when `ended`."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self._process = process
        self._name = name
        self._ids = count(1)
        self._owed: dict[str, asyncio.Future[Line]] = {}
        self._errors = Tail()
        self._strays = Tail()
        self._lines_heard = 0
        self.ended = False
        self.answered = 0
        self._readers = asyncio.gather(self._read_answers(), self._read_errors())

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str]) -> "Child":
        """Raises AgentUnusable when there is no such program or it may not be run."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=inherited | dict(environment),
                limit=ANSWER_LIMIT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise AgentUnusable(f"{command[0]!r} cannot be started: {error}.") from error
        return cls(process, command[0])

    async def ask(self, request: Mapping[str, JsonValue], timeout_s: float) -> Line:
        """The line that answers. Raises Unavailable when the process ends first, TimedOut, BadAnswer, AgentRefused."""
        name = str(next(self._ids))
        heard = self._lines_heard
        owed = self._owed[name] = asyncio.get_running_loop().create_future()
        try:
            line = encoded({"id": name} | dict(request))
            async with asyncio.timeout(timeout_s):
                await self._write(line)
                return await owed
        except TimeoutError as error:
            if self._lines_heard == heard:
                # Nothing at all since this was asked: it hangs, and would hang for everybody else too.
                self._kill()
            raise TimedOut(f"{self._name} gave no answer within {timeout_s:g} s.{self._evidence()}") from error
        finally:
            del self._owed[name]

    async def end(self) -> str:
        """Closes its input, waits, kills what is left of it, and reaps it. Gives how it ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._process.wait()
        if not self.ended:
            self._kill()
        await self._readers
        return self.death()

    def death(self) -> str:
        """How it ended and what it said last, in sentences."""
        status = self._process.returncode
        if status is None:
            how = "closed its output"
        elif status < 0:
            how = f"was ended by {signal.Signals(-status).name}"
        else:
            how = f"ended with status {status}"
        return f"{self._name} {how}.{self._evidence()}"

    async def _write(self, line: bytes) -> None:
        if self._process.stdin is None or self.ended:
            raise Unavailable(self.death())
        # A process that is ending breaks the pipe; what it owes is settled when its output ends.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(line)
            await self._process.stdin.drain()

    async def _read_answers(self) -> None:
        problem: BenchmarkError | None = None
        output = self._process.stdout
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:
                problem = BadAnswer(f"{self._name} wrote a line of more than {ANSWER_LIMIT} bytes.")
                break
            if not line:
                break
            self._lines_heard += 1
            self._settle(line_of(line))
        self._kill()
        await self._process.wait()
        self.ended = True
        for owed in self._owed.values():
            if not owed.done():
                owed.set_exception(problem or Unavailable(self.death()))

    async def _read_errors(self) -> None:
        while self._process.stderr is not None and (chunk := await self._process.stderr.read(65_536)):
            self._errors.add(chunk)

    def _settle(self, line: Line) -> None:
        owed = self._owed.get(line.id) if line.id is not None else None
        if owed is None or owed.done():
            self._strays.add(line.content)
            return
        self.answered += 1
        owed.set_result(line)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _evidence(self) -> str:
        said = self._errors.text()
        strays = self._strays.text()
        return (f" Its last words: {said}" if said else "") + (
            f" It also wrote lines that answer no question: {strays}" if strays else ""
        )


def encoded(request: Mapping[str, JsonValue]) -> bytes:
    try:
        return orjson.dumps(request) + b"\n"
    except TypeError as error:
        raise AgentRefused(f"This question cannot be sent as JSON: {error}.") from error
