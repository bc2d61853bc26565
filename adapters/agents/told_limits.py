"""What providers tell of their limits in the headers of every answer.

OpenAI's names (platform.openai.com/docs/guides/rate-limits), which many compatible servers use too, and Anthropic's
(platform.claude.com/docs/en/api/rate-limits). Limits are per minute; some servers mean a day by `requests`, which only
makes the limit looser than it is.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Final, NamedTuple

from core.limits import Told

LONGEST_EMPTY_S: Final = 60.0
"""A limit per minute is full again by then, whatever is said."""
UNITS_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Names(NamedTuple):
    limit: str
    remaining: str
    reset: str


REQUESTS: Final = (
    Names("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    Names(
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
)
TOKENS: Final = (
    Names("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    Names(
        "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"
    ),
)


def told_limits(headers: Mapping[str, str], *, now: datetime | None = None) -> Told | None:
    """None when the headers tell nothing that can be read. `headers` ignores case."""
    requests = next((names for names in REQUESTS if names.limit in headers), None)
    tokens = next((names for names in TOKENS if names.limit in headers), None)
    if requests is None and tokens is None:
        return None
    now = now or datetime.now(UTC)
    empty = [_empty_for(headers, names, now) for names in (requests, tokens) if names is not None]
    return Told(
        requests_per_minute=_positive(headers, requests),
        tokens_per_minute=_positive(headers, tokens),
        empty_for_s=max((seconds for seconds in empty if seconds is not None), default=None),
    )


def _positive(headers: Mapping[str, str], names: Names | None) -> float | None:
    number = None if names is None else _number(headers.get(names.limit))
    return number if number else None


def _empty_for(headers: Mapping[str, str], names: Names, now: datetime) -> float | None:
    """Seconds until there is something again; None while there is."""
    if _number(headers.get(names.remaining)) != 0:
        return None
    seconds = _until(headers.get(names.reset) or "", now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_EMPTY_S)


def _until(text: str, now: datetime) -> float | None:
    """Of `6m0s`, of seconds, or of a moment as RFC 3339 has it."""
    if (seconds := _number(text)) is not None:
        return seconds
    parts = DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * UNITS_S[unit] for number, unit in parts)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0 else None
