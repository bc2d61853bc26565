"""What an exception of the database means: it is away, or it cannot hold a value."""

from collections.abc import Generator

import asyncpg
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as NoneFree

from adapters.database.connections import LOST


def is_absence(error: BaseException) -> bool:
    """The database is away, restarting or full; the same statement may work in a moment."""
    if isinstance(error, NoneFree) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    return any(isinstance(each, LOST) for each in _with_causes(error))


def is_refusal(error: BaseException) -> bool:
    """The statement held a value that PostgreSQL has no place for: a NUL character, a number out of range."""
    return any(isinstance(each, asyncpg.DataError | UnicodeEncodeError | OverflowError) for each in _with_causes(error))


def _with_causes(error: BaseException) -> Generator[BaseException]:
    """The error and, if SQLAlchemy raised it, what the driver had said."""
    yield error
    cause = error.__cause__ if isinstance(error, DBAPIError | StatementError) else None
    while cause is not None:
        yield cause
        cause = cause.__cause__
