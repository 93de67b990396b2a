"""Run by Alembic: applies the migrations on the connection that ``include.state.migrate`` has opened."""

from __future__ import annotations

from alembic import context

from include.state.schema import VERSION_TABLE, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
