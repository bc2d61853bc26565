"""Budgeting: whether a run may send another call, asked of the record before each one."""

import asyncio
import time

from core.ports import Budgets
from core.work import Share

UNLIMITED_S = 5.0
"""How old a look at the record may be where there is no budget: somebody may give it one."""


class OverBudget(Exception):
    """Nothing more may be spent; says of what."""


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
