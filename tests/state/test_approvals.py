"""What was approved is kept for good, as it was first kept, and found again by its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from include.state.approvals import Approval
from include.state.store import StateStore

GIVEN = Approval(
    "hubspot_closed_won_to_intacct_invoice",
    "run",
    "501",
    "501:55728f8dba0b",
    "c0ffee",
    "credit memo of 10.00 USD",
    "ada",
)


def test_an_approval_is_kept_as_it_was_first_kept_whatever_its_run_says_later(store: StateStore) -> None:
    store.put_approvals([GIVEN])
    store.put_approvals([replace(GIVEN, what="something else"), replace(GIVEN, run_id="another run")])
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert {(one.run_id, one.what) for one in store.approvals(long_ago)} == {
        ("run", GIVEN.what),
        ("another run", GIVEN.what),
    }
    assert store.approvals(datetime.now(UTC) + timedelta(days=1)) == []
    (first, _) = store.approvals(long_ago)
    assert replace(first, run_id="run", at=None) == GIVEN
