"""Figures as the report writes them. What is not known is a dash, never a zero."""

from datetime import datetime, timedelta
from typing import Final

from core.metrics import AgentMetrics, Mean, Proportion

NOT_KNOWN: Final = "\N{EN DASH}"
UNREADABLE: Final = {code: 0xFFFD for code in (*range(9), 11, 12, *range(14, 32), 127)}
"""Control characters, which HTML has no place for; a line feed, carriage return and tab are fine."""


def share(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.1%}"


def points(value: float | None) -> str:
    """A difference of shares, in points of a hundred."""
    return NOT_KNOWN if value is None else f"{value * 100:+.1f}".replace("-", "\N{MINUS SIGN}")


def seconds(value: float | None) -> str:
    if value is None:
        return NOT_KNOWN
    if value >= 1:
        return f"{value:,.1f} s"
    return f"{value * 1000:.0f} ms" if value >= 0.001 else "< 1 ms"


def dollars(value: float | None) -> str:
    """With as many digits as small sums need."""
    if value is None:
        return NOT_KNOWN
    if value >= 1 or value == 0:
        return f"${value:,.2f}"
    return f"${value:.{max(2, 2 - _exponent(value))}f}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".rpartition("e")[2]) + 1


def count(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,.0f}"


def reach(low: object, high: object) -> str:
    """An interval whose ends are told already."""
    return f"{low} to {high}"


def score(metrics: AgentMetrics | None) -> Proportion | Mean | None:
    """The figure an agent is judged by: its share of right answers, or its mean score where scores are graded."""
    return None if metrics is None else metrics.accuracy or metrics.score


def probability(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def moment(value: datetime | None) -> str:
    return NOT_KNOWN if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def duration(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return NOT_KNOWN
    whole = max(timedelta(0), end - start)
    if whole < timedelta(minutes=1):
        return f"{whole.total_seconds():.1f} s"
    minutes, rest = divmod(round(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def readable(text: str | None) -> str:
    """A text of anybody's as it may stand in HTML once it is escaped."""
    return "" if text is None else text.translate(UNREADABLE)
