"""The desk of one provider key in this process: who waits, what is out, what was granted, what there is to report."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog

from activities.tally import Tally
from core.errors import QuotaExhausted, ServiceUnavailable, Unavailable
from core.limits import Allowance, Asker, Demand, Grant, ProviderKey, Report
from core.ports import SharedLimits

SHORTEST_S: Final = 0.02
"""Between two reports, whatever happened."""
LINGER_S: Final = 1.5
"""A run whose batch has ended stays that long: another batch follows, as a rule."""
AGAIN_S: Final = 1.0
"""Until the next report when one could not be made."""
BEHIND_S: Final = 0.01
"""A timer may ring so late without a call losing its time."""
FEWER: Final = "The provider asks for fewer requests."
LATER: Final = Allowance(interval_s=AGAIN_S)
NOTHING: Final = Grant(calls=0)

logger = structlog.get_logger(__name__)


@dataclass(eq=False)
class Waiter:
    since: float
    not_before: float
    trouble_since: float
    """Since when its question has had trouble with the provider."""
    in_trouble: bool
    """Whether it has had any: otherwise it waits for its turn, however long that takes."""
    admitted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Patience(NamedTuple):
    """For how many seconds a question waits for a provider in trouble."""

    with_known: float
    """With one that has answered before."""
    with_strangers: float
    """With one that has not: the mistake is more likely ours."""


@dataclass(eq=False)
class Queue:
    """One run's calls at this desk."""

    asker: Asker
    joined: int = 0
    left_at: float = 0.0
    waiters: deque[Waiter] = field(default_factory=deque[Waiter])
    in_flight: int = 0
    used: int = 0
    grant: Grant = NOTHING
    left: int = 0
    """Of the granted calls."""

    @property
    def may_begin(self) -> bool:
        """Whether it has the right to another call, now or a little later."""
        enough = self.grant.calls is None or self.left > 0
        return enough and (self.grant.in_flight is None or self.in_flight < self.grant.in_flight)

    def first(self, now: float) -> Waiter | None:
        """Who is next in line, of those whose own pause is over."""
        return next((each for each in self.waiters if each.not_before <= now and not each.admitted.done()), None)

    def begin(self) -> None:
        self.in_flight += 1
        self.used += 1
        self.left = max(self.left - 1, 0)

    def let_in(self, waiter: Waiter) -> None:
        self.waiters.remove(waiter)
        self.begin()
        waiter.admitted.set_result(None)

    def demand(self, now: float) -> Demand:
        oldest = self.waiters[0].since if self.waiters else now
        return Demand(
            asker=self.asker,
            waiting=len(self.waiters),
            in_flight=self.in_flight,
            used=self.used,
            unused=self.left,
            waited_s=max(now - oldest, 0.0),
        )


class Desk:
    def __init__(self, key: ProviderKey, limits: SharedLimits, owner: str, *, patience: Patience) -> None:
        self.key = key
        self.allowance = LATER
        self.queues: dict[str, Queue] = {}
        self.tally = Tally()
        self.waited_s = 0.0
        """All waiting there ever was, of calls that were admitted."""
        self.probing = 0
        """Calls out that find out whether the provider is back."""
        self._limits = limits
        self._owner = owner
        self._patience = patience
        self._spacing_s = self._next_at = 0.0
        self._nudged = asyncio.Event()
        self._heard = asyncio.Event()
        self._reporting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @asynccontextmanager
    async def open_for(self, asker: Asker) -> AsyncGenerator[Queue]:
        """The asker's queue; calls may pass while the block runs. Waits for the first word of the others."""
        queue = self.queues.setdefault(asker.run_id, Queue(asker))
        queue.joined += 1
        queue.asker = asker
        try:
            if self._reporting is None:
                self._reporting = asyncio.create_task(self._report_on())
            if self.allowance is LATER or self.allowance.exhausted is not None:
                self._heard.clear()
                self._nudged.set()
                await self._heard.wait()
            yield queue
        finally:
            queue.joined -= 1
            queue.left_at = self.now

    async def aclose(self) -> None:
        """Takes leave of the others. Nobody waits any more."""
        self.queues.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._reporting is not None:
            self._nudged.set()
            await self._reporting

    def pass_by(self, queue: Queue, waiter: Waiter) -> bool:
        """Whether the call may begin at once. Raises QuotaExhausted."""
        if self.allowance.exhausted is not None:
            raise QuotaExhausted(self.allowance.exhausted)
        if not self.allowance.free or queue.waiters or waiter.not_before > waiter.since:
            return False
        queue.begin()
        return True

    async def admit(self, queue: Queue, waiter: Waiter) -> None:
        """Returns when the call may begin. Raises QuotaExhausted, and Unavailable when patience ends."""
        queue.waiters.append(waiter)
        self._dispatch()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter.admitted.done() and not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
                self.leave(queue)
            raise
        finally:
            if waiter in queue.waiters:
                queue.waiters.remove(waiter)
        self.waited_s += self.now - waiter.since

    def leave(self, queue: Queue) -> None:
        """A call is over."""
        queue.in_flight -= 1
        if queue.waiters:
            self._dispatch()

    def nudge(self) -> None:
        """Something happened that all should know soon."""
        self._nudged.set()

    @property
    def patience_s(self) -> float:
        return self._patience.with_known if self.allowance.proven else self._patience.with_strangers

    def _dispatch(self) -> None:
        """Admits whose time has come, and sets a timer for the next one."""
        now = self.now
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while (queue := self._next_queue(now)) is not None:
            waiter = queue.first(now)
            assert waiter is not None
            if queue.left and not self.allowance.free:
                if self._next_at > now:
                    self._wake_at(self._next_at)
                    return
                self._next_at = max(self._next_at, now - BEHIND_S) + self._spacing_s
            queue.let_in(waiter)
        pauses = [waiter.not_before for queue in self.queues.values() for waiter in queue.waiters]
        if (soonest := min((at for at in pauses if at > now), default=None)) is not None:
            self._wake_at(soonest)

    def _wake_at(self, moment: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(moment, self._dispatch)

    def _next_queue(self, now: float) -> Queue | None:
        """Of the queues with somebody to let in, the one with the most calls left."""
        able = [
            queue
            for queue in self.queues.values()
            if queue.waiters and (self.allowance.free or queue.may_begin) and queue.first(now) is not None
        ]
        return max(able, key=lambda queue: queue.left, default=None)

    async def _report_on(self) -> None:
        while self.queues:
            began = self.now
            for run_id, queue in tuple(self.queues.items()):
                if not queue.joined and began - queue.left_at > LINGER_S:
                    del self.queues[run_id]
            self._nudged.clear()
            interval_s = await self._tried()
            try:
                async with asyncio.timeout(interval_s):
                    await self._nudged.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(max(SHORTEST_S - (self.now - began), 0.0))
        self._reporting = None
        self.allowance = LATER
        await self._tried()

    async def _tried(self) -> float:
        """An exchange that may fail: trouble is logged and tried again, for without reports nobody is let in again."""
        try:
            return await self._exchanged()
        except Exception:
            logger.exception("limits_failed", key=self.key.label)
            return AGAIN_S

    async def _exchanged(self) -> float:
        """Reports, and acts on what it hears; the seconds until the next report."""
        now, tally = self.now, self.tally
        report = Report(
            owner=self._owner,
            demands=tuple(queue.demand(now) for queue in self.queues.values()),
            probing=self.probing > 0,
            **tally.fields(),
        )
        used = {run_id: (queue.used, queue.left) for run_id, queue in self.queues.items()}
        for queue in self.queues.values():
            # What is given back must not be used while the answer is on its way.
            queue.left = 0
        try:
            allowance = await self._limits.exchange(self.key, report)
        except ServiceUnavailable as error:
            logger.warning("limits_away", key=self.key.label, error=str(error))
            for run_id, (_, left) in used.items():
                self._restore(run_id, left)
            return AGAIN_S
        tally.forget(report)
        for run_id, (begun, _) in used.items():
            if run_id in self.queues:
                self.queues[run_id].used -= begun
        self._hear(allowance)
        return allowance.interval_s

    def _restore(self, run_id: str, left: int) -> None:
        if run_id in self.queues:
            self.queues[run_id].left = left

    def _hear(self, allowance: Allowance) -> None:
        now = self.now
        self.allowance = allowance
        self.tally.turn_to(allowance.epoch)
        for run_id, queue in self.queues.items():
            queue.grant = allowance.grants.get(run_id, NOTHING)
            queue.left = queue.grant.calls or 0
            self._dismiss(queue, allowance, now)
        total = sum(queue.left for queue in self.queues.values())
        self._spacing_s = allowance.interval_s / total if total else 0.0
        self._next_at = min(max(self._next_at, now), now + self._spacing_s)
        self._heard.set()
        self._dispatch()

    def _dismiss(self, queue: Queue, allowance: Allowance, now: float) -> None:
        """Sends away who need not wait any longer."""
        for waiter in tuple(queue.waiters):
            if waiter.admitted.done():
                continue
            if allowance.exhausted is not None:
                waiter.admitted.set_exception(QuotaExhausted(allowance.exhausted))
            elif now - waiter.trouble_since > self.patience_s and (allowance.reason or waiter.in_trouble):
                waiter.admitted.set_exception(Unavailable(allowance.reason or FEWER))
