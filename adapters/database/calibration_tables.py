"""The table of calibrations: how judges agree with people."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project


class CalibrationRow(Base):
    __tablename__ = "judge_calibrations"
    __table_args__ = (Index("judge_calibrations_newest", "project_id", "judge", "created_at"),)

    calibration_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"))
    """The run in which the judge judged what people had judged."""
    judge: Mapped[str]
    """sha256 of whatever makes the judge judge as it does."""
    request: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any] | None]
    """None until the run has ended."""
    created_at: Mapped[datetime] = created()
