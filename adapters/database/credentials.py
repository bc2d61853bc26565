"""Stored credentials: sealed secrets by name. This repository never sees a secret in the clear."""

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.revisions import Expected, expect
from adapters.database.tables import CredentialRow
from core.definitions import Credential, SealedCredential
from core.errors import NotFound
from core.ids import new_id
from core.pages import Page

NAMES = Cursor("credentials", tuple[str])


class CredentialRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def put(
        self, project_id: str, name: str, *, origin: str, ciphertext: str, expected: Expected | None = None
    ) -> Credential:
        """Stores the secret under the name, in place of what was there. Raises StaleRevision unless that is at the
        expected revision."""
        row = insert(CredentialRow).values(
            credential_id=new_id("cred"), project_id=project_id, name=name, origin=origin, ciphertext=ciphertext
        )
        known = _named(project_id, name).with_only_columns(CredentialRow.revision)
        async with self._sessions.begin() as session:
            revision = await expect(session, known, expected)
            content = {"origin": origin, "ciphertext": ciphertext, "updated_at": func.now(), "revision": revision}
            upsert = row.on_conflict_do_update(index_elements=["project_id", "name"], set_=content)
            upsert = upsert.returning(CredentialRow)
            return _credential((await session.scalars(upsert)).one())

    async def sealed(self, project_id: str, name: str) -> SealedCredential:
        """Raises NotFound."""
        row = await self._row(project_id, name)
        return SealedCredential.model_validate({field: getattr(row, field) for field in SealedCredential.model_fields})

    async def get(self, project_id: str, name: str) -> Credential:
        """What may be told of it. Raises NotFound."""
        return _credential(await self._row(project_id, name))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[Credential]:
        """By name."""
        query = select(CredentialRow).where(CredentialRow.project_id == project_id)
        if (after := NAMES.decode(cursor)) is not None:
            query = query.where(CredentialRow.name > after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(CredentialRow.name).limit(limit + 1))).all()
        return NAMES.page([_credential(row) for row in rows], limit, lambda one: (one.name,))

    async def remove(self, project_id: str, name: str, *, expected: Expected | None = None) -> None:
        """Raises NotFound, StaleRevision."""
        query = delete(CredentialRow).where(CredentialRow.project_id == project_id, CredentialRow.name == name)
        async with self._sessions.begin() as session:
            await expect(session, _named(project_id, name).with_only_columns(CredentialRow.revision), expected)
            removed = await session.scalar(query.returning(CredentialRow.credential_id))
        if removed is None:
            raise NotFound(f"There is no credential {name!r}.")

    async def _row(self, project_id: str, name: str) -> CredentialRow:
        async with self._sessions() as session:
            row = await session.scalar(_named(project_id, name))
        if row is None:
            raise NotFound(f"There is no credential {name!r}.")
        return row


def _named(project_id: str, name: str) -> Select[CredentialRow]:
    return select(CredentialRow).where(CredentialRow.project_id == project_id, CredentialRow.name == name)


def _credential(row: CredentialRow) -> Credential:
    return Credential.model_validate({field: getattr(row, field) for field in Credential.model_fields})
