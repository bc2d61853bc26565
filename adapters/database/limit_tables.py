"""The tables of provider keys: what is known of each, who uses it, and the limits that the operator set."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, revised


class ProviderKeyRow(Base):
    """The row is locked from the reading of a report's circumstances to the writing of its answer."""

    __tablename__ = "provider_keys"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    credential: Mapped[str | None]
    """Its name; the secret is only in the id, hashed with a key."""
    model: Mapped[str | None]
    state: Mapped[dict[str, Any]]
    """A `core.key_state.KeyState`."""
    seen_at: Mapped[datetime] = created()


class ProviderStakeRow(Base):
    """One process's part of a run at a key; it counts until it is older than `core.sharing.LEASE_S`."""

    __tablename__ = "provider_stakes"
    __table_args__ = (Index("provider_stakes_of_run", "run_id"),)

    key_id: Mapped[str] = mapped_column(ForeignKey("provider_keys.key_id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    stake: Mapped[dict[str, Any]]
    """A `core.key_state.Stake`."""
    reason: Mapped[str | None]
    """Why its calls wait, if something stands in the way of all."""
    until: Mapped[datetime | None]
    """When they may go on, as far as is known."""
    seen_at: Mapped[datetime] = created()


class LimitRuleRow(Base):
    """Limits of the keys that match; of several rules, the one that says most about the key."""

    __tablename__ = "limit_rules"
    __table_args__ = (UniqueConstraint("origin", "credential", "model", postgresql_nulls_not_distinct=True),)

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    credential: Mapped[str | None]
    model: Mapped[str | None]
    limits: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created()
    revision: Mapped[int] = revised()


class SaltRow(Base):
    """The key that provider keys are hashed with: the same for all processes, told to nobody."""

    __tablename__ = "provider_salts"

    salt: Mapped[str] = mapped_column(primary_key=True)
