"""What two records that are kept alike last agreed on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "agreed",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("flow", "pair", "field", "digest")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow", "pair", "field"),
    )
