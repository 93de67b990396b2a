"""Bring the state's tables to the version that the code needs. Run by ``bin/*`` or by a person, never by a task."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.schema import CreateSchema

from include.state.engine import connect, sqlite_file
from include.state.schema import SCHEMA

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_483_648  # any number, the same for every Tieout: one migration at a time on PostgreSQL


def migrate(url: str, revision: str = "head") -> None:
    """Create or upgrade the tables at ``url``, in one transaction; several at once do it once.

    A missing SQLite file is made, with its folder, for its owner alone: payloads that wait hold people's data. Raises
    ``SettingsError`` for a URL that cannot be used.
    """
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    migrate_engine(connect(url), revision)


def migrate_engine(engine: Engine, revision: str = "head") -> None:
    """As ``migrate``, on an engine that is open already."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # Readers and one writer side by side; the mode stays with the file.
            connection.connection.execute("PRAGMA journal_mode=WAL")
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
        command.upgrade(configuration(connection), revision)


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for our migrations on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
