"""Changes that hold only if nobody else made one meanwhile: the revision is compared under the lock of the row."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.tables import REVISIONS, IdempotencyRow
from core.errors import StaleRevision

NEXT: Any = REVISIONS.next_value()
"""What a change writes into the column `revision`."""


class Attempt(NamedTuple):
    """A request with an `Idempotency-Key` that is being worked on."""

    project_id: str
    key: str
    owner: str


@dataclass(frozen=True)
class Expected:
    """The revision that a change is to follow; None lets it follow any."""

    revision: int | None
    attempt: Attempt | None = None
    """Whose change it is. Attempts at one request carry on with each other's changes: one that broke after its
    change must not be what refuses the next."""

    @property
    def further(self) -> "Expected":
        """For one more change by the same request."""
        return replace(self, revision=None)


async def expect(session: AsyncSession, query: Select[int], expected: Expected | None) -> Any:
    """What to write as the next revision. Locks the row whose revision the query reads, for this transaction. Raises
    StaleRevision unless it is the expected one; None expects nothing."""
    if expected is None:
        return NEXT
    await refuse_stale(session, await session.scalar(query.with_for_update()), expected)
    if expected.attempt is None:
        return NEXT
    revision = (await session.scalars(select(NEXT))).one()
    await note_change(session, expected, revision)
    return revision


async def refuse_stale(session: AsyncSession, found: int | None, expected: Expected | None) -> None:
    """Raises StaleRevision unless this is the expected revision, or one that the same request has made."""
    if expected is None or expected.revision in (None, found):
        return
    if expected.attempt is not None:
        changed_to = await session.scalar(select(IdempotencyRow.changed_to).where(*_row(expected.attempt)))
        # What it removed itself has no revision any more.
        if changed_to is not None and found in (changed_to, None):
            return
    if found is None:
        raise StaleRevision(f"It was at revision {expected.revision} and is there no more; look for it again.")
    raise StaleRevision(f"It is at revision {found} by now, not {expected.revision}; look at it again.")


async def note_change(session: AsyncSession, expected: Expected | None, revision: int) -> None:
    """Which revision the request has made, in the transaction that makes it."""
    if expected is not None and expected.attempt is not None:
        await session.execute(update(IdempotencyRow).where(*_row(expected.attempt)).values(changed_to=revision))


def _row(attempt: Attempt) -> tuple[ColumnElement[bool], ...]:
    row = IdempotencyRow
    return row.project_id == attempt.project_id, row.key == attempt.key, row.owner == attempt.owner
