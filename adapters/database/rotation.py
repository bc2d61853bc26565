"""Secrets that follow each other: a few may hold at once, and none ends sooner than was said when it was replaced."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.errors import Conflict

MOST_SECRETS: Final = 5
"""That hold at once, the present one among them."""


def refuse_crowd(ends: Sequence[str | None], now: datetime) -> None:
    """Raises Conflict unless there is room for one more secret beside those that hold until these times, the present
    one (None) among them."""
    over = [None if text is None else datetime.fromisoformat(text) for text in ends]
    holding = [end for end in over if end is None or end > now]
    if len(holding) >= MOST_SECRETS:
        free = min(end for end in holding if end is not None)
        raise Conflict(
            f"{len(holding)} secrets hold at this moment, and no more may: rotate after {free:%Y-%m-%d %H:%M:%S} UTC, "
            "when one of them ends, or with a `keep_s` of 0, which ends all the former ones now."
        )
