"""The composition root: which adapter stands behind which port."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from core.settings import Settings


@asynccontextmanager
async def open_activities(
    settings: Settings, engine: AsyncEngine, *, owner: str
) -> AsyncGenerator[list[Callable[..., Any]]]:
    """Every activity, ready to work; `owner` names this process in the ledger."""
    async with AsyncExitStack():
        yield []
