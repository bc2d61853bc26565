"""One side process as the worker sees it: started, sent work, and killed when it does not answer in time."""

import asyncio
import os
import signal
import sys
from contextlib import suppress

from pydantic import ValidationError

from core.errors import ServiceUnavailable
from core.verdicts import Scored, Unscored
from evaluators.isolation.program import OUT_OF_MEMORY
from evaluators.isolation.wire import HEADER, LARGEST_FRAME, VERDICTS, Limits, Work, framed

START_LIMIT_S = 60.0
"""Importing large libraries on a busy machine."""
DYING_S = 2.0
ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Lost(Exception):
    """The process died or was killed over its work. The text ends a sentence that begins with "it"."""

    def __init__(self, detail: str, *, hung: bool = False) -> None:
        super().__init__(detail)
        self.hung = hung


class SideProcess:
    """One running child. Made by `start`; of no use any more once it is `lost`."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._at_work = False

    @classmethod
    async def start(cls, limits: Limits) -> "SideProcess":
        """It finds modules and plugins where we find them. Raises ServiceUnavailable."""
        path = os.pathsep.join(folder for folder in sys.path if folder)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-W", "ignore", "-m", "evaluators.isolation"),
                limits.model_dump_json(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=ENVIRONMENT | {"PYTHONPATH": path},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceUnavailable(f"A process that judges answers cannot be started: {error}.") from error
        started = cls(process, limits)
        try:
            await started._frame(START_LIMIT_S)
        except BaseException as error:
            await started.end()
            if isinstance(error, Lost):
                raise ServiceUnavailable(f"A process that judges answers did not start: {error}.") from error
            raise
        return started

    @property
    def lost(self) -> bool:
        """Whether it ended, or was left in the middle of its work."""
        return self._at_work or self._process.returncode is not None

    async def judge(self, work: Work, found: list[Scored | Unscored], *, time_limit_s: float) -> None:
        """Appends the verdicts to `found`, in order, as they come. Raises Lost, without those that are missing."""
        self._at_work = True
        missing = len(work.answers)
        await self._send(work.model_dump_json().encode())
        await self._frame(START_LIMIT_S)
        while missing:
            verdicts = await self._frame(time_limit_s)
            if len(verdicts) > missing:
                raise Lost("gave more verdicts than there are answers")
            found += verdicts
            missing -= len(verdicts)
        self._at_work = False

    async def end(self) -> None:
        """Kills it and what it started, and reaps it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        # A process that is ending breaks the pipe, and one that hangs does not read: what comes back tells which.
        with suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            self._process.stdin.write(framed(content))
            async with asyncio.timeout(START_LIMIT_S):
                await self._process.stdin.drain()

    async def _frame(self, limit_s: float) -> tuple[Scored | Unscored, ...]:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(limit_s):
                (size,) = HEADER.unpack(await self._process.stdout.readexactly(HEADER.size))
                if size > LARGEST_FRAME:
                    raise Lost("wrote something that is no verdict")
                return VERDICTS.validate_json(await self._process.stdout.readexactly(size))
        except TimeoutError as error:
            raise Lost(f"gave no verdict within {limit_s:g} s", hung=True) from error
        except asyncio.IncompleteReadError as error:
            raise Lost(await self._death()) from error
        except ValidationError as error:
            raise Lost("wrote something that is no verdict") from error

    async def _death(self) -> str:
        # Its output ends a little before it does: how it ends by itself says more.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), DYING_S)
        await self.end()
        status = self._process.returncode or 0
        if status == OUT_OF_MEMORY:
            return f"needed more than {self._limits.memory_bytes / 1024**3:g} GiB of memory"
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
