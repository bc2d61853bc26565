"""What runs cost together: sums over benchmarks and agents since a day."""

from datetime import datetime

from core.model import Model


class RunsOfName(Model):
    """All runs of one name."""

    name: str
    runs: int
    completed: int
    newest: datetime


class Spending(Model):
    """Of one agent of one benchmark, over its runs of a period."""

    benchmark: str
    agent_id: str
    runs: int
    calls: int
    tokens: int
    usd: float
    """What its answers cost, where prices are known."""
    judging_usd: float
    """What judges of its answers cost; no part of `usd`."""
    unpriced: int
    """Answers without a known price, its own and its judges'."""


class DailySpending(Model):
    day: datetime
    """Its beginning, UTC."""
    usd: float
    """Answers and judges together."""
    runs: int
