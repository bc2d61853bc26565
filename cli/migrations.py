"""The tables of DATABASE_URL: brought up to date, or compared with what this program wants."""

import asyncio
import socket
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
from cli.findings import Ailment
from cli.output import put_text, say
from core.mistakes import must, own_words
from core.settings import Settings


@dataclass(frozen=True)
class Versions:
    """Revisions of the migrations; `found` is None for a database without our tables."""

    found: str | None
    wanted: str | None

    older: bool = True
    """False where `found` is of a later program than this one."""

    @property
    def up_to_date(self) -> bool:
        return self.found == self.wanted


def settings() -> Settings:
    """The process's settings. Raises CommandError naming what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0])
        name = field if field.isupper() else f"BENCHMARK_{field.upper()}"
        wanted = must(first) or own_words(first)
        raise CommandError(f"The environment variable {name} cannot be what it is: it {wanted}.") from error


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
    script = ScriptDirectory.from_config(alembic_config())
    wanted, known = script.get_current_head(), {each.revision for each in script.walk_revisions()}

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    try:
        async with asyncio.timeout(10), open_engine(url, pool_size=1) as engine, engine.connect() as connection:
            found = await connection.run_sync(current)
            return Versions(found, wanted, older=found is None or found in known)
    except (ArgumentError, ImportError) as error:
        raise Ailment(
            "DATABASE_URL is no address of a PostgreSQL database.",
            "Write it as postgresql+asyncpg://user:password@host:5432/database.",
            Exit.USAGE,
        ) from error
    except (SQLAlchemyError, OSError, asyncpg.PostgresError) as error:
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> Ailment:
    cause: BaseException = getattr(error, "orig", None) or error
    said = str(cause).strip().rpartition(">: ")[2] or type(cause).__name__
    # SQLAlchemy puts its own kinds around the driver's.
    return Ailment(f"The database {_shown(url)} does not take us in: {said}.", _remedy(url, cause.__cause__ or cause))


def _remedy(url: str, cause: BaseException) -> str:
    where = make_url(url)
    match cause:
        case socket.gaierror():
            return f"There is no host {where.host!r}: mend the name in DATABASE_URL."
        case asyncpg.InvalidAuthorizationSpecificationError():
            return "Mend the user and the password in DATABASE_URL."
        case asyncpg.InvalidCatalogNameError():
            return f"Make it with `createdb {where.database}`, or name another one in DATABASE_URL."
        case OSError():
            server = f"{where.host or 'localhost'}:{where.port or 5432}"
            return f"Start PostgreSQL at {server}, or set DATABASE_URL; `benchmark dev` brings its own."
        case _:
            return "Set DATABASE_URL to a PostgreSQL that lets us in, or use `benchmark dev`, which brings its own."


def _shown(url: str) -> str:
    """The address without its password."""
    return make_url(url).render_as_string(hide_password=True)
