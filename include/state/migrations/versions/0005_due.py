"""Records that are to be looked at again on a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "due",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("flow", "source_id")),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow", "source_id"),
    )
    op.create_index("due_by_day", "due", ["flow", "due_on", "source_id"])
