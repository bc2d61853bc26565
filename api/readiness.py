"""Whether the parts the service stands on answer, each by its name."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Literal

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from api.services import Services
from core.errors import BenchmarkError
from core.model import Model

PATIENCE_S: Final = 2.0
Part = Literal["postgres", "temporal", "storage"]
AWAY = (OSError, RuntimeError, TimeoutError, SQLAlchemyError, RPCError, BenchmarkError)

logger = structlog.get_logger(__name__)


class PartState(Model):
    ok: bool
    detail: str | None
    """What to look at; None when it answers."""
    milliseconds: float


async def examine(services: Services) -> dict[Part, PartState]:
    """Asks all parts at once; each has two seconds."""
    checks: dict[Part, Callable[[], Awaitable[object]]] = {
        "postgres": lambda: _postgres(services),
        "temporal": lambda: services.temporal.service_client.check_health(timeout=timedelta(seconds=PATIENCE_S)),
        "storage": services.storage.check,
    }
    async with asyncio.TaskGroup() as group:
        asked: dict[Part, asyncio.Task[PartState]] = {
            part: group.create_task(_state(part, check)) for part, check in checks.items()
        }
    return {part: task.result() for part, task in asked.items()}


async def _postgres(services: Services) -> None:
    async with services.engine.connect() as connection:
        await connection.execute(text("select 1 from runs limit 1"))


async def _state(part: Part, check: Callable[[], Awaitable[object]]) -> PartState:
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
