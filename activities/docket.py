"""The docket of a batch: verdicts on their way into the record, written down in groups."""

import asyncio
import time
from collections.abc import Sequence

from core.ports import Verdicts
from core.work import BatchVerdict, Share

WRITE_EVERY_S = 2.0
"""A crash costs so much of our own judging at most; one write for many verdicts costs little."""


class Docket:
    def __init__(self, verdicts: Verdicts, share: Share, *, primary: str) -> None:
        self._verdicts = verdicts
        self._share = share
        self._primary = primary
        self._waiting: list[BatchVerdict] = []
        self._written_at = time.monotonic()
        self._writing = asyncio.Lock()
        self.evaluated = 0
        """Answers that got their first verdict of the primary evaluator."""

    async def add(self, verdicts: Sequence[BatchVerdict]) -> None:
        """Keeps them, and writes what is kept if it is time."""
        self._waiting += verdicts
        if time.monotonic() - self._written_at > WRITE_EVERY_S:
            await self.flush()

    async def keep(self, verdicts: Sequence[BatchVerdict]) -> None:
        """As `add`, for what was paid for: returns when it is durable. What comes during a write goes with the next."""
        self._waiting += verdicts
        async with self._writing:
            await self.flush()

    async def flush(self) -> None:
        """Returns when what was added before is durable."""
        waiting, self._waiting = self._waiting, []
        self._written_at = time.monotonic()
        if waiting:
            self.evaluated += await self._verdicts.record(self._share, waiting, primary=self._primary)
