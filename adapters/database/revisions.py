"""Changes that hold only if nobody else made one meanwhile: the revision is compared under the lock of the row."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.tables import REVISIONS
from core.errors import StaleRevision

NEXT: Any = REVISIONS.next_value()
"""What a change writes into the column `revision`."""


async def expect(session: AsyncSession, query: Select[int], expected: int | None) -> None:
    """Locks the row whose revision the query reads, for this transaction. Raises StaleRevision unless it is the
    expected one; None expects nothing."""
    if expected is not None:
        refuse_stale(await session.scalar(query.with_for_update()), expected)


def refuse_stale(found: int | None, expected: int | None) -> None:
    """Raises StaleRevision unless this is the expected revision; None expects nothing."""
    if expected is None or found == expected:
        return
    if found is None:
        raise StaleRevision(f"It was at revision {expected} and is there no more; look for it again.")
    raise StaleRevision(f"It is at revision {found} by now, not {expected}; look at it again.")
