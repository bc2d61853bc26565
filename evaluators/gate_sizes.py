"""How many cases would decide a rule in doubt, if what was seen stays as it is: an order of magnitude to plan by."""

import math

from core.metrics import AgentMetrics, Mean, Proportion
from evaluators.statistics.proportions import cases_that_tell

DIGITS = 2
"""More would promise what nobody knows."""


def more_cases(found: Proportion | Mean | None, metrics: AgentMetrics | None, bound: float) -> str:
    """What would decide whether the figure is beyond the bound, as a message ends: with the number if it is known."""
    needed = None if metrics is None or found is None else cases_needed(found, metrics, bound)
    return "more cases would tell" if needed is None else would_tell(needed)


def cases_needed(found: Proportion | Mean, metrics: AgentMetrics, bound: float) -> int | None:
    """As many as the bound, which now lies in its interval, needs to lie outside; None where no number would do."""
    times = _times(found, bound)
    trials = 1 if metrics.trials is None else metrics.trials.most
    return None if times is None else math.ceil(times * found.n / trials)


def would_tell(cases: int) -> str:
    return f"if that stays, about {rounded_up(cases):,} cases would tell"


def rounded_up(count: int) -> int:
    """
    >>> [rounded_up(count) for count in (7, 62, 137, 9_604)]
    [7, 62, 140, 9700]
    """
    unit = 10 ** max(0, len(str(count)) - DIGITS)
    return -(-count // unit) * unit


def _times(found: Proportion | Mean, bound: float) -> float | None:
    """As many times as many cases; None where no number would tell."""
    if found.low is None or found.high is None or found.value == bound:
        return None
    if isinstance(found, Proportion):
        return cases_that_tell(found.value, found.low, found.high, bound=bound)
    half = found.value - found.low if found.value > bound else found.high - found.value
    return (half / (found.value - bound)) ** 2
