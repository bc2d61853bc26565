"""Alembic's entry: runs the migrations on the connection it was given, one process at a time."""

from typing import cast

from alembic import context
from sqlalchemy import Connection, text

from adapters.database.tables import Base

MIGRATION_LOCK = 7_305_915_023
"""The advisory lock that keeps two processes from migrating at once."""

connection = cast("Connection | None", context.config.attributes.get("connection"))
if connection is None:
    raise SystemExit("Run the migrations with `benchmark db upgrade`.")
connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
context.run_migrations()
