"""Whether the parts the service stands on answer, each by its name."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, Literal

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from core.errors import BenchmarkError
from core.model import Model

PATIENCE_S: Final = 2.0
KEPT_S: Final = 1.0
"""So old may be what is told."""
Part = Literal["postgres", "temporal", "storage"]
Check = Callable[[], Awaitable[object]]
AWAY = (OSError, RuntimeError, TimeoutError, SQLAlchemyError, RPCError, BenchmarkError)

logger = structlog.get_logger(__name__)


class PartState(Model):
    ok: bool
    detail: str | None
    """What to look at; None when it answers."""
    milliseconds: float


class Examination:
    """Of one process. Whoever asks while one is under way, or within a second of its end, is told what it finds: the
    page is public, and asks more of the parts than the request costs who sends it."""

    def __init__(self, checks: Mapping[Part, Check]) -> None:
        self._checks = checks
        self._asked: asyncio.Task[dict[Part, PartState]] | None = None
        self._ended = 0.0

    async def parts(self) -> dict[Part, PartState]:
        """All parts are asked at once; each has two seconds."""
        asked = self._asked
        if asked is None or (asked.done() and time.monotonic() - self._ended > KEPT_S):
            asked = self._asked = asyncio.create_task(self._examine())
        # Whoever leaves takes nobody's answer along.
        return await asyncio.shield(asked)

    async def _examine(self) -> dict[Part, PartState]:
        try:
            found = await asyncio.gather(*(_state(part, check) for part, check in self._checks.items()))
            return dict(zip(self._checks, found, strict=True))
        finally:
            self._ended = time.monotonic()


def checks_of(engine: AsyncEngine, temporal: Client, storage: Callable[[], Awaitable[None]]) -> Mapping[Part, Check]:
    """What is asked of each part; `storage` is its own check."""
    return {
        "postgres": lambda: _postgres(engine),
        "temporal": lambda: temporal.service_client.check_health(timeout=timedelta(seconds=PATIENCE_S)),
        "storage": storage,
    }


async def _postgres(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("select 1 from runs limit 1"))


async def _state(part: Part, check: Check) -> PartState:
    began = time.perf_counter()
    detail = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            if await check() is False:
                detail = f"{part} is there, but does not serve."
    except AWAY as error:
        # What exactly is wrong may name hosts and users: that is for the log.
        logger.warning("part_away", part=part, error=str(error) or type(error).__name__)
        detail = f"{part} does not answer as it should; the service's log says why."
    return PartState(ok=detail is None, detail=detail, milliseconds=round(1000 * (time.perf_counter() - began), 1))
