from __future__ import annotations

import csv
import importlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include.flows import tie_out
from include.reports.tie_out_balances import find_gaps
from include.reports.tie_out_breaks import Known
from include.reports.tie_out_compare import breaks_in
from include.reports.tie_out_completeness import COUNTED, count_parts
from include.reports.tie_out_gate import period_gate
from include.reports.tie_out_hubspot_counts import count_hubspot
from include.reports.tie_out_words import CHECKS
from include.sandbox.intacct.twin import IntacctTwin
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.office import Office, office

CHANGES = (
    "hubspot_closed_won_to_intacct_invoice",
    "hubspot_company_to_intacct_customer",
    "hubspot_contact_and_intacct_customer_sync",
    "hubspot_won_deal_onboarding",
    "intacct_credit_hold_to_hubspot_company",
    "intacct_overdue_to_hubspot_task",
    "intacct_renewal_to_hubspot_deal",
    "intacct_payment_to_hubspot_deal",
)


@dataclass
class TiedOut:
    demo: Office
    reports: Path
    note: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        return self.reports / "tie_out" / str(self.note["folder"])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TiedOut]:
    """The demo company after a run of every flow, tied out."""
    folder = tmp_path_factory.mktemp("tie_out")
    with pytest.MonkeyPatch.context() as patch, office(folder, at=datetime(2026, 11, 16, 9, tzinfo=UTC)) as demo:
        patch.setenv("TIEOUT_REPORTS_DIR", str(folder / "reports"))
        for name in CHANGES:
            demo.run_flow(importlib.import_module(f"include.flows.{name}").FLOW)
        yield TiedOut(demo, folder / "reports", tied(demo, run_id="clean"))


def tied(demo: Office, **options: Any) -> Mapping[str, Any]:
    return tie_out.tie_out(demo.run(flow=tie_out.FLOW, **options))


def test_clean_books_have_no_break_and_no_hold(clean: TiedOut) -> None:
    assert clean.note["breaks"] == 0
    assert clean.note["green"]
    assert clean.note["deals"] == 44
    assert clean.demo.hold_codes(tie_out.FLOW) == {}


def test_the_figures_are_those_of_plain_sql_over_the_twins_own_books(clean: TiedOut) -> None:
    with sqlite3.connect(":memory:") as books:
        _load(books, clean.demo)
        expected = books.execute(_INVOICES).fetchall()
        balances = books.execute(_CONTROL).fetchall()
    with duckdb.connect(str(clean.folder / "tie_out.duckdb"), read_only=True) as made:
        found = made.execute("""
            SELECT entity_id, currency, customer_id, deals, deal_minor, hubspot_invoice_minor, hubspot_paid_minor,
                hubspot_balance_minor, intacct_invoice_minor, intacct_paid_minor, intacct_credited_minor,
                intacct_written_off_minor, intacct_balance_minor, other_invoice_minor, other_balance_minor
            FROM tie_out ORDER BY 1, 2, 3""").fetchall()
        control = made.execute("""SELECT entity_id, currency, sum(subledger_minor)::BIGINT, sum(gl_minor)::BIGINT
            FROM control_books GROUP BY ALL ORDER BY 1""").fetchall()
    assert len(expected) > 40
    assert found == expected
    assert control == balances
    assert all(row[2] == row[3] != 0 for row in control)


def test_everything_was_read_by_intacct_s_own_counts_and_sums(clean: TiedOut) -> None:
    with duckdb.connect(str(clean.folder / "tie_out.duckdb"), read_only=True) as made:
        query = (
            "SELECT object, part, sum(told), sum(read), sum(told_checksum) FROM completeness GROUP BY ALL ORDER BY 1, 2"
        )
        rows = made.execute(query).fetchall()
    by_part = {(row[0], row[1]): row[2:] for row in rows}
    invoices = by_part["ARINVOICE", "record numbers"]
    assert invoices[0] == invoices[1] == clean.note["invoices"] == 109
    assert invoices[2] > 0
    days = by_part["ARINVOICE", "days of change"]
    assert days[0] == days[1] == 109  # by day of change nothing is missing either


def test_a_rerun_leaves_the_same_files(clean: TiedOut) -> None:
    files = ("summary.json", "breaks.csv", "tie_out.html")
    before = {name: (clean.folder / name).read_bytes() for name in files}
    clean.demo.sandbox.control.forget_calls()
    again = tied(clean.demo, run_id="clean")
    assert {**again, "as_of": ""} == {**clean.note, "as_of": ""}
    assert (clean.folder / "breaks.csv").read_bytes() == before["breaks.csv"]
    summary = json.loads(before["summary.json"])
    assert {**json.loads((clean.folder / "summary.json").read_text()), "as_of": ""} == {**summary, "as_of": ""}
    assert clean.demo.sent("intacct", "create") == clean.demo.sent("hubspot", "update") == 0


def test_every_won_deal_of_hubspot_is_in_one_class_by_name(clean: TiedOut) -> None:
    deals = [one for one in clean.demo.sandbox.control.books("hubspot") if one["type"] == "deals"]
    won = {int(one["id"]) for one in deals if one["properties"]["hs_is_closed_won"] == "true" and not one["archived"]}
    holds = {int(hold.source_id) for hold in clean.demo.store().open_holds(CHANGES[0])}
    with duckdb.connect(str(clean.folder / "tie_out.duckdb"), read_only=True) as made:
        listed = dict(made.execute("SELECT deal_id, class FROM won_deal").fetchall())
        linked = {deal for (deal,) in made.execute("SELECT DISTINCT deal_id FROM link").fetchall()}
    assert {deal for deal, name in listed.items() if name == "on hold"} == holds & won != set()
    assert won == linked | listed.keys()
    assert clean.note["won_deals"]["agrees"] == len(won & linked)
    assert sum(clean.note["won_deals"].values()) == len(won)
    assert f"{len(won)} won deals = " in (clean.folder / "tie_out.html").read_text()


@pytest.fixture(scope="module")
def timeless(clean: TiedOut) -> list[int]:
    """Two invoices without a time of change, as records from before an upgrade are."""
    books = next(twin for twin in clean.demo.sandbox.sandbox.twins.values() if isinstance(twin, IntacctTwin))
    numbers = sorted(int(one["RECORDNO"]) for one in clean.demo.invoices())[3:5]
    books._db.execute("UPDATE ARINVOICE SET WHENMODIFIED = NULL WHERE RECORDNO IN (?, ?)", numbers)
    return numbers


def test_records_without_a_time_of_change_are_read_and_counted(clean: TiedOut, timeless: list[int]) -> None:
    note = tied(clean.demo, run_id="timeless")
    assert (note["breaks"], note["without_time_of_change"]) == (0, len(timeless))


@pytest.mark.parametrize(
    ("name", "which"), [*((name, 0.5) for name in (*COUNTED, "deals", "companies")), ("ARINVOICE", 1), ("deals", 1)]
)
def test_a_record_that_was_not_read_is_found_whatever_it_is(
    clean: TiedOut, timeless: list[int], tmp_path: Path, name: str, which: float
) -> None:
    table, among = (COUNTED[name].table, COUNTED[name].where) if name in COUNTED else ("hubspot_read", "object = $name")
    among = among.replace("$name", f"'{name}'")
    read_at = clean.demo.now() + timedelta(minutes=5)
    shutil.copy(clean.folder / "tie_out.duckdb", tmp_path / "read.duckdb")
    with duckdb.connect(str(tmp_path / "read.duckdb")) as tables:
        tables.execute("UPDATE invoice SET modified_at = NULL WHERE record_no IN (SELECT unnest(?))", [timeless])
        left_out = f"SELECT quantile_disc(record_no, {which}) FROM {table} WHERE {among}"  # noqa: S608
        tables.execute(f"DELETE FROM {table} WHERE record_no = ({left_out}) AND {among}")  # noqa: S608
        tables.execute("DELETE FROM completeness")
        tables.execute("DELETE FROM break")
        if name in COUNTED:
            count_parts(clean.demo.intacct(), tables, read_at, ["1100"])
        else:
            count_hubspot(clean.demo.hubspot(), tables, read_at)
        find_gaps(tables, Known(read_at, read_at, read_at))
        found = breaks_in(tables)
    assert found
    assert {(one.check, one.break_class) for one in found} == {("completeness", "missing")}
    # An advance is a record of ARPYMT too.
    assert {one.subject.split()[0] for one in found} - {"ARPYMT"} == {name} - {"ARPYMT"}


def test_no_contacts_data_stands_in_any_file(clean: TiedOut) -> None:
    contacts = [b["properties"] for b in clean.demo.sandbox.control.books("hubspot") if b["type"] == "contacts"]
    theirs = {str(c[name]).encode() for c in contacts for name in ("email", "phone") if c.get(name)}
    assert len(theirs) > 50
    assert {f.name for f in clean.folder.iterdir()} >= {"tie_out.html", "breaks.csv", "tie_out.parquet", "summary.json"}
    leaks = [(f.name, one) for f in clean.folder.iterdir() for one in theirs if one in f.read_bytes()]
    assert leaks == []


def test_the_page_loads_nothing_from_anywhere(clean: TiedOut) -> None:
    page = (clean.folder / "tie_out.html").read_text()
    assert "Both systems agree to the cent." in page
    assert all(title in page for title in CHECKS.values())
    assert 'src="http' not in page
    assert "<link" not in page


def test_a_deal_that_lost_its_amount_is_shown_whether_its_invoice_is_settled_or_not(clean: TiedOut) -> None:
    demo, rep = clean.demo, SalesRep(clean.demo.sandbox)
    posted = [one for one in demo.invoices() if one.get("TIEOUT_KEY") and one["CURRENCY"] == "USD"]
    invoices = [one for one in posted if one["STATE"] == "Posted"][-2:]
    whole = Decimal(invoices[1]["TRX_TOTALDUE"])
    BookKeeper(demo.sandbox).pay(invoices[1], whole, date(2026, 11, 16), bank="BW-US-USD")
    demo.run_flow(importlib.import_module("include.flows.intacct_payment_to_hubspot_deal").FLOW)
    deals = {one["TIEOUT_KEY"].split("-")[2]: one for one in invoices}
    for deal in deals:
        rep.change("deals", deal, amount="")
    demo.sandbox.control.advance(3600)
    demo.invoice_won_deals()
    note = tied(demo, run_id="without amounts")
    assert demo.hold_codes(tie_out.FLOW) == {f"deal {deal}: amount": "break_no_amount" for deal in deals}
    assert note["won_deals"]["no_amount"] == 2
    assert sum(note["won_deals"].values()) == sum(clean.note["won_deals"].values())
    for deal, invoice in deals.items():
        rep.change("deals", deal, amount=invoice["TRX_TOTALENTERED"])
    demo.invoice_won_deals()
    assert tied(demo, run_id="with amounts")["green"]


def test_breaks_open_with_their_class_and_close_by_themselves(clean: TiedOut) -> None:
    demo, control = clean.demo, clean.demo.sandbox.control
    control.advance(3600)
    keeper, rep = BookKeeper(demo.sandbox), SalesRep(demo.sandbox)
    linked = [one for one in demo.invoices() if one.get("TIEOUT_KEY") and one["STATE"] == "Posted"]
    paid, edited, unsold, deleted, booked = [one for one in linked if one["CURRENCY"] == "USD"][:5]
    demo_deals = {one["TIEOUT_KEY"]: one["TIEOUT_KEY"].split("-")[2] for one in linked}
    keeper.pay(paid, Decimal("1.00"), date(2026, 11, 16), bank="BW-US-USD")
    rep.change("deals", demo_deals[edited["TIEOUT_KEY"]], intacct_invoice_balance="1.00")
    rep.change("deals", demo_deals[unsold["TIEOUT_KEY"]], dealstage="contractsent")
    hubspot = demo.hubspot()
    gone = demo_deals[deleted["TIEOUT_KEY"]]
    hubspot.request("DELETE", hubspot.paths.objects("deals", gone))
    coding = Coding("4000", "100", "SAAS")
    again = keeper.invoice(
        booked["CUSTOMERID"],
        Decimal(booked["TRX_TOTALENTERED"]),
        datetime.strptime(booked["WHENPOSTED"], "%m/%d/%Y").date(),  # noqa: DTZ007
        due=date(2026, 12, 31),
        coding=coding,
    )
    note = tied(demo)
    found = {hold.source_id: hold for hold in demo.store().open_holds("tie_out")}
    wanted = {
        f"deal {demo_deals[edited['TIEOUT_KEY']]}: figures": "break_manual_edit",
        f"invoice {deleted['RECORDNO']}: deal": "break_missing",
        f"invoice {again}: duplicate": "break_duplicate",
    }
    assert {name: found[name].code for name in wanted} == wanted
    assert found.keys() == wanted.keys()
    # The flows have not seen yet: the payment (deal, company), the second invoice (company), the deal not won any more.
    assert note["classes"]["timing"] == 4
    told = str(found[f"deal {demo_deals[edited['TIEOUT_KEY']]}: figures"].message)
    assert "HubSpot has 1.00 USD" in told
    rows = list(csv.DictReader((clean.reports / "tie_out" / note["folder"] / "breaks.csv").open(encoding="utf-8-sig")))
    assert len(rows) == note["breaks"]
    assert all(row["next_step"] for row in rows)

    gate = period_gate(demo.store(), date(2026, 10, 31), "100")
    assert (gate.green, gate.run_id != "clean") == (False, True)
    assert "breaks up to 2026-10-31" in gate.why

    rep.change("deals", demo_deals[edited["TIEOUT_KEY"]], intacct_invoice_balance=edited["TRX_TOTALDUE"])
    rep.change("deals", demo_deals[unsold["TIEOUT_KEY"]], dealstage="closedwon")
    keeper.reverse_invoice(again, date(2026, 11, 16), "entered twice")
    demo.run_flow(importlib.import_module("include.flows.intacct_payment_to_hubspot_deal").FLOW)
    last = tied(demo)
    assert demo.hold_codes(tie_out.FLOW) == {f"invoice {deleted['RECORDNO']}: deal": "break_missing"}
    assert (last["holds_closed"], last["classes"]) == (2, {"missing": 1})


_INVOICES = """
WITH sides AS (
    SELECT i.entity, i.currency, i.customer, d.id AS deal, d.amount, d.total, d.paid, d.balance,
        CASE WHEN i.state IN ('Reversed', 'Reversal') THEN 0 ELSE i.total END AS its_total,
        CASE WHEN i.state IN ('Reversed', 'Reversal') THEN 0 ELSE i.due END AS its_due,
        (SELECT coalesce(sum(a.cash), 0) FROM applied a WHERE a.invoice = i.no AND a.state = 'Complete') AS its_paid,
        (SELECT coalesce(sum(a.credit), 0) FROM applied a WHERE a.invoice = i.no AND a.state = 'Complete'
            AND a.memo NOT IN (SELECT no FROM bad_debt)) AS its_credit,
        (SELECT coalesce(sum(a.credit), 0) FROM applied a WHERE a.invoice = i.no AND a.state = 'Complete'
            AND a.memo IN (SELECT no FROM bad_debt)) AS its_loss
    FROM invoice i LEFT JOIN deal d ON d.number = i.number
)
SELECT entity, currency, customer, count(deal), coalesce(sum(amount), 0), coalesce(sum(total), 0),
    coalesce(sum(paid), 0), coalesce(sum(balance), 0),
    sum(CASE WHEN deal IS NULL THEN 0 ELSE its_total END), sum(CASE WHEN deal IS NULL THEN 0 ELSE its_paid END),
    sum(CASE WHEN deal IS NULL THEN 0 ELSE its_credit END), sum(CASE WHEN deal IS NULL THEN 0 ELSE its_loss END),
    sum(CASE WHEN deal IS NULL THEN 0 ELSE its_due END),
    sum(CASE WHEN deal IS NULL THEN its_total ELSE 0 END), sum(CASE WHEN deal IS NULL THEN its_due ELSE 0 END)
FROM sides GROUP BY entity, currency, customer ORDER BY entity, currency, customer
"""
_CONTROL = """
SELECT g.entity, g.currency, (
        SELECT coalesce(sum(due), 0) FROM open o WHERE o.currency = g.currency
    ), g.amount
FROM (SELECT entity, currency, sum(amount) AS amount FROM posting WHERE account = '1100' GROUP BY entity, currency) g
ORDER BY g.entity
"""


def _minor(text: str | None, currency: str) -> int:
    whole, _, cents = (text or "0").partition(".")
    digits = 0 if currency == "JPY" else 2
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * 10**digits + sign * int((cents + "00")[:digits] or "0")


def _load(books: sqlite3.Connection, demo: Office) -> None:
    """The twins' exported books as tables: amounts in minor units by hand, nothing of the product."""
    books.executescript("""
        CREATE TABLE invoice (no, number, entity, currency, customer, state, total INTEGER, due INTEGER);
        CREATE TABLE applied (invoice, memo, state, cash INTEGER, credit INTEGER);
        CREATE TABLE bad_debt (no); CREATE TABLE open (currency, due INTEGER);
        CREATE TABLE posting (account, entity, currency, amount INTEGER);
        CREATE TABLE deal (id, number, amount INTEGER, total INTEGER, paid INTEGER, balance INTEGER);""")
    for book in demo.sandbox.control.books("intacct"):
        kind, r, items = book["object"], book["record"], book.get("items") or []
        if kind == "ARINVOICE":
            code = r["CURRENCY"]
            total, due = _minor(r["TRX_TOTALENTERED"], code), _minor(r["TRX_TOTALDUE"], code)
            row = (r["RECORDNO"], r["RECORDID"], items[0]["LOCATIONID"], code, r["CUSTOMERID"], r["STATE"], total, due)
            books.execute("INSERT INTO invoice VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        if kind in ("ARINVOICE", "ARADJUSTMENT", "ARPYMT"):
            due = _minor(r["TOTALDUE"], r["BASECURR"]) * (-1 if kind == "ARPYMT" else 1)
            books.execute("INSERT INTO open VALUES (?, ?)", (r["BASECURR"], due))
        if kind == "ARADJUSTMENT" and all(item["ACCOUNTNO"] == "6900" for item in items):
            books.execute("INSERT INTO bad_debt VALUES (?)", (r["RECORDNO"],))
        for item in items if kind == "ARPYMT" else ():
            code = item["CURRENCY"]
            cash, credit = item.get("TRX_PAYMENTAMOUNT"), item.get("TRX_ADJUSTMENTAMOUNT")
            memo = item.get("ADJUSTMENTKEY") or ""
            row = (item["RECORDKEY"], memo, item["STATE"], _minor(cash, code), _minor(credit, code))
            books.execute("INSERT INTO applied VALUES (?, ?, ?, ?, ?)", row)
        for item in items if kind == "GLBATCH" else ():
            amount = _minor(item["AMOUNT"], item["BASECURR"]) * int(item["TR_TYPE"])
            row = (item["ACCOUNTNO"], item["LOCATION"], item["BASECURR"], amount)
            books.execute("INSERT INTO posting VALUES (?, ?, ?, ?)", row)
    for book in demo.sandbox.control.books("hubspot"):
        p = book["properties"] if book["type"] == "deals" else {}
        if p.get("intacct_invoice_number"):
            code = p["deal_currency_code"]
            names = ("amount", "intacct_invoice_total", "intacct_invoice_paid", "intacct_invoice_balance")
            row = (book["id"], p["intacct_invoice_number"], *(_minor(p[name], code) for name in names))
            books.execute("INSERT INTO deal VALUES (?, ?, ?, ?, ?, ?)", row)
