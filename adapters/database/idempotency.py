"""Requests that bear an `Idempotency-Key`: the first one is worked on, every repetition gets its stored answer.

A claim is a lease on the database's clock. When the process that worked on it dies, the lease runs out and the next
repetition takes the work over, knowing when the first one came (`since`): what it makes can bear the same id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from adapters.database.engine import Sessions
from adapters.database.tables import IdempotencyRow
from core.ids import new_id

KEPT = timedelta(hours=24)
"""How long a key is remembered; after it, the same key means a new request."""


@dataclass(frozen=True)
class Claimed:
    """The work is the caller's; it ends with `finish`, `release` or `hand_over`."""

    owner: str
    since: datetime


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class InFlight:
    """Somebody else works on it, for at most so many seconds more."""

    seconds: float


@dataclass(frozen=True)
class OtherRequest:
    """The key was used for a request that said something else."""


Claim = Claimed | Answered | InFlight | OtherRequest


class IdempotencyRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def claim(self, project_id: str, key: str, digest: str, *, lease: timedelta) -> Claim:
        """Whose turn it is. Of any number of processes that ask at once, one is told Claimed."""
        owner = new_id("req")
        upsert = _upsert(project_id, key, digest, owner, lease)
        while True:
            async with self._sessions.begin() as session:
                since = await session.scalar(upsert)
            if since is not None:
                return Claimed(owner, since)
            if (found := await self._found(project_id, key, digest)) is not None:
                return found

    async def finish(
        self, project_id: str, key: str, owner: str, *, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Keeps the answer for every repetition; nothing happens when another took the work over."""
        kept = update(IdempotencyRow).where(*_mine(project_id, key, owner))
        async with self._sessions.begin() as session:
            await session.execute(kept.values(status=status, headers=dict(headers), body=body))

    async def release(self, project_id: str, key: str, owner: str) -> None:
        """The work came to nothing: the key is free again."""
        async with self._sessions.begin() as session:
            await session.execute(delete(IdempotencyRow).where(*_mine(project_id, key, owner)))

    async def hand_over(self, project_id: str, key: str, owner: str) -> None:
        """The work was not done to its end: the next repetition takes it over, as if its owner had died."""
        given_up = update(IdempotencyRow).where(*_mine(project_id, key, owner)).values(leased_until=func.now())
        async with self._sessions.begin() as session:
            await session.execute(given_up)

    async def forget(self) -> int:
        """Removes what nobody remembers any more; returns how many."""
        old = delete(IdempotencyRow).where(IdempotencyRow.created_at < func.now() - KEPT)
        async with self._sessions.begin() as session:
            return len((await session.scalars(old.returning(IdempotencyRow.key))).all())

    async def _found(self, project_id: str, key: str, digest: str) -> Claim | None:
        """What there is instead of a claim; None when it vanished meanwhile."""
        row = IdempotencyRow
        left = func.extract("epoch", row.leased_until - func.now())
        query = select(row, left).where(row.project_id == project_id, row.key == key)
        async with self._sessions() as session:
            result = (await session.execute(query)).one_or_none()
        if result is None:
            return None
        found, seconds = result
        if found.request_digest != digest:
            return OtherRequest()
        if found.status is None:
            return InFlight(max(1.0, float(seconds)))
        headers = {name: str(value) for name, value in (found.headers or {}).items()}
        return Answered(found.status, headers, found.body or b"")


def _upsert(project_id: str, key: str, digest: str, owner: str, lease: timedelta) -> ReturningInsert[datetime]:
    row = IdempotencyRow
    values = {"request_digest": digest, "owner": owner, "leased_until": func.now() + lease}
    forgotten = row.created_at < func.now() - KEPT
    abandoned = and_(row.status.is_(None), row.leased_until < func.now(), row.request_digest == digest)
    since = case((forgotten, func.now()), else_=row.created_at)
    emptied = {"status": None, "headers": null(), "body": None, "created_at": since}
    return (
        insert(row)
        .values(project_id=project_id, key=key, **values)
        .on_conflict_do_update(
            index_elements=["project_id", "key"], set_=values | emptied, where=or_(forgotten, abandoned)
        )
        .returning(row.created_at)
    )


def _mine(project_id: str, key: str, owner: str) -> tuple[ColumnElement[bool], ...]:
    row = IdempotencyRow
    return (row.project_id == project_id, row.key == key, row.owner == owner, row.status.is_(None))
