"""The state's tables. The text of every query is the same on SQLite and PostgreSQL.

The migrations under ``migrations/versions`` make these tables; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

SCHEMA = "tieout"
"""On PostgreSQL, where every connection has it as its search path. SQLite has no schemas."""

VERSION_TABLE = "tieout_version"
HEAD = "0005"
"""The newest migration; the code needs exactly this one."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps it as text without zone, in UTC; PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


metadata = MetaData()

cursors = Table(
    "cursors",
    metadata,
    _text("flow", primary_key=True),
    Column("instant", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

windows = Table(
    "windows",
    metadata,
    _text("flow", primary_key=True),
    _text("run_id", primary_key=True),
    Column("window", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

xrefs = Table(
    "xrefs",
    metadata,
    _text("from_system", primary_key=True),
    _text("from_object", primary_key=True),
    _text("from_id", primary_key=True),
    _text("to_system", primary_key=True),
    _text("to_object", primary_key=True),
    _text("to_id"),
    Column("updated_at", Instant, nullable=False),
)

document_links = Table(
    "document_links",
    metadata,
    _text("deal_id", primary_key=True),
    _text("document", primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),
    _text("kind"),
    _text("share"),
    _text("why"),
    _text("number"),
    _text("run"),
    _text("ended_by"),
    _text("successor"),
    Index("document_links_by_document", "document"),
)

writes = Table(
    "writes",
    metadata,
    _text("key", primary_key=True),
    _text("target_system"),
    _text("target_object"),
    _text("source_system"),
    _text("source_object"),
    _text("source_id"),
    _text("part"),
    _text("state"),
    Column("payload", JSON(none_as_null=True)),
    Column("facts", JSON, nullable=False),
    Column("expect", JSON, nullable=False),
    _text("summary"),
    _text("content_hash"),
    Column("epoch", Integer, nullable=False),
    Column("running_until", Instant),
    Column("claim", BigInteger, nullable=False),
    Column("owner", JSON(none_as_null=True)),
    Column("lease_until", Instant),
    _text("target_id"),
    _text("natural_id"),
    _text("code"),
    _text("message"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("writes_by_state", "state", "updated_at"),
    Index("writes_by_source", "source_system", "source_object", "source_id"),
)

holds = Table(
    "holds",
    metadata,
    _text("flow", primary_key=True),
    _text("source_id", primary_key=True),
    _text("code"),
    _text("message"),
    Column("details", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    _text("opened_run"),
    Column("seen_at", Instant, nullable=False),
    _text("seen_run"),
    Column("closed_at", Instant),
    Column("closed_run", Text),
)

due = Table(
    "due",
    metadata,
    _text("flow", primary_key=True),
    _text("source_id", primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("due_by_day", "flow", "due_on", "source_id"),
)

sessions = Table(
    "sessions",
    metadata,
    _text("name", primary_key=True),
    Column("blob", LargeBinary),
    Column("expires_at", Instant),
    Column("holder", Text),
    Column("lease_until", Instant),
)

agreed = Table(
    "agreed",
    metadata,
    _text("flow", primary_key=True),
    _text("pair", primary_key=True),
    _text("field", primary_key=True),
    _text("digest"),
    Column("updated_at", Instant, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    _text("flow", primary_key=True),
    _text("run_id", primary_key=True),
    _text("token", primary_key=True),
    _text("subject"),
    _text("content_hash"),
    _text("what"),
    _text("approved_by"),
    Column("given_at", Instant, nullable=False),
    Index("approvals_by_time", "given_at"),
)

run_notes = Table(
    "run_notes",
    metadata,
    _text("flow", primary_key=True),
    _text("run_id", primary_key=True),
    Column("note", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("run_notes_by_time", "flow", "updated_at"),
)

# Alembic makes and fills it; we only read it. Its own metadata, so that it counts as none of the tables
# above.
tieout_version = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))
