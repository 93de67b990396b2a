"""Deals and invoices that are no plain pair, and the sums of those that are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.tie_out_books import FIRST_DEAL, KNOWN
from benchmarks.tie_out_books import make_books as clean
from include.reports.tie_out_compare import breaks_in, compare
from include.reports.tie_out_intacct import deal_of_key
from include.reports.tie_out_tables import opened
from tests.reports.planted import plant


@pytest.fixture
def store(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(tmp_path / "tables.duckdb") as connection:
        yield connection


def classes(store: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    compare(store, KNOWN)
    return [(one.break_id, one.break_class) for one in breaks_in(store)]


def share(store: duckdb.DuckDBPyConnection, weight: int | None = None) -> None:
    """Deal 41's invoice is deal 42's too: both name it, each shows its half, and the invoice of deal 42 is gone."""
    store.execute("DELETE FROM invoice WHERE record_no = 42")
    store.execute("DELETE FROM application WHERE invoice_no = 42")
    store.execute("DELETE FROM written WHERE record_no IN (41, 42)")
    store.execute("DELETE FROM company_balance")
    store.execute("DELETE FROM company")
    store.execute("DELETE FROM control")
    store.execute(
        "UPDATE invoice SET total_minor = 1001, balance_minor = 1001, base_balance_minor = 1001, deal_id = NULL, "
        "document_key = '' WHERE record_no = 41"
    )
    store.execute("DELETE FROM application WHERE invoice_no = 41")
    first = 501 if weight is None else 667
    for deal, minor in ((41, first), (42, 1001 - first)):
        store.execute(
            "UPDATE deal SET amount_minor = ?, total_minor = ?, balance_minor = ?, paid_minor = 0, credited_minor = 0, "
            "written_off_minor = 0, numbers = 'INV-41', currency = i.currency, shown_currency = i.currency "
            "FROM (SELECT currency FROM invoice WHERE record_no = 41) i WHERE deal_id = ?",
            [minor, minor, minor, FIRST_DEAL + deal],
        )  # fmt: skip


def off_the_deals(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fixture takes the companies and the ledger away: what is said of them does not matter here."""
    return [one for one in found if not one[0].startswith(("control", "company"))]


def test_each_deal_shows_its_part_of_an_invoice_that_two_share(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    share(store)
    assert off_the_deals(classes(store)) == []
    store.execute("UPDATE deal SET balance_minor = balance_minor + 300 WHERE deal_id = ?", [FIRST_DEAL + 42])
    assert off_the_deals(classes(store)) == [(f"deal {FIRST_DEAL + 42}: figures", "unknown")]
    (told,) = [one.detail for one in breaks_in(store) if one.check == "figures"]
    both = f"{FIRST_DEAL + 41}, {FIRST_DEAL + 42}"
    assert told.strip() == f"It shows its part of invoice INV-41, which is for the deals {both}."


def test_a_recorded_weight_decides_before_the_deals_amounts(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    share(store, weight=2)
    for deal, weight in ((41, "2"), (42, "1")):
        store.execute("INSERT INTO share VALUES (?, 41, ?)", [FIRST_DEAL + deal, weight])
    store.execute("UPDATE deal SET amount_minor = 5 WHERE deal_id = ?", [FIRST_DEAL + 42])
    found = off_the_deals(classes(store))
    assert found == [(f"deal {FIRST_DEAL + 42}: amount", "unknown")]  # its figures are those of its weight


def test_the_invoice_of_a_merged_deal_is_that_of_the_deal_it_became(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    store.execute("UPDATE invoice SET deal_id = 77 WHERE record_no = 41")
    compare(store, KNOWN)
    assert {one.check for one in breaks_in(store)} >= {"deal"}  # the key names a deal that is not there
    store.execute("INSERT INTO merged VALUES (77, ?)", [FIRST_DEAL + 41])
    assert classes(store) == []


def takes_the_invoice_of(store: duckdb.DuckDBPyConnection, n: int) -> None:
    """Deal 41 bills invoice ``n`` too, whose own deal is gone."""
    clean(store, 100)
    store.execute("INSERT INTO known_link VALUES (?, ?)", [FIRST_DEAL + 41, n])
    store.execute("UPDATE invoice SET deal_id = NULL, document_key = '' WHERE record_no = ?", [n])
    store.execute("DELETE FROM deal WHERE deal_id = ?", [FIRST_DEAL + n])
    store.execute("DELETE FROM written WHERE record_no = ?", [n])


def test_an_invoice_of_two_live_ones_is_no_break_where_the_deal_shows_both(store: duckdb.DuckDBPyConnection) -> None:
    takes_the_invoice_of(store, 44)
    store.execute(
        "UPDATE deal SET amount_minor = amount_minor + i.total_minor, paid_minor = paid_minor + 3000, "
        "total_minor = deal.total_minor + i.total_minor, balance_minor = deal.balance_minor + i.balance_minor "
        "FROM (SELECT * FROM invoice WHERE record_no = 44) i WHERE deal.deal_id = ?",
        [FIRST_DEAL + 41],
    )
    assert classes(store) == []


def test_tax_and_instalments_of_a_merged_deal_are_those_of_the_deal_it_became(
    store: duckdb.DuckDBPyConnection,
) -> None:
    clean(store, 100)
    deal = FIRST_DEAL + 41
    store.execute("INSERT INTO merged VALUES (77, ?)", [deal])
    store.execute("UPDATE invoice SET deal_id = 77 WHERE record_no = 41")
    store.execute("INSERT INTO on_top VALUES (77, 41, 100)")
    store.execute("INSERT INTO later VALUES (77, 5000)")
    store.execute("UPDATE deal SET amount_minor = amount_minor - 100 + 5000 WHERE deal_id = ?", [deal])
    assert classes(store) == []


@pytest.mark.parametrize(
    "spoil", ["INSERT INTO later VALUES ({deal}, 5000)", "INSERT INTO on_top VALUES ({deal}, 888, -7)"]
)
def test_a_plain_pair_is_held_against_what_is_billed_later_and_the_tax_of_memos_too(
    store: duckdb.DuckDBPyConnection, spoil: str
) -> None:
    """The deal's amount is its invoice's, and yet wrong: more is to be billed, or a memo took tax back."""
    clean(store, 100)
    store.execute(
        "INSERT INTO adjustment SELECT 888, 'M', customer_id, entity_id, currency, base_currency, 0, 0, 0, true, "
        "false, dated, modified_at, 0, true FROM invoice WHERE record_no = 41"
    )
    assert classes(store) == []
    store.execute(spoil.format(deal=FIRST_DEAL + 41))
    (one,) = classes(store)
    assert one[0] == f"deal {FIRST_DEAL + 41}: amount"


def other_currency_too(store: duckdb.DuckDBPyConnection) -> None:
    """Deal 41, invoiced in GBP, names invoice 43 in EUR as well; the deal of that one is gone."""
    takes_the_invoice_of(store, 43)


def test_a_deal_with_live_invoices_in_two_currencies_is_a_break_whatever_it_shows(
    store: duckdb.DuckDBPyConnection,
) -> None:
    other_currency_too(store)
    assert classes(store) == [(f"deal {FIRST_DEAL + 41}: figures", "currency")]


def test_a_deal_that_was_billed_anew_in_another_currency_is_compared_by_its_live_invoice(
    store: duckdb.DuckDBPyConnection,
) -> None:
    other_currency_too(store)
    store.execute(
        "UPDATE invoice SET standing = 'reversed', balance_minor = 0, base_balance_minor = 0 WHERE record_no = 43"
    )
    store.execute("DELETE FROM application WHERE invoice_no = 43")
    assert off_the_deals(classes(store)) == []
    store.execute("UPDATE deal SET balance_minor = balance_minor + 300 WHERE deal_id = ?", [FIRST_DEAL + 41])
    assert off_the_deals(classes(store)) == [(f"deal {FIRST_DEAL + 41}: figures", "unknown")]


def test_sums_of_both_sides_are_those_of_the_records_whatever_is_broken(store: duckdb.DuckDBPyConnection) -> None:
    """Pairs that agree are summed once for both sides: the sums must be what each side's records add up to."""
    clean(store, 2000)
    plant(store, 2000)
    compare(store, KNOWN)
    names = ("total", "paid", "credited", "written_off", "balance")
    shown = ", ".join(f"sum({name}_minor)::BIGINT" for name in names)
    summed = ", ".join(f"sum(hubspot_{name.replace('total', 'invoice')}_minor)::BIGINT" for name in names)
    deals = store.execute(f"SELECT {shown}, sum(amount_minor)::BIGINT FROM deal").fetchone()  # noqa: S608
    found = store.execute(f"SELECT {summed}, sum(deal_minor)::BIGINT FROM tie_out").fetchone()  # noqa: S608
    assert found == deals
    books = store.execute("SELECT sum(total_minor)::BIGINT, sum(balance_minor)::BIGINT FROM invoice").fetchone()
    assert (
        books
        == store.execute(
            "SELECT sum(intacct_invoice_minor + other_invoice_minor)::BIGINT, "
            "sum(intacct_balance_minor + other_balance_minor)::BIGINT FROM tie_out"
        ).fetchone()
    )
    paid = store.execute(
        "SELECT sum(amount_minor) FILTER (source = 'cash')::BIGINT, "
        "sum(amount_minor) FILTER (source <> 'cash')::BIGINT FROM application"
    ).fetchone()
    applied = "sum(intacct_paid_minor)::BIGINT, sum(intacct_credited_minor + intacct_written_off_minor)::BIGINT"
    assert paid == store.execute(f"SELECT {applied} FROM tie_out").fetchone()  # noqa: S608


@pytest.mark.parametrize(
    ("key", "deal"),
    [
        ("hs-deal-5156001-invoice", 5156001),
        ("hs-deal-5156001-invoice-2", 5156001),
        ("hs-deal-5156001-b20261201", 5156001),
        ("hs-deal-5156001-order", None),
        ("hs-deal-x-invoice", None),
        ("INV-1", None),
        ("", None),
    ],
)
def test_a_key_names_its_deal(key: str, deal: int | None) -> None:
    assert deal_of_key(key) == deal
