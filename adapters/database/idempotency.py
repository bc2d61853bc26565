"""Requests that bear an `Idempotency-Key`: the first one is worked on, every repetition gets its stored answer.

A claim is a lease on the database's clock. When the process that worked on it dies, the lease runs out and the next
repetition takes the work over, knowing when the first one came (`since`): what it makes can bear the same id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, and_, bindparam, case, delete, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from adapters.database.engine import Sessions
from adapters.database.tables import IdempotencyRow
from core.ids import new_id

KEPT = timedelta(hours=24)
"""How long a key is remembered; after it, the same key means a new request."""
NO_MEMORY: dict[str, Any] = {"synchronize_session": False}
"""The session has no rows that a change would have to be told to."""


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


ROW = IdempotencyRow
FORGOTTEN = ROW.created_at < func.now() - KEPT
ABANDONED = and_(ROW.status.is_(None), ROW.leased_until < func.now(), ROW.request_digest == bindparam("digest"))
CLAIMED: dict[str, Any] = {
    "request_digest": bindparam("digest"),
    "owner": bindparam("new_owner"),
    "leased_until": func.now() + bindparam("lease", type_=Interval),
}
EMPTIED: dict[str, Any] = {
    "status": None,
    "headers": null(),
    "body": None,
    "changed_to": case((FORGOTTEN, null()), else_=ROW.changed_to),
    "created_at": case((FORGOTTEN, func.now()), else_=ROW.created_at),
}
CLAIM = (
    insert(ROW)
    .values(project_id=bindparam("of_project"), key=bindparam("of_key"), **CLAIMED)
    .on_conflict_do_update(
        index_elements=["project_id", "key"], set_=CLAIMED | EMPTIED, where=or_(FORGOTTEN, ABANDONED)
    )
    .returning(ROW.created_at)
)
KEY = (ROW.project_id == bindparam("of_project"), ROW.key == bindparam("of_key"))
MINE = (*KEY, ROW.owner == bindparam("of_owner"), ROW.status.is_(None))
FIND = select(ROW, func.extract("epoch", ROW.leased_until - func.now())).where(*KEY)
FINISH = (
    update(ROW)
    .where(*MINE)
    .values(status=bindparam("answer"), headers=bindparam("its_headers", type_=JSONB), body=bindparam("its_body"))
)
RELEASE = delete(ROW).where(*MINE)
HAND_OVER = update(ROW).where(*MINE).values(leased_until=func.now())
"""Made once: making them costs more than what they do."""


class IdempotencyRepository:
    """Every statement is a transaction of its own."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def claim(self, project_id: str, key: str, digest: str, *, lease: timedelta) -> Claim:
        """Whose turn it is. Of any number of processes that ask at once, one is told Claimed."""
        owner = new_id("req")
        wanted = {"of_project": project_id, "of_key": key, "digest": digest, "new_owner": owner, "lease": lease}
        while True:
            async with self._sessions() as session:
                since = await session.scalar(CLAIM, wanted)
            if since is not None:
                return Claimed(owner, since)
            if (found := await self._found(project_id, key, digest)) is not None:
                return found

    async def finish(
        self, project_id: str, key: str, owner: str, *, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Keeps the answer for every repetition; nothing happens when another took the work over."""
        answer = {"answer": status, "its_headers": dict(headers), "its_body": body}
        async with self._sessions() as session:
            await session.execute(FINISH, _mine(project_id, key, owner) | answer, execution_options=NO_MEMORY)

    async def release(self, project_id: str, key: str, owner: str) -> None:
        """The work came to nothing: the key is free again."""
        async with self._sessions() as session:
            await session.execute(RELEASE, _mine(project_id, key, owner), execution_options=NO_MEMORY)

    async def hand_over(self, project_id: str, key: str, owner: str) -> None:
        """The work was not done to its end: the next repetition takes it over, as if its owner had died."""
        async with self._sessions() as session:
            await session.execute(HAND_OVER, _mine(project_id, key, owner), execution_options=NO_MEMORY)

    async def forget(self) -> int:
        """Removes what nobody remembers any more; returns how many."""
        old = delete(IdempotencyRow).where(IdempotencyRow.created_at < func.now() - KEPT)
        async with self._sessions.begin() as session:
            return len((await session.scalars(old.returning(IdempotencyRow.key))).all())

    async def _found(self, project_id: str, key: str, digest: str) -> Claim | None:
        """What there is instead of a claim; None when it vanished meanwhile."""
        async with self._sessions() as session:
            result = (await session.execute(FIND, {"of_project": project_id, "of_key": key})).one_or_none()
        if result is None:
            return None
        found, seconds = result
        if found.request_digest != digest:
            return OtherRequest()
        if found.status is None:
            return InFlight(max(1.0, float(seconds)))
        headers = {name: str(value) for name, value in (found.headers or {}).items()}
        return Answered(found.status, headers, found.body or b"")


def _mine(project_id: str, key: str, owner: str) -> dict[str, str]:
    """Parameters of `MINE`."""
    return {"of_project": project_id, "of_key": key, "of_owner": owner}
