"""The tables of DATABASE_URL: brought up to date, or compared with what this program wants."""

import asyncio
from dataclasses import dataclass

import asyncpg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adapters.database.engine import open_engine
from adapters.database.schema import alembic_config, upgrade
from cli.exits import CommandError, Exit
from cli.output import put_text, say
from core.settings import Settings


@dataclass(frozen=True)
class Versions:
    """Revisions of the migrations; `found` is None for a database without our tables."""

    found: str | None
    wanted: str | None

    @property
    def up_to_date(self) -> bool:
        return self.found == self.wanted


def settings() -> Settings:
    """The process's settings. Raises CommandError naming what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise CommandError(f"The setting {name} (environment variable) is wrong: {first['msg']}.") from error


def bring_up_to_date() -> None:
    """Raises CommandError when the database cannot be reached."""
    url = settings().database_url
    before, after = asyncio.run(_upgraded(url))
    if before.up_to_date:
        say(f"The tables of {_shown(url)} are up to date ({after.found}).")
    else:
        say(f"The tables of {_shown(url)} went from {before.found or 'nothing'} to {after.found}.")


def tell_version() -> None:
    """Raises CommandError when the database cannot be reached."""
    url = settings().database_url
    versions = asyncio.run(read_versions(url))
    put_text(f"{versions.found or 'none'}")
    if not versions.up_to_date:
        say(f"This program wants {versions.wanted}: run `benchmark db upgrade`.")


async def _upgraded(url: str) -> tuple[Versions, Versions]:
    before = await read_versions(url)
    try:
        async with open_engine(url) as engine:
            await upgrade(engine)
    except (SQLAlchemyError, OSError, asyncpg.PostgresError) as error:
        raise _unreachable(url, error) from error
    return before, await read_versions(url)


async def read_versions(url: str) -> Versions:
    """Raises CommandError when the database cannot be reached."""
    wanted = ScriptDirectory.from_config(alembic_config()).get_current_head()

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    try:
        async with asyncio.timeout(10), open_engine(url, pool_size=1) as engine, engine.connect() as connection:
            return Versions(await connection.run_sync(current), wanted)
    except (ArgumentError, ImportError) as error:
        raise CommandError(
            "DATABASE_URL must look like postgresql+asyncpg://user:password@host:5432/database.", Exit.USAGE
        ) from error
    except (SQLAlchemyError, OSError, asyncpg.PostgresError) as error:
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> CommandError:
    cause = getattr(error, "orig", None) or error
    text = f"The database {_shown(url)} does not take us in: {str(cause).strip() or type(cause).__name__}."
    return CommandError(f"{text} Set DATABASE_URL, or use `benchmark dev`, which brings its own.", Exit.SERVER)


def _shown(url: str) -> str:
    """The address without its password."""
    return make_url(url).render_as_string(hide_password=True)
