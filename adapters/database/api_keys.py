"""API keys as recorded: their digests, never keys. Every change is in the audit log, in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.api_key_tables import ApiKeyRow
from adapters.database.audit_tables import AuditRow
from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.revisions import NEXT, Expected, expect
from adapters.database.rotation import MOST_SECRETS, refuse_crowd
from core.api_keys import ApiKey, Scope, prefix_of
from core.errors import Conflict, NotFound
from core.pages import Page

IDS = Cursor("api_keys", tuple[str])
USES_APART: Final = timedelta(minutes=1)
SAME: Final = (
    *("api_key_id", "project_id", "name", "scopes", "expires_at", "revoked_at"),
    *("last_used_at", "created_by", "created_at", "updated_at", "revision"),
)


Held = tuple[ApiKeyRow, Any]


class Minted(NamedTuple):
    """A key as it is recorded first."""

    api_key_id: str
    project_id: str
    name: str
    scopes: Sequence[Scope]
    digest: str
    expires_at: datetime | None
    created_by: str


class Secret(NamedTuple):
    digest: str
    until: datetime | None
    """It is replaced, and holds until then."""


class KnownKey(NamedTuple):
    """What deciding about a request needs."""

    api_key_id: str
    project_id: str
    name: str
    scopes: frozenset[Scope]
    secrets: tuple[Secret, ...]
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiKeyRepository:
    """Raises NotFound for a key that is not there, or not of this project, and StaleRevision unless it is at the
    expected revision."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, minted: Minted) -> ApiKey:
        """Made a second time, by who takes a request over, it has another secret. Raises Conflict for a taken name."""
        secrets = [_entry(minted.digest)]
        values = minted._asdict() | {"scopes": list(minted.scopes), "secrets": secrets}
        del values["digest"]
        upsert = insert(ApiKeyRow).values(values)
        upsert = upsert.on_conflict_do_update(
            index_elements=["api_key_id"], set_={"secrets": secrets, "revision": NEXT}
        )
        told = {"name": minted.name, "scopes": ", ".join(minted.scopes)}
        try:
            async with self._sessions.begin() as session:
                row = (await session.scalars(upsert.returning(ApiKeyRow))).one()
                session.add(_event(row, minted.created_by, "api_key.create", told))
        except IntegrityError as error:
            raise _taken(minted.name) from error
        return _api_key(row)

    async def get(self, project_id: str, api_key_id: str) -> ApiKey:
        async with self._sessions() as session:
            return _api_key(await _row(session, project_id, api_key_id))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[ApiKey]:
        """The newest first, revoked ones too."""
        row = ApiKeyRow
        query = select(row).where(row.project_id == project_id)
        if (after := IDS.decode(cursor)) is not None:
            query = query.where(row.api_key_id < after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(row.api_key_id.desc()).limit(limit + 1))).all()
        return IDS.page([_api_key(each) for each in rows], limit, lambda one: (one.api_key_id,))

    async def change(
        self, project_id: str, api_key_id: str, changes: Mapping[str, Any], *, by: str, expected: Expected | None
    ) -> ApiKey:
        """Raises Conflict for a taken name and for a revoked key."""
        try:
            async with self._sessions.begin() as session:
                row, revision = await _held(session, project_id, api_key_id, expected)
                _refuse_revoked(row)
                told = {"name": row.name} | {name: _said(value) for name, value in changes.items()}
                if "name" in changes:
                    told["former_name"] = row.name
                for name, value in changes.items():
                    setattr(row, name, value)
                return await _changed(session, row, revision, by, "api_key.change", told)
        except IntegrityError as error:
            raise _taken(str(changes.get("name"))) from error

    async def rotate(
        self, project_id: str, api_key_id: str, digest: str, *, keep_s: int, by: str, expected: Expected | None
    ) -> ApiKey:
        """The key of this digest is the present one; those before it hold for `keep_s` more at most. Raises Conflict
        for a revoked key, and rather than end a former secret for want of room."""
        now = datetime.now(UTC)
        until = (now + timedelta(seconds=keep_s)).isoformat()
        async with self._sessions.begin() as session:
            row, revision = await _held(session, project_id, api_key_id, expected)
            _refuse_revoked(row)
            if keep_s:
                refuse_crowd([each["until"] for each in row.secrets], now)
            # Those that hold no more stay for a while, so that whoever sends one is told why it is refused.
            former = [each | {"until": min(each["until"] or until, until)} for each in row.secrets]
            row.secrets = [_entry(digest), *former][:MOST_SECRETS]
            return await _changed(
                session, row, revision, by, "api_key.rotate", {"name": row.name, "keep_s": str(keep_s)}
            )

    async def revoke(self, project_id: str, api_key_id: str, *, by: str, expected: Expected | None) -> ApiKey:
        """For good; done twice it changes nothing."""
        async with self._sessions.begin() as session:
            row, revision = await _held(session, project_id, api_key_id, expected)
            if row.revoked_at is not None:
                return _api_key(row)
            row.revoked_at = datetime.now(UTC)
            return await _changed(session, row, revision, by, "api_key.revoke", {"name": row.name})

    async def known(self, api_key_id: str) -> KnownKey | None:
        """By the id that the key itself bears, whatever its project."""
        async with self._sessions() as session:
            row = await session.get(ApiKeyRow, api_key_id)
        if row is None:
            return None
        secrets = tuple(Secret(each["digest"], _moment(each["until"])) for each in row.secrets)
        scopes = frozenset(cast("list[Scope]", row.scopes))
        return KnownKey(api_key_id, row.project_id, row.name, scopes, secrets, row.expires_at, row.revoked_at)

    async def used(self, api_key_ids: Sequence[str]) -> None:
        """They were used just now; written once a minute for each, whichever process saw it."""
        row = ApiKeyRow
        due = or_(row.last_used_at.is_(None), row.last_used_at < func.now() - USES_APART)
        note = update(row).where(row.api_key_id.in_(api_key_ids), due).values(last_used_at=func.now())
        async with self._sessions() as session:
            await session.execute(note, execution_options={"synchronize_session": False})


async def _row(session: AsyncSession, project_id: str, api_key_id: str) -> ApiKeyRow:
    query = select(ApiKeyRow).where(ApiKeyRow.project_id == project_id, ApiKeyRow.api_key_id == api_key_id)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(f"There is no API key {api_key_id!r}.")
    return found


async def _held(session: AsyncSession, project_id: str, api_key_id: str, expected: Expected | None) -> Held:
    """The row, locked, and what to write as its next revision."""
    of = select(ApiKeyRow.revision).where(ApiKeyRow.project_id == project_id, ApiKeyRow.api_key_id == api_key_id)
    await session.execute(of.with_for_update())
    revision = await expect(session, of, expected)
    return await _row(session, project_id, api_key_id), revision


def _refuse_revoked(row: ApiKeyRow) -> None:
    if row.revoked_at is not None:
        when = f"{row.revoked_at:%Y-%m-%d %H:%M} UTC"
        raise Conflict(f"The API key {row.name!r} was revoked at {when}; make another one.")


async def _changed(
    session: AsyncSession, row: ApiKeyRow, revision: Any, by: str, action: str, told: Mapping[str, str]
) -> ApiKey:
    row.revision, row.updated_at = revision, datetime.now(UTC)
    session.add(_event(row, by, action, told))
    await session.flush()
    await session.refresh(row)
    return _api_key(row)


def _event(row: ApiKeyRow, by: str, action: str, told: Mapping[str, str]) -> AuditRow:
    return AuditRow(project_id=row.project_id, principal=by, action=action, subject=row.api_key_id, data=dict(told))


def _entry(digest: str) -> dict[str, Any]:
    return {"digest": digest, "until": None}


def _said(value: object) -> str:
    match value:
        case None:
            return "never"
        case datetime():
            return value.isoformat()
        case list():
            return ", ".join(cast("list[str]", value))
        case _:
            return str(value)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is an API key {name!r} already: rotate or revoke it, or take another name.")


def _api_key(row: ApiKeyRow) -> ApiKey:
    now = datetime.now(UTC)
    ends = [end for each in row.secrets if (end := _moment(each["until"])) is not None and end > now]
    expired = row.expires_at is not None and row.expires_at <= now
    status = "revoked" if row.revoked_at is not None else "expired" if expired else "active"
    told = {name: getattr(row, name) for name in SAME}
    return ApiKey.model_validate(
        told | {"prefix": prefix_of(row.api_key_id), "status": status, "former_until": max(ends, default=None)}
    )
