"""The table of prices that the operator sets: per million tokens, by origin and model."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, revised


class PriceRow(Base):
    __tablename__ = "prices"

    origin: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    input_usd: Mapped[float]
    output_usd: Mapped[float]
    set_at: Mapped[datetime] = created()
    revision: Mapped[int] = revised()
