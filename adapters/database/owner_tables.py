"""The table of leases: which processes may hold claims."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base


class OwnerRow(Base):
    """A process that claims calls. Without a row, or after `leased_until`, its open claims have an unknown outcome."""

    __tablename__ = "owners"

    owner: Mapped[str] = mapped_column(primary_key=True)
    leased_until: Mapped[datetime]
    """On the database's clock, the only one that all processes share."""
