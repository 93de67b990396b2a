"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _progress()
    _records()
    _writes()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _progress() -> None:
    op.create_table(
        "cursors",
        _text("flow"),
        _instant("instant"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("flow"),
    )
    op.create_table(
        "windows",
        _text("flow"),
        _text("run_id"),
        sa.Column("window", sa.JSON(), nullable=False),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("flow", "run_id"),
    )
    op.create_table(
        "run_notes",
        _text("flow"),
        _text("run_id"),
        sa.Column("note", sa.JSON(), nullable=False),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("flow", "run_id"),
    )
    op.create_index("run_notes_by_time", "run_notes", ["flow", "updated_at"])


def _records() -> None:
    op.create_table(
        "xrefs",
        *(_text(name) for name in ("from_system", "from_object", "from_id", "to_system", "to_object")),
        _text("to_id"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("from_system", "from_object", "from_id", "to_system", "to_object"),
    )
    op.create_table(
        "holds",
        *(_text(name) for name in ("flow", "source_id", "code", "message")),
        sa.Column("details", sa.JSON(), nullable=False),
        _instant("opened_at"),
        _text("opened_run"),
        _instant("seen_at"),
        _text("seen_run"),
        _instant("closed_at", nullable=True),
        sa.Column("closed_run", sa.Text()),
        sa.PrimaryKeyConstraint("flow", "source_id"),
    )
    op.create_table(
        "sessions",
        _text("name"),
        sa.Column("blob", sa.LargeBinary()),
        _instant("expires_at", nullable=True),
        sa.Column("holder", sa.Text()),
        _instant("lease_until", nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def _writes() -> None:
    parts = ("target_system", "target_object", "source_system", "source_object", "source_id", "part")
    op.create_table(
        "writes",
        _text("key"),
        *(_text(name) for name in parts),
        _text("state"),
        sa.Column("payload", sa.JSON()),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("expect", sa.JSON(), nullable=False),
        _text("summary"),
        _text("content_hash"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _instant("running_until", nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.JSON()),
        _instant("lease_until", nullable=True),
        *(_text(name) for name in ("target_id", "natural_id", "code", "message")),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("writes_by_state", "writes", ["state", "updated_at"])
    op.create_index("writes_by_source", "writes", ["source_system", "source_object", "source_id"])
