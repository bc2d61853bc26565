"""Lanes: how many calls to one agent may be in flight in this process, and how many may stand claimed in line for one.

The workflow shares an agent's concurrency out among the batches in flight, over all workers: each batch brings
its lanes along. Within a process the batches of an agent pool their lanes, so the slow last answers of one batch
leave no lane idle that another could use; and since a batch hands back as many as it brought before it ends,
the sum over all processes never exceeds the agent's concurrency.

A call may be sent only once its claim is committed. So that no lane waits for that, a few questions claim ahead and
stand in line; a crash therefore leaves at most `capacity + ahead(capacity)` claims open, of which `capacity` were sent.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType

LANES_PER_PLACE = 8
"""For so many lanes one question may stand in line: enough for the answers that arrive while a claim is committed."""


def ahead(capacity: int) -> int:
    """How many questions may have claimed a call without having a lane."""
    return -(-capacity // LANES_PER_PLACE)


class Gate:
    """A semaphore whose capacity can change; first come, first served."""

    def __init__(self) -> None:
        self.capacity = 0
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._changed = asyncio.Event()

    async def enter(self) -> None:
        if self._inside < self.capacity and not self._waiting:
            self._inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self._inside -= 1
        self._let_in()
        self._changed.set()

    def resize(self, capacity: int) -> None:
        self.capacity = capacity
        self._let_in()

    async def settled(self) -> None:
        """Returns when no more are inside than the capacity allows."""
        while self._inside > self.capacity:
            self._changed.clear()
            await self._changed.wait()

    def _let_in(self) -> None:
        while self._waiting and self._inside < self.capacity:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)


class Lanes:
    """One agent's lanes in this process, and the line in front of them."""

    def __init__(self) -> None:
        self.line = Gate()
        """Passed before a call is claimed, left when it is over."""
        self.calls = Gate()
        """Passed before a call is sent, left when it is over."""

    @property
    def capacity(self) -> int:
        return self.calls.capacity

    def widen(self, lanes: int) -> None:
        self._resize(self.capacity + lanes)

    async def narrow(self, lanes: int) -> None:
        """Takes lanes away and waits until they are free."""
        self._resize(self.capacity - lanes)
        await self.calls.settled()

    def _resize(self, capacity: int) -> None:
        self.line.resize(capacity + ahead(capacity))
        self.calls.resize(capacity)


class Turn:
    """One question's way through: in line since it was made, on a lane from `begin` until `end` or the block's end."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._began = self._over = False
        self._since = time.perf_counter()
        self.waited_s = 0.0

    async def begin(self) -> None:
        """Waits for a lane, unless it has one already."""
        if not self._began:
            await self._lanes.calls.enter()
            self._began = True
            self.waited_s = time.perf_counter() - self._since

    def step_aside(self) -> None:
        """Gives the lane back, but not the place in line: while a call waits for admission, others may use the lane."""
        if self._began and not self._over:
            self._began = False
            self._lanes.calls.leave()

    def end(self) -> None:
        """No more calls: the next question may have the lane."""
        if self._over:
            return
        self._over = True
        if self._began:
            self._lanes.calls.leave()
        self._lanes.line.leave()

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


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
