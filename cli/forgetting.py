"""Old runs, removed for good: from DATABASE_URL, and their reports from the object storage."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.engine import open_engine
from adapters.database.retention import Retention
from adapters.storage.opening import open_storage
from cli.exits import CommandError, Exit
from cli.migrations import settings
from cli.output import say
from core.errors import Conflict, NotFound, ServiceUnavailable
from core.settings import Settings


def forget_runs(*, days: int, dry_run: bool) -> None:
    """Raises CommandError when the database cannot be reached."""
    try:
        asyncio.run(_forget(settings(), datetime.now(UTC) - timedelta(days=days), dry_run=dry_run))
    except ServiceUnavailable as error:
        raise CommandError(str(error), Exit.SERVER) from error
    except (SQLAlchemyError, OSError, asyncpg.PostgresError) as error:
        raise CommandError(
            f"The database does not do it: {error}. `benchmark doctor` looks further.", Exit.SERVER
        ) from error


async def _forget(settings: Settings, moment: datetime, *, dry_run: bool) -> None:
    storage = open_storage(settings.storage_url)
    async with open_engine(settings.database_url, pool_size=1) as engine:
        retention = Retention(engine)
        old = await retention.ended_before(moment)
        for run_id in [] if dry_run else old:
            # Somebody else forgets it too, or has just asked for another round of it.
            with suppress(NotFound, Conflict):
                # First what nobody would find without the run; one that has another round makes it anew.
                await storage.remove(f"reports/{run_id}")
                say(f"{run_id}: {await retention.forget(run_id):,} rows removed.")
        if dry_run:
            for run_id in old:
                say(run_id)
        say(f"{len(old)} runs ended before {moment:%Y-%m-%d %H:%M} UTC.")
