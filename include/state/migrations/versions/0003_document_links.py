"""Which deals a document bills, with shares and history; what was known one to one moves there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXTS = ("kind", "share", "why", "number", "run", "ended_by", "successor")


def upgrade() -> None:
    op.create_table(
        "document_links",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("deal_id", "document")),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.PrimaryKeyConstraint("deal_id", "document", "since"),
    )
    op.create_index("document_links_by_document", "document_links", ["document"])
    op.execute(
        """
        INSERT INTO document_links (deal_id, document, since, kind, share, why, number, run, ended_by, successor)
        SELECT to_id, from_id, updated_at, 'made', '', 'Made for the deal', '', '', '', '' FROM xrefs
        WHERE from_system = 'intacct' AND from_object = 'invoice' AND to_system = 'hubspot' AND to_object = 'deal'
        """
    )
    op.execute(
        """
        DELETE FROM xrefs
        WHERE from_system = 'intacct' AND from_object = 'invoice' AND to_system = 'hubspot' AND to_object = 'deal'
        """
    )
