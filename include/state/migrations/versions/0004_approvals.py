"""What people approved, and what was carried out on the strength of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "approvals",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("flow", "run_id", "token", "subject", "content_hash", "what", "approved_by")
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow", "run_id", "token"),
    )
    op.create_index("approvals_by_time", "approvals", ["given_at"])
