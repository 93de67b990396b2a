"""Run by Alembic: applies the migrations on the connection that ``include.state.migrate`` has opened."""

from __future__ import annotations

from alembic import context

from include.state.schema import SCHEMA, VERSION_TABLE, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    version_table_schema=SCHEMA if connection.dialect.name == "postgresql" else None,
)
context.run_migrations()
