"""What an exception of the database means: it is away, or it cannot hold a value."""

import asyncpg
from sqlalchemy.exc import DBAPIError, StatementError

from adapters.database.connections import LOST


def is_absence(error: BaseException) -> bool:
    """The database is away, restarting or full; the same statement may work in a moment."""
    return isinstance(error, LOST) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def is_refusal(error: BaseException) -> bool:
    """The statement held a value that PostgreSQL has no place for: a NUL character, a number out of range."""
    cause = error.__cause__ if isinstance(error, StatementError) else error
    while cause is not None:
        if isinstance(cause, asyncpg.DataError | UnicodeEncodeError | OverflowError):
            return True
        cause = cause.__cause__
    return False
