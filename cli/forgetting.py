"""Old runs, removed from DATABASE_URL for good."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.engine import open_engine
from adapters.database.retention import Retention
from cli.exits import CommandError, Exit
from cli.migrations import settings
from cli.output import say
from core.errors import Conflict, NotFound


def forget_runs(*, days: int, dry_run: bool) -> None:
    """Raises CommandError when the database cannot be reached."""
    try:
        asyncio.run(_forget(settings().database_url, datetime.now(UTC) - timedelta(days=days), dry_run=dry_run))
    except (SQLAlchemyError, OSError, asyncpg.PostgresError) as error:
        raise CommandError(
            f"The database does not do it: {error}. `benchmark doctor` looks further.", Exit.SERVER
        ) from error


async def _forget(url: str, moment: datetime, *, dry_run: bool) -> None:
    async with open_engine(url, pool_size=1) as engine:
        retention = Retention(engine)
        old = await retention.ended_before(moment)
        for run_id in [] if dry_run else old:
            # Somebody else forgets it too, or has just asked for another round of it.
            with suppress(NotFound, Conflict):
                say(f"{run_id}: {await retention.forget(run_id):,} rows removed.")
        if dry_run:
            for run_id in old:
                say(run_id)
        say(f"{len(old)} runs ended before {moment:%Y-%m-%d %H:%M} UTC.")
