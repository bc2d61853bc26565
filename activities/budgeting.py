"""Budgeting: whether a run may send another call, asked of the record before each one, and what judging costs it."""

import asyncio
import time
from contextvars import ContextVar

from activities.admission import Withdrawn
from core.budgets import Spent
from core.errors import OverBudget
from core.ports import Budgets
from core.work import Share

UNLIMITED_S = 5.0
"""How old a look at the record may be where there is no budget: somebody may give it one."""


class BudgetGate:
    """One run's, in this process. Every call is preceded by a look at what all processes have spent by then; calls that
    wait together share one. So when a budget is spent, only what is in flight can still add to it."""

    def __init__(self, budgets: Budgets, share: Share) -> None:
        self._budgets = budgets
        self._share = share
        self._looking = asyncio.Lock()
        self._began_at = float("-inf")
        """When the last look began."""
        self.limited = True
        """Whether there is a budget: then an answer's price must be known before the next call."""
        self._refusal: str | None = None

    async def refusal(self) -> str | None:
        """Why nothing more may be spent, in a sentence; None while something may."""
        asked_at = time.monotonic()
        if self.limited or asked_at - self._began_at > UNLIMITED_S:
            async with self._looking:
                if self._began_at <= asked_at:
                    await self._look()
        return self._refusal

    async def _look(self) -> None:
        began_at = time.monotonic()
        accounts = await self._budgets.accounts(self._share.run_id)
        self._refusal = next((account.refusal for account in accounts if account.refusal is not None), None)
        self.limited = bool(accounts)
        self._began_at = began_at


class Till:
    """What judging an agent's answers costs, on its way into the record."""

    def __init__(self, budgets: Budgets, share: Share) -> None:
        self._budgets = budgets
        self._share = share
        self._writing = asyncio.Lock()
        self._taken = Spent()

    def take(self, spent: Spent) -> None:
        self._taken = self._taken.plus(spent)

    async def settle(self) -> None:
        """Returns when what was taken before is written down. What is taken together is written together."""
        async with self._writing:
            taken, self._taken = self._taken, Spent()
            if taken.calls:
                await self._budgets.charge(self._share, taken)


class Purse:
    """What judging one answer may spend. A judgement that has begun is finished, whatever the budget says: half of one
    is worth nothing, and would be bought again. Once it is told to stop, nothing more is bought."""

    def __init__(self, gate: BudgetGate, till: Till, stop: asyncio.Event) -> None:
        self._gate = gate
        self._till = till
        self.stop = stop
        self._begun = False
        self.refusal: str | None = None
        """Why it may not begin, if that turned out."""
        self.withdrawn = False
        """Whether a call of it was not let through, for it was told to stop."""

    async def open(self) -> None:
        """Before each call. Raises Withdrawn, OverBudget."""
        if self.stop.is_set():
            self.withdrawn = True
            raise Withdrawn
        if self._begun:
            return
        refusal = await self._gate.refusal()
        if refusal is not None and not self._begun:
            self.refusal = refusal
            raise OverBudget(refusal)
        self._begun = True

    async def pay(self, spent: Spent) -> None:
        """After each call. With a budget it returns when the price is written down, for the next call looks there."""
        self._till.take(spent)
        if self._gate.limited:
            await self._till.settle()


PURSE: ContextVar[Purse | None] = ContextVar("purse", default=None)
"""Of the answer that is judged: evaluators that ask others know nothing of money. None: nobody keeps count."""
