"""Admission: before a call is claimed and sent, it waits here until its provider key has room for it.

One desk per key and process hands out what the process was granted, evenly over time; where nothing limits, a call
passes without waiting. Twice a second, or sooner when something happened, a desk tells the others (by way of
`core.ports.SharedLimits`) what it saw and wants, and hears what it may do next.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from activities.desk import Desk, Patience, Queue, Waiter
from activities.ticket import Ticket
from core.benchmarks import AgentSpec
from core.errors import BenchmarkError, KeyRefused, QuotaExhausted, Throttled, TimedOut, Unavailable
from core.limits import Asker, ProviderKey
from core.ports import ProviderKeys, SharedLimits

PATIENCE_WITH_STRANGERS_S = 10.0
"""So long a question waits for a provider in trouble that never answered: the mistake is more likely ours."""


class Withdrawn(Exception):
    """The batch was told to stop before the call was admitted."""


class Desks:
    """The desks of this process, which `owner` names.

    For `patience_s` seconds a question waits for a provider that throttles, is broken or refuses its key, if it ever
    answered; such waits do not count as tries of the question. A provider that asks to wait for longer than
    `longest_wait_s` seconds is taken to have nothing left.
    """

    def __init__(self, limits: SharedLimits, *, owner: str, patience_s: float, longest_wait_s: float) -> None:
        self._limits = limits
        self._owner = owner
        self._patience = Patience(patience_s, min(patience_s, PATIENCE_WITH_STRANGERS_S))
        self._longest_wait_s = longest_wait_s
        self.desks: dict[str, Desk] = {}

    @asynccontextmanager
    async def joined_at(
        self, key: ProviderKey | None, asker: Asker, stop: asyncio.Event
    ) -> AsyncGenerator["Admission"]:
        """Admission by this key for calls of the asker, while the block runs; where there is no key, at once."""
        if key is None:
            yield Admission(None, None, longest_wait_s=self._longest_wait_s)
            return
        desk = self.desks.get(key.key_id)
        if desk is None:
            desk = self.desks[key.key_id] = Desk(key, self._limits, self._owner, patience=self._patience)
        async with desk.open_for(asker) as queue:
            admission = Admission(desk, queue, longest_wait_s=self._longest_wait_s)
            stopping = asyncio.create_task(admission.withdraw_when(stop))
            try:
                yield admission
            finally:
                stopping.cancel()

    async def aclose(self) -> None:
        """Gives back what this process was granted."""
        desks, self.desks = self.desks, {}
        for desk in desks.values():
            await desk.aclose()


class Limiter(Desks):
    """The desks, found by whom is to be asked."""

    def __init__(
        self, keys: ProviderKeys, limits: SharedLimits, *, owner: str, patience_s: float, longest_wait_s: float
    ) -> None:
        super().__init__(limits, owner=owner, patience_s=patience_s, longest_wait_s=longest_wait_s)
        self._keys = keys

    @asynccontextmanager
    async def joined(self, spec: AgentSpec, asker: Asker, stop: asyncio.Event) -> AsyncGenerator["Admission"]:
        """Admission to this agent's provider for calls of the asker, while the block runs."""
        async with self.joined_at(await self._keys.key_of(spec), asker, stop) as admission:
            yield admission


class Admission:
    """One batch's way past the desk of its provider key; without a key nothing holds it up."""

    def __init__(self, desk: Desk | None, queue: Queue | None, *, longest_wait_s: float) -> None:
        self._desk = desk
        self._queue = queue
        self._longest_wait_s = longest_wait_s
        self._waiting: set[Waiter] = set()
        self._stopped = False

    async def admit(self, *, trouble_s: float = 0.0, pause_s: float = 0.0) -> Ticket:
        """The right to one call, not before `pause_s` seconds.

        For `trouble_s` seconds the question has had trouble with the provider. Raises Withdrawn, QuotaExhausted,
        and Unavailable when the provider's trouble outlasts patience.
        """
        if self._desk is None or self._queue is None:
            return Ticket(None, None)
        now = self._desk.now
        waiter = Waiter(now, now + pause_s, now - trouble_s, in_trouble=trouble_s > 0)
        if self._stopped:
            raise Withdrawn
        if not self._desk.pass_by(self._queue, waiter):
            self._waiting.add(waiter)
            try:
                await self._desk.admit(self._queue, waiter)
            finally:
                self._waiting.discard(waiter)
        return Ticket(self._desk, self._queue)

    def excuses(self, error: BenchmarkError, ticket: Ticket, *, trouble_s: float) -> bool:
        """Whether the question should be asked again as if this call had not been: the limit or the provider's trouble
        is to blame, and patience has not ended."""
        if self._desk is None or trouble_s > self._desk.patience_s:
            return False
        if isinstance(error, Throttled):
            return True
        if isinstance(error, KeyRefused):
            return self._desk.allowance.proven
        return isinstance(error, Unavailable | TimedOut) and (ticket.probes or self._desk.allowance.broken)

    def weighed(self, error: BenchmarkError) -> BenchmarkError:
        """The error; QuotaExhausted in the place of a request to wait that is beyond all measure."""
        wait_s = error.retry_after if isinstance(error, Throttled) else None
        if wait_s is None or wait_s <= self._longest_wait_s:
            return error
        return QuotaExhausted(f"{str(error).rstrip('.')}. The provider asks to wait for {wait_s:,.0f} seconds.")

    async def withdraw_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopped = True
        for waiter in tuple(self._waiting):
            if not waiter.admitted.done():
                waiter.admitted.set_exception(Withdrawn())
