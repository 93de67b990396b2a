from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.tie_out_books import FIRST_DEAL, KNOWN
from benchmarks.tie_out_books import make_books as clean
from include.reports.tie_out_compare import breaks_in, compare, totals
from include.reports.tie_out_tables import TABLES, columns_of, load, make_tables, opened, page_frame
from tests.reports.planted import PLANTS, plant

NUMBER = int(os.environ.get("TIEOUT_TEST_RECORDS", "10000"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(tmp_path / "tables.duckdb") as connection:
        yield connection


def test_clean_books_have_no_break(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, NUMBER)
    compare(store, KNOWN)
    assert breaks_in(store) == []
    for one in totals(store):
        for name in ("invoice", "paid", "credited", "written_off", "balance"):
            assert one[f"hubspot_{name}_minor"] == one[f"intacct_{name}_minor"] != 0


def test_forty_planted_breaks_of_eight_classes_are_found_with_their_class_and_no_other(
    store: duckdb.DuckDBPyConnection,
) -> None:
    clean(store, NUMBER)
    planted = plant(store, NUMBER)
    compare(store, KNOWN)
    found = {one.break_id: one.break_class for one in breaks_in(store)}
    assert len(planted) == 40
    assert found == planted


def test_comparing_again_finds_the_same(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 2000)
    plant(store, 2000, of_each=2)
    compare(store, KNOWN)
    first = breaks_in(store)
    compare(store, KNOWN)
    assert breaks_in(store) == first


@pytest.mark.parametrize("name", PLANTS)
def test_a_break_names_both_sides_and_the_next_step(store: duckdb.DuckDBPyConnection, name: str) -> None:
    clean(store, 100)
    break_id = PLANTS[name](store, 41)
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.break_id, one.break_class) == (break_id, name)
    assert "HubSpot has" in str(one)
    assert one.next_step in str(one)
    assert one.record_no is not None
    assert one.dated is not None


def test_a_journal_on_the_control_account_is_a_manual_edit(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    store.execute(
        "INSERT INTO control VALUES (1, '1100', '100', '', 'USD', 5000, '2.GL', 'J-7', '12', '2026-10-31', 70)"
    )
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class, one.difference_minor) == ("control", "manual_edit", -5000)


def test_balances_that_differ_count_for_every_period_whatever_came_after(store: duckdb.DuckDBPyConnection) -> None:
    """A journal of March; the customer's last invoice is of April. The close of March must not pass over it."""
    clean(store, 100)
    store.execute(
        "INSERT INTO control SELECT 1, '1100', entity_id, customer_id, base_currency, 5000, '2.GL', 'J-7', '12', "
        "'2026-03-31', 70 FROM invoice WHERE record_no = 41"
    )
    store.execute("UPDATE company_balance SET open_minor = open_minor + 7 WHERE company_id = 1")
    compare(store, KNOWN)
    assert {(one.check, one.dated) for one in breaks_in(store)} == {("control", None), ("balance", None)}


def test_an_invoice_without_its_posting_is_missing_in_the_general_ledger(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 3)
    store.execute("DELETE FROM control WHERE source = 'INV-2' OR record_no = 11")
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class) == ("control", "missing")


def test_records_that_were_not_read_are_a_break(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 10)
    store.execute(
        "INSERT INTO completeness VALUES ('ARINVOICE', 'record numbers', '1', '10', 11, 10, NULL, NULL), "
        "('ARINVOICE', 'changed while reading', '', '', 0, 0, NULL, NULL)"
    )
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class) == ("completeness", "missing")
    assert "11 records and 10 were read" in one.detail


def test_a_deleted_invoice_is_told_with_the_day_of_its_deletion(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    store.execute("DELETE FROM invoice WHERE record_no = 41")
    store.execute("DELETE FROM application WHERE invoice_no = 41")
    store.execute("DELETE FROM control WHERE source = 'INV-41' OR record_no = 206")
    store.execute("INSERT INTO deleted VALUES ('ARINVOICE', 41, TIMESTAMP '2026-11-12 08:00:00')")
    compare(store, KNOWN)
    found = {one.check: one for one in breaks_in(store)}
    assert set(found) == {"invoice", "balance"}  # the company still shows it as owed
    assert {one.break_class for one in found.values()} == {"missing"}
    assert "2026-11-12" in found["invoice"].detail


def test_money_is_whole_minor_units_in_every_table(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    compare(store, KNOWN)
    types = store.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    money = [row for row in types if row[1].endswith("_minor")]
    assert len(money) > 40
    assert {row[2] for row in money} == {"BIGINT"}
    assert [row for row in types if row[2] in ("FLOAT", "DOUBLE")] == []
    assert [t for t in TABLES for c, kind in columns_of(t).items() if c.endswith("_minor") != (kind == "minor")] == []


def test_pandas_never_holds_a_float(store: duckdb.DuckDBPyConnection) -> None:
    kinds = {"record_no": "no", "total_minor": "minor", "counts": "yes"}
    frame = page_frame(kinds, [(1, 10**17 + 1, True), (None, None, None)])
    assert [str(kind) for kind in frame.dtypes] == ["Int64", "Int64", "boolean"]
    assert frame["total_minor"][0] == 10**17 + 1
    make_tables(store)
    with pytest.raises(TypeError, match="float"):
        load(store, "merged", [(1, 2.0)])


def test_a_deal_that_was_lowered_and_credited_by_tieout_agrees(store: duckdb.DuckDBPyConnection) -> None:
    clean(store, 100)
    store.execute("UPDATE deal SET amount_minor = amount_minor - 2500 WHERE deal_id = ?", [FIRST_DEAL + 41])
    compare(store, KNOWN)
    (one,) = breaks_in(store)
    assert (one.check, one.break_class, one.difference_minor) == ("amount", "manual_edit", -2500)
    # The memo waits to be applied: on the company, in the subledger and in the general ledger.
    store.execute(
        "INSERT INTO adjustment SELECT 7000, 'CM-7', customer_id, entity_id, currency, currency, -2500, -2500, -2500, "
        "true, false, dated, modified_at, -2500, true FROM invoice WHERE record_no = 41"
    )
    store.execute(
        "INSERT INTO control SELECT 7000, '1100', entity_id, customer_id, currency, -2500, '4.AR', 'CM-7', '', dated, "
        "NULL FROM invoice WHERE record_no = 41"
    )
    store.execute(
        "UPDATE company_balance SET unapplied_minor = 2500 WHERE (company_id, currency) IN (SELECT c.company_id, "
        "i.currency FROM invoice i JOIN company c ON c.customer_id = i.customer_id WHERE i.record_no = 41)"
    )
    store.execute("INSERT INTO memo VALUES (?, 7000)", [FIRST_DEAL + 41])
    compare(store, KNOWN)
    assert breaks_in(store) == []
