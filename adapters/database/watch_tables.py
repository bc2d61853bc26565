"""The tables of the watch over runs: when each last moved, and which worker processes are there."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created


class RunWatchRow(Base):
    """An open run as the watch last saw it."""

    __tablename__ = "run_watch"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    """Everything of the record that moves when the run does."""
    moved_at: Mapped[datetime]
    percent: Mapped[int] = mapped_column(server_default="0")
    """Of the progress that was told."""
    told_at: Mapped[datetime | None]
    """When that was."""


class WorkerRow(Base):
    """A worker process, as a thread of its own tells it."""

    __tablename__ = "workers"

    owner: Mapped[str] = mapped_column(primary_key=True)
    task_queue: Mapped[str]
    started_at: Mapped[datetime] = created()
    seen_at: Mapped[datetime]
    """The process runs."""
    moved_at: Mapped[datetime]
    """Its event loop did something."""
