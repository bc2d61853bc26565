"""The side processes of a worker: a bounded number, kept warm, replaced when one is lost."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from core.benchmarks import Evaluation
from core.plugins import CodeExecution, settings_of
from core.verdicts import Scored, Unscored
from evaluators.isolation.process import SideProcess
from evaluators.isolation.tries import Tries
from evaluators.isolation.wire import Judged, Limits

PATIENCE_S = 0.5
"""A busy process is waited for so long before another one is started."""


class SideProcesses:
    """Implements `core.ports.Isolation`. Make one per process and open it inside its event loop."""

    def __init__(
        self,
        *,
        most: int = 2,
        time_limit_s: float = 30.0,
        memory_bytes: int = 2 * 1024**3,
        code_execution: CodeExecution = "off",
    ) -> None:
        """`time_limit_s` is for one answer, `memory_bytes` the address space of one process, `code_execution` whether
        evaluators may run what agents wrote."""
        self._most = most
        self._time_limit_s = time_limit_s
        self._limits = Limits(parent=os.getpid(), memory_bytes=memory_bytes, code_execution=code_execution)
        self._idle: list[SideProcess] = []
        self._running = 0
        self._changed = asyncio.Condition()
        self._warming: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> "SideProcesses":
        self._warming = asyncio.create_task(self._warm())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end()

    async def judge(
        self, evaluation: Evaluation, answers: Sequence[Judged]
    ) -> AsyncGenerator[Sequence[Scored | Unscored]]:
        """Verdicts in the order of the answers, some at a time. Raises ServiceUnavailable when no process starts."""
        tries = Tries(self.leased, evaluation, self._time_limit_of(evaluation))
        async for verdicts in tries.verdicts(answers):
            yield verdicts

    @asynccontextmanager
    async def leased(self) -> AsyncGenerator[SideProcess]:
        """A process to oneself. One that was lost, or left at work, is ended."""
        process = await self._taken()
        try:
            yield process
        finally:
            await asyncio.shield(self._given_back(process))

    async def _taken(self) -> SideProcess:
        async with self._changed:
            if self._running and not self._idle:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE_S):
                        await self._changed.wait_for(lambda: self._idle)
            await self._changed.wait_for(lambda: self._idle or self._running < self._most)
            while self._idle:
                process = self._idle.pop()
                if not process.lost:
                    return process
                # It died with nothing to do, of what its last work left behind or by somebody's hand.
                self._running -= 1
                await process.end()
            self._running += 1
        try:
            return await SideProcess.start(self._limits)
        except BaseException:
            await self._released()
            raise

    async def _given_back(self, process: SideProcess) -> None:
        if process.lost or self._closing:
            await process.end()
            await self._released()
            return
        async with self._changed:
            self._idle.append(process)
            self._changed.notify_all()

    async def _released(self) -> None:
        async with self._changed:
            self._running -= 1
            self._changed.notify_all()

    async def _warm(self) -> None:
        """So that the first answer of a run does not wait for it."""
        async with self.leased():
            pass

    def _time_limit_of(self, evaluation: Evaluation) -> float:
        """The evaluator's own `time_limit_s`, if it has one, but never more than ours."""
        own = getattr(settings_of("evaluators", evaluation), "time_limit_s", None)
        return min(self._time_limit_s, own) if isinstance(own, int | float) else self._time_limit_s
