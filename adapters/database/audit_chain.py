"""The chain of the audit log, checked row by row: hashes are computed anew here, and not by the database that may have
been tampered with."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Text, cast, select

from adapters.database.audit_tables import AuditHeadRow, AuditRow
from adapters.database.engine import Sessions
from core.audit import AuditCheck, BrokenLink

PAGE: Final = 1000
GONE: Final = "The row that stood here was removed."
CHANGED: Final = "The row is not as it was recorded: its hash is another."
UNLINKED: Final = "The row does not hold the hash of the row before it."
BEYOND: Final = "The row was added without a place in the chain."
REPLACED: Final = "No row has the hash that was kept: the log was written anew, or it is the head of another."


class Link(NamedTuple):
    """A row of the log, as far as its hash goes."""

    project_id: str
    link_no: int
    previous_hash: bytes
    audit_no: int
    principal: str
    action: str
    subject: str
    data: str
    """As PostgreSQL writes it out."""
    created_at: datetime
    hash: bytes

    @property
    def right_hash(self) -> bytes:
        """SHA-256 of the columns as netstrings, as migration 0023 computes it."""
        return hashlib.sha256(b"".join(b"%d:%b," % (len(part), part) for part in self._parts())).digest()

    def _parts(self) -> Iterator[bytes]:
        at = f"{self.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        texts = (self.project_id, str(self.link_no), self.previous_hash.hex(), str(self.audit_no))
        for text in (*texts, self.principal, self.action, self.subject, self.data, at):
            yield text.encode()


class AuditChain:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def check(self, project_id: str, *, known: str | None = None) -> AuditCheck:
        """From the first row to the one that is the last when this begins. `known` is a head that was kept elsewhere:
        some row must have that hash."""
        end, end_hash = await self._head(project_id)
        seen, place, last = known is None, 0, b""
        async for link in self._links(project_id, end):
            if (reason := _wrong(link, place, last)) is not None:
                number = None if reason is GONE else link.audit_no
                return _broken(place, last, number, reason)
            place, last = link.link_no, link.hash
            seen = seen or last.hex() == known
        if (place, last) != (end, end_hash):
            return _broken(place, last, None, GONE)
        if (stray := await self._stray(project_id)) is not None:
            return _broken(place, last, stray, BEYOND)
        if not seen:
            return _broken(place, last, None, REPLACED)
        return AuditCheck(whole=True, events=place, head=last.hex() or None, broken=None)

    async def _head(self, project_id: str) -> tuple[int, bytes]:
        row = AuditHeadRow
        query = select(row.link_no, row.hash).where(row.project_id == project_id)
        async with self._sessions() as session:
            found = (await session.execute(query)).one_or_none()
        return (0, b"") if found is None else (found.link_no, found.hash)

    async def _links(self, project_id: str, end: int) -> AsyncIterator[Link]:
        """In their order."""
        row, place = AuditRow, 0
        columns = (row.project_id, row.link_no, row.previous_hash, row.audit_no, row.principal, row.action)
        query = select(*columns, row.subject, cast(row.data, Text), row.created_at, row.hash)
        query = query.where(row.project_id == project_id, row.link_no <= end).order_by(row.link_no).limit(PAGE)
        while True:
            async with self._sessions() as session:
                found = (await session.execute(query.where(row.link_no > place))).all()
            for each in found:
                yield Link(*each)
            if len(found) < PAGE:
                return
            place = found[-1].link_no

    async def _stray(self, project_id: str) -> int | None:
        row = AuditRow
        query = select(row.audit_no).where(row.project_id == project_id, row.link_no.is_(None)).limit(1)
        async with self._sessions() as session:
            return await session.scalar(query)


def _wrong(link: Link, place: int, last: bytes) -> str | None:
    if link.link_no != place + 1:
        return GONE
    if link.hash != link.right_hash:
        return CHANGED
    return None if link.previous_hash == last else UNLINKED


def _broken(place: int, last: bytes, audit_no: int | None, reason: str) -> AuditCheck:
    """After the row at this place, the last that holds."""
    link = BrokenLink(link_no=None if reason is REPLACED else place + 1, audit_no=audit_no, reason=reason)
    return AuditCheck(whole=False, events=place, head=last.hex() or None, broken=link)
