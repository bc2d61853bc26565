"""When a provider wants to be asked again, from the headers of its answer (RFC 9110, 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

LONGEST_S = 86_400.0
"""Nobody means more than a day; a far date is a mistake or a quota."""


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds from now, 0 or more; None when the provider does not say, or not in a way that can be read.

    `retry-after-ms` (OpenAI's) goes before `Retry-After`, which is seconds or an HTTP date.
    """
    seconds = _number(headers.get("retry-after-ms"))
    if seconds is not None:
        return _bounded(seconds / 1000)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is None and text:
        seconds = _until(text, now or datetime.now(UTC))
    return None if seconds is None else _bounded(seconds)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_S)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
