"""Answers of the API about budgets, written by `python -m tests.benchmark_client.generation`."""

from typing import Literal

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import Budget
from benchmark_client.models.runs import BudgetsSpent


class Account(Answer):
    """A budget and what was spent of it."""

    whose: Literal["run", "project"] | str
    budget: Budget
    spent: BudgetsSpent
    judging: BudgetsSpent
    revision: int | None = None


class Accounts(Answer):
    """What limits the run, and what it has spent."""

    accounts: tuple[Account, ...]
    spent: BudgetsSpent
