"""Every won deal is in just one class, the classes foot to HubSpot's own number, and a deal without an amount shows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.tie_out_books import FIRST_DEAL, KNOWN
from benchmarks.tie_out_books import make_books as clean
from include.reports.tie_out_compare import breaks_in, compare
from include.reports.tie_out_tables import opened
from include.reports.tie_out_won import won_counts, won_statement
from tests.reports.planted import PLANTS

EXPLAINED = {
    *("on hold", "nothing to bill", "before go-live", "ordered", "waiting", "credited", "recurring invoice"),
}  # fmt: skip
FATES = {
    "agrees": (),
    "no amount": ("UPDATE deal SET amount_minor = NULL WHERE deal_id = {deal}",),
    "other amount": ("UPDATE deal SET amount_minor = amount_minor + 777 WHERE deal_id = {deal}",),
    "no amount, timing": (
        "UPDATE deal SET amount_minor = NULL, modified_at = TIMESTAMP '2026-11-15 12:00:00' WHERE deal_id = {deal}",
    ),
    "not won": ("UPDATE deal SET won = false WHERE deal_id = {deal}",),
    "archived": ("UPDATE deal SET archived = true WHERE deal_id = {deal}",),
    "reversed": ("UPDATE invoice SET standing = 'reversed' WHERE record_no = {n}",),
    "invoice gone": ("DELETE FROM invoice WHERE record_no = {n}",),
    **{
        name: (
            "DELETE FROM invoice WHERE record_no = {n}",
            "DELETE FROM written WHERE record_no = {n}",
            "UPDATE deal SET status = '', numbers = '', amount_minor = {amount} WHERE deal_id = {deal}",
            "INSERT INTO unbilled VALUES ({deal}, '{fate}', 'said the main job')",
        )
        for name in ("due", "to hold", *sorted(EXPLAINED))
    },
    "nothing known": (
        "DELETE FROM invoice WHERE record_no = {n}",
        "DELETE FROM written WHERE record_no = {n}",
        "UPDATE deal SET status = '', numbers = '', amount_minor = {amount} WHERE deal_id = {deal}",
    ),
    "duplicate": (),
}
fates = st.lists(
    st.tuples(st.sampled_from(sorted(FATES)), st.sampled_from(["NULL", "0", "4200"])), min_size=1, max_size=40
)


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        yield connection


def spoil(store: duckdb.DuckDBPyConnection, n: int, fate: str, amount: str = "4200") -> None:
    for statement in FATES[fate]:
        store.execute(statement.format(n=n, deal=FIRST_DEAL + n, amount=amount, fate=fate))
    if fate == "duplicate":
        PLANTS["duplicate"](store, n)


@given(fates)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_becomes_of_won_deals_each_is_in_one_class_and_the_classes_foot(given: list[tuple[str, str]]) -> None:
    with opened() as store:
        clean(store, 60)
        for n, (fate, amount) in enumerate(given, start=1):
            spoil(store, n, fate, amount)
        compare(store, KNOWN)
        won = {deal for (deal,) in store.execute("SELECT deal_id FROM deal WHERE won AND NOT archived").fetchall()}
        counts = won_counts(store)
        assert sum(counts.values()) == len(won)
        assert won_statement(store).startswith(f"{len(won)} won deals = ")
        listed = store.execute("SELECT deal_id, class FROM won_deal").fetchall()
        assert len(listed) == len({deal for deal, _ in listed})
        assert {deal for deal, _ in listed} <= won
        # A deal that is neither in agreement nor explained is a break, of the class that it is counted in.
        broken = {one.deal_id: one.break_class for one in breaks_in(store) if one.deal_id in won}
        shown = {deal: name for deal, name in listed if name not in EXPLAINED | {"agrees", "no standing invoice"}}
        assert shown == broken
        without = {FIRST_DEAL + n for n, (fate, _) in enumerate(given, start=1) if fate.startswith("no amount")}
        assert without <= broken.keys()
        sums = store.execute("SELECT coalesce(sum(amount_minor), 0) FROM won_deals").fetchone()
        assert (
            sums
            == store.execute("SELECT coalesce(sum(amount_minor), 0) FROM deal WHERE won AND NOT archived").fetchone()
        )


@pytest.mark.parametrize("paid", [False, True])
def test_a_won_deal_without_an_amount_is_a_break_of_its_own_class_also_where_its_invoice_is_settled(
    store: duckdb.DuckDBPyConnection, paid: bool
) -> None:
    clean(store, 100)
    if paid:
        store.execute("UPDATE invoice SET balance_minor = 0, base_balance_minor = 0 WHERE record_no = 41")
        store.execute(
            "UPDATE deal SET paid_minor = total_minor, balance_minor = 0 WHERE deal_id = ?", [FIRST_DEAL + 41]
        )
        store.execute(
            "INSERT INTO application SELECT 9999, 41, 9999, 'cash', 9999, total_minor, currency, true, dated, "
            "modified_at, NULL, true FROM invoice WHERE record_no = 41"
        )
        store.execute(
            "INSERT INTO control SELECT 9999, '1100', entity_id, customer_id, currency, -total_minor, '4.AR', '', '', "
            "dated, NULL FROM invoice WHERE record_no = 41"
        )
        store.execute(
            "UPDATE company_balance SET open_minor = open_minor - "
            "(SELECT total_minor FROM invoice WHERE record_no = 41) WHERE (company_id, currency) IN "
            "(SELECT c.company_id, i.currency FROM invoice i JOIN company c ON c.customer_id = i.customer_id "
            "WHERE i.record_no = 41)"
        )
    spoil(store, 41, "no amount")
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class, one.deal_id) == ("amount", "no_amount", FIRST_DEAL + 41)
    assert one.hubspot_minor is None
    assert one.intacct_minor
    assert "no amount" in one.detail
    assert "Enter the deal's amount" in one.next_step
    assert won_statement(store) == "100 won deals = 99 agrees + 1 no amount"


@pytest.mark.parametrize(("fate", "check"), [("no amount, timing", "amount"), ("not won", "not won")])
def test_a_change_that_the_main_job_has_held_is_no_matter_of_time(
    store: duckdb.DuckDBPyConnection, fate: str, check: str
) -> None:
    """The hold's own message is what changed the deal last."""
    clean(store, 100)
    spoil(store, 41, fate)
    store.execute("UPDATE deal SET modified_at = TIMESTAMP '2026-11-15 12:00:00' WHERE deal_id = ?", [FIRST_DEAL + 41])
    compare(store, KNOWN)
    assert [(one.check, one.break_class) for one in breaks_in(store)] == [(check, "timing")]
    store.execute("INSERT INTO held VALUES (?, 'changed_after_posting', 'Decide.')", [FIRST_DEAL + 41])
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class) == (check, "no_amount" if check == "amount" else "manual_edit")
    assert "On hold: Decide." in one.detail


def test_a_won_deal_of_which_nothing_is_known_is_a_break_and_not_left_out(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    spoil(store, 41, "nothing known")
    store.execute("DELETE FROM control; DELETE FROM company_balance; DELETE FROM company")
    compare(store, KNOWN)
    found = [one for one in breaks_in(store) if one.check != "control"]
    assert [(one.check, one.break_class, one.deal_id) for one in found] == [("won deals", "unknown", FIRST_DEAL + 41)]


def test_classes_that_do_not_foot_are_a_break(store: duckdb.DuckDBPyConnection) -> None:
    """A deal that was read twice."""
    clean(store, 100)
    store.execute("INSERT INTO deal SELECT * FROM deal WHERE deal_id = ?", [FIRST_DEAL + 41])
    compare(store, KNOWN)
    (one,) = [one for one in breaks_in(store) if one.check == "won deals"]
    assert one.break_class == "unknown"
    assert one.detail.endswith(" and the classes together 34.")
    assert " is NOT " in won_statement(store)
