"""Secrets that follow each other: a few may hold at once, and none ends sooner than was said when it was replaced."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.errors import Conflict

MOST_SECRETS: Final = 5
"""That hold at once, the present one among them."""


def refuse_crowd(ends: Sequence[str], now: datetime) -> None:
    """Raises Conflict unless there is room for another secret beside the former ones, which hold until these times."""
    holding = sorted(end for text in ends if (end := datetime.fromisoformat(text)) > now)
    if len(holding) >= MOST_SECRETS:
        free = holding[len(holding) - MOST_SECRETS]
        raise Conflict(
            f"{len(holding)} former secrets hold still, as was said when they were replaced, and no more may: rotate "
            f"after {free:%Y-%m-%d %H:%M:%S} UTC, or with a `keep_s` of 0, which ends them now."
        )
