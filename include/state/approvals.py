"""What people approved: kept before anything of it is sent, for the close and its auditors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from include.state.engine import Database
from include.state.schema import approvals
from include.state.upsert import insert


@dataclass(frozen=True, slots=True)
class Approval:
    """``subject`` is the source record that was approved, ``token`` what the person wrote, ``content_hash`` of what was
    carried out on the strength of it, ``what`` the same in words (no contact data). ``approved_by`` is who started the
    run, by Airflow's name; ``""`` where Airflow tells none."""

    flow: str
    run_id: str
    subject: str
    token: str
    content_hash: str
    what: str
    approved_by: str
    at: datetime | None = None


class Approvals(Database):
    def put_approvals(self, given: Sequence[Approval]) -> None:
        """Keep these; one that is known of its run stays as it was first kept."""
        if not given:
            return
        now = self._now()
        rows = [
            {
                "flow": one.flow,
                "run_id": one.run_id,
                "token": one.token,
                "subject": one.subject,
                "content_hash": one.content_hash,
                "what": one.what.replace("\x00", ""),
                "approved_by": one.approved_by,
                "given_at": now,
            }
            for one in sorted(given, key=lambda one: (one.flow, one.run_id, one.token))
        ]
        with self.begin() as connection:
            connection.execute(insert(connection, approvals).on_conflict_do_nothing(), rows)

    def approvals(self, since: datetime) -> list[Approval]:
        """Those given at ``since`` (aware) or later, oldest first."""
        query = (
            select(approvals)
            .where(approvals.c.given_at >= since)
            .order_by(approvals.c.given_at, approvals.c.flow, approvals.c.run_id, approvals.c.token)
        )
        with self.read() as connection:
            return [
                Approval(
                    row.flow,
                    row.run_id,
                    row.subject,
                    row.token,
                    row.content_hash,
                    row.what,
                    row.approved_by,
                    row.given_at,
                )
                for row in connection.execute(query)
            ]
