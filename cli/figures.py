"""Figures as people read them. What is not known is a dash, never a zero."""

from typing import Final

from core.metrics import Interval, Mean, Proportion

NOT_KNOWN: Final = "-"
NOTHING: Final = "< 1 ms"
"""A time that is too short to be told."""


def share(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.1%}"


def accuracy(proportion: Proportion | None, mean: Mean | None) -> str:
    """The share of right answers; for graded scores their mean, which is no percentage."""
    if proportion is not None:
        return share(proportion.value)
    return NOT_KNOWN if mean is None else f"{mean.value:.3f}"


def interval(proportion: Proportion | None, mean: Mean | None) -> str:
    if proportion is not None:
        return f"{proportion.low:.1%} to {proportion.high:.1%}"
    if mean is None or mean.low is None or mean.high is None:
        return NOT_KNOWN
    return f"{mean.low:.3f} to {mean.high:.3f}"


def with_interval(value: float | None, found: Interval | None) -> str:
    """A share, and below it its interval."""
    if value is None or found is None:
        return share(value)
    return f"{share(value)}\n{share(found.low)}-{share(found.high)}"


def seconds(value: float) -> str:
    """Milliseconds below one second."""
    if value >= 1:
        return f"{value:.1f} s"
    return f"{value * 1000:.0f} ms" if value >= 0.001 else NOTHING


def money(usd: float | None) -> str:
    """US dollars, with as many digits as small sums need."""
    if usd is None:
        return NOT_KNOWN
    return f"${usd:.2f}" if usd >= 1 or usd == 0 else f"${usd:.2g}"


def thousands(count: float | None) -> str:
    return NOT_KNOWN if count is None else f"{count:,.0f}"


def counted(count: int, thing: str) -> str:
    """`1 case`, `2,000 cases`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def factor(value: float | None, low: float | None, high: float | None) -> str:
    """How many times as much, with its interval."""
    if value is None:
        return NOT_KNOWN
    bounds = (NOT_KNOWN if bound is None else f"{bound:.2f}" for bound in (low, high))
    return f"x{value:.2f} ({' to '.join(bounds)})"


def rate(per_second: float | None) -> str:
    if per_second is None:
        return NOT_KNOWN
    return f"{per_second:.1f}" if per_second < 100 else f"{per_second:,.0f}"
