"""The table of API keys: digests, never keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project, revised


class ApiKeyRow(Base):
    __tablename__ = "api_keys"
    __table_args__ = (
        # A name may be given again once its key is revoked.
        Index("api_keys_by_name", "project_id", "name", unique=True, postgresql_where="revoked_at is null"),
        Index("api_keys_newest", "project_id", "api_key_id"),
    )

    api_key_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    scopes: Mapped[list[str]]
    secrets: Mapped[list[Any]] = mapped_column(JSONB)
    """Digests of keys, the present one first: `{"digest": ..., "until": null | time}`."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()
    revision: Mapped[int] = revised()
