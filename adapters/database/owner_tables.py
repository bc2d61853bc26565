"""The table of leases: which processes may hold claims."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base


class OwnerRow(Base):
    """A process that claims calls. Without a row, or after `leased_until`, its open claims have an unknown outcome.

    A lease that would last longer than it was given for is void: the database's clock was set back since."""

    __tablename__ = "owners"

    owner: Mapped[str] = mapped_column(primary_key=True)
    leased_until: Mapped[datetime]
    """On the database's clock, the only one that all processes share."""
    leased_s: Mapped[float] = mapped_column(server_default="8")
    """What it was given for, each time."""
