"""Lists as OpenAI pages them: `after` the last id, `has_more`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from core.openai_evals import Order

Limit = Annotated[int, Query(ge=1, le=100)]
FileLimit = Annotated[int, Query(ge=1, le=10_000)]
After = Annotated[str | None, Query(max_length=200)]
InOrder = Annotated[Order, Query()]


def listed(items: Sequence[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": list(items),
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": more,
    }


def seconds(moment: datetime) -> int:
    """As OpenAI tells times: since 1970, in UTC."""
    return int(moment.timestamp())
