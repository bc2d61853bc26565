"""Lanes: how many calls to one agent may be in flight in this process.

The workflow shares an agent's concurrency out among the batches in flight, over all workers: each batch brings
its lanes along. Within a process the batches of an agent pool their lanes, so the slow last answers of one batch
leave no lane idle that another could use; and since a batch hands back as many as it brought before it ends,
the sum over all processes never exceeds the agent's concurrency.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Lanes:
    """A semaphore whose capacity can change; first come, first served."""

    def __init__(self) -> None:
        self.capacity = 0
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._changed = asyncio.Event()

    async def take(self) -> None:
        if self._in_use < self.capacity and not self._waiting:
            self._in_use += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        self._in_use -= 1
        self._let_in()
        self._changed.set()

    def _let_in(self) -> None:
        while self._waiting and self._in_use < self.capacity:
            turn = self._waiting.popleft()
            if not turn.done():
                self._in_use += 1
                turn.set_result(None)

    def widen(self, lanes: int) -> None:
        self.capacity += lanes
        self._let_in()

    async def narrow(self, lanes: int) -> None:
        """Takes lanes away and waits until they are free."""
        self.capacity -= lanes
        while self._in_use > self.capacity:
            self._changed.clear()
            await self._changed.wait()


class LanePool:
    """The lanes of every agent this process is asking, by (run, agent)."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[int, int], Lanes] = {}

    @asynccontextmanager
    async def joined(self, agent: tuple[int, int], lanes: int) -> AsyncGenerator[Lanes]:
        """The agent's lanes, widened by these while the block runs."""
        pool = self._lanes.setdefault(agent, Lanes())
        pool.widen(lanes)
        try:
            yield pool
        finally:
            await pool.narrow(lanes)
            if not pool.capacity:
                self._lanes.pop(agent, None)
