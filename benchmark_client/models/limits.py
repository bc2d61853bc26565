"""Answers of the API about limits, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import Limits


class KeyUse(Answer):
    """What one run has at a key, over all workers."""

    run_id: str
    waiting: int
    in_flight: int
    workers: int
    waiting_since: datetime | None = None


class KeyView(Answer):
    key_id: str
    origin: str
    credential: str | None = None
    model: str | None = None
    limits: Limits
    told: Limits
    calls_per_second: float | None = None
    waits_until: datetime | None = None
    breaker: Literal["closed", "open", "half-open"] | str
    failures_in_a_row: int
    last_failure: str | None = None
    tried_again_at: datetime | None = None
    exhausted: str | None = None
    answered_at: datetime | None = None
    throttled: int
    seen_at: datetime
    runs: tuple[KeyUse, ...] = ()


class LimitRule(Answer):
    """Limits of the keys that match: those of an origin, or only of one credential or model there."""

    rule_id: str
    origin: str
    credential: str | None = None
    model: str | None = None
    limits: Limits
    created_at: datetime
    revision: int
