"""The revenue report on the demo company, against the twins' exported books recomputed in plain SQL."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from lxml import etree

from include.connectors.intacct.codec import Function
from include.core.money import Money
from include.flows.revenue_report import FLOW, build, report, span_of
from tests.flows.office import Office, office

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
REVENUE = "('4000', '4100', '4200', '4300', '4900')"
TABLES = {"revenue", "deals", "facts", "ageing", "closed_periods", "changes_after_close"}
CASH = ("TRX_PAYMENTAMOUNT", "TRX_POSTEDADVANCEAMOUNT", "TRX_POSTEDOVERPAYMENTAMOUNT")


def minor(text: str | None, currency: str) -> int:
    return Money.of(text or "0", currency).minor


def posted_revenue(demo: Office, *entries: int) -> None:
    """Somebody posts these entries of revenue schedules."""
    for entry in entries:
        post = etree.Element("post_revrecscheduleentry")
        etree.SubElement(post, "recordno").text = str(entry)
        (done,) = demo.intacct().call([Function(post)])
        assert done.ok, done.failure


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A report of the demo company, its won deals invoiced and some revenue of the schedules posted."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch, office(folder, at=NOW) as demo:
        patch.setenv("TIEOUT_REPORTS_DIR", str(folder / "reports"))
        demo.invoice_won_deals()
        posted_revenue(demo, *future_safe(demo))
        demo.sandbox.control.forget_calls()
        run = demo.run(flow=FLOW)
        built = build(run)
        yield SimpleNamespace(
            demo=demo,
            folder=Path(built["folder"]),
            summary=built["summary"],
            note=report(run, built),
            calls=demo.sandbox.control.counts(),
        )


def future_safe(demo: Office) -> list[int]:
    """A few entries of schedules that lie in periods which are open."""
    entries = [b["record"] for b in demo.sandbox.control.books("intacct") if b["object"] == "REVRECSCHEDULEENTRY"]
    days = [(int(one["RECORDNO"]), datetime.strptime(one["POSTINGDATE"], "%m/%d/%Y").date()) for one in entries]  # noqa: DTZ007
    return [number for number, day in days if date(2026, 10, 1) <= day <= date(2026, 10, 31)][:4]


@pytest.fixture(scope="module")
def exported(made: SimpleNamespace) -> sqlite3.Connection:
    """The twins' books as they are, in SQLite, in minor units."""
    db = sqlite3.connect(":memory:")
    db.executescript("""
        CREATE TABLE head (object, no, state, currency, total INTEGER, due, number, key, bad_debt INTEGER);
        CREATE TABLE detail (invoice, currency, cash INTEGER, applied INTEGER);
        CREATE TABLE posting (account, currency, amount INTEGER);
        CREATE TABLE scheduled (currency, amount INTEGER, posted);
        CREATE TABLE deal (id, currency, amount INTEGER, won, closed, chance);
    """)
    control = made.demo.sandbox.control
    for one in control.books("intacct"):
        name, head, items = one["object"], one["record"], one.get("items", [])
        if name in ("ARINVOICE", "ARADJUSTMENT"):
            code, accounts = head["CURRENCY"], {item["ACCOUNTNO"] for item in items}
            db.execute("INSERT INTO head VALUES (?,?,?,?,?,?,?,?,?)", (
                name, head["RECORDNO"], head["STATE"], code, minor(head["TRX_TOTALENTERED"], code),
                minor(head["TRX_TOTALDUE"], code), head["RECORDID"], head.get("TIEOUT_KEY"), accounts == {"6900"},
            ))  # fmt: skip
        for item in items:
            code = item.get("CURRENCY", "")
            if name == "ARPYMT":
                cash = sum(minor(item.get(field), code) for field in CASH)
                applied = cash + minor(item.get("TRX_ADJUSTMENTAMOUNT"), code)
                db.execute("INSERT INTO detail VALUES (?,?,?,?)", (item.get("RECORDKEY"), code, cash, applied))
            elif name == "GLBATCH":
                amount = minor(item["TRX_AMOUNT"], code) * int(item["TR_TYPE"])
                db.execute("INSERT INTO posting VALUES (?,?,?)", (item["ACCOUNTNO"], code, amount))
        if name == "REVRECSCHEDULEENTRY":
            code = head["CURRENCY"]
            db.execute("INSERT INTO scheduled VALUES (?,?,?)", (code, minor(head["TRX_AMOUNT"], code), head["POSTED"]))
    for one in control.books("hubspot"):
        if one["type"] == "deals" and not one["archived"]:
            sheet = one["properties"]
            code = sheet["deal_currency_code"]
            db.execute("INSERT INTO deal VALUES (?,?,?,?,?,?)", (
                one["id"], code, minor(sheet.get("amount"), code) if sheet.get("amount") else 0,
                sheet["hs_is_closed_won"], sheet["hs_is_closed"], sheet["hs_deal_stage_probability"],
            ))  # fmt: skip
    return db


def sums(db: sqlite3.Connection, query: str) -> dict[str, int]:
    return {code: total for code, total in db.execute(query) if total}


def reported(made: SimpleNamespace, column: str) -> dict[str, int]:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        found = store.execute(f"SELECT currency, sum({column}_minor)::BIGINT FROM revenue GROUP BY 1").fetchall()
    return {code: total for code, total in found if total}


@pytest.mark.parametrize(
    ("column", "query"),
    [
        ("booked", "SELECT currency, sum(amount) FROM deal WHERE won = 'true' GROUP BY 1"),
        ("pipeline", "SELECT currency, sum(amount) FROM deal WHERE closed = 'false' GROUP BY 1"),
        (
            "billed",
            "SELECT currency, sum(total) FROM head WHERE object = 'ARINVOICE' AND state <> 'Draft' GROUP BY 1",
        ),
        (
            "credited",
            "SELECT currency, -sum(total) FROM head WHERE object = 'ARADJUSTMENT' AND NOT bad_debt GROUP BY 1",
        ),
        ("written_off", "SELECT currency, -sum(total) FROM head WHERE object = 'ARADJUSTMENT' AND bad_debt GROUP BY 1"),
        ("collected", "SELECT currency, sum(cash) FROM detail WHERE invoice IS NOT NULL GROUP BY 1"),
        ("recognised", f"SELECT currency, -sum(amount) FROM posting WHERE account IN {REVENUE} GROUP BY 1"),
        ("scheduled", "SELECT currency, sum(amount) FROM scheduled WHERE posted <> 'true' GROUP BY 1"),
        # Balances, by another way than the report's: what the documents say is due; what was deferred in the ledger.
        ("open", "SELECT currency, sum(due) FROM head WHERE state <> 'Draft' GROUP BY 1"),
        ("deferred", "SELECT currency, -sum(amount) FROM posting WHERE account = '2400' GROUP BY 1"),
        (
            "billed_without_deal",
            "SELECT currency, sum(total) FROM head WHERE object = 'ARINVOICE' AND key IS NULL GROUP BY 1",
        ),
    ],
)
def test_each_column_is_what_plain_sql_over_the_exported_books_says(
    made: SimpleNamespace, exported: sqlite3.Connection, column: str, query: str
) -> None:
    expected = sums(exported, query)
    assert expected
    assert reported(made, column) == expected


def test_weighted_is_each_open_deal_times_its_stages_chance(
    made: SimpleNamespace, exported: sqlite3.Connection
) -> None:
    expected: dict[str, int] = {}
    for code, amount, chance in exported.execute("SELECT currency, amount, chance FROM deal WHERE closed = 'false'"):
        share = int(chance.replace(".", "").ljust(6, "0")[:6]) if "." in chance else int(chance) * 100_000
        expected[code] = expected.get(code, 0) + (amount * share + 50_000) // 100_000
    assert sum(expected.values()) > 0
    assert reported(made, "weighted") == {code: total for code, total in expected.items() if total}


def test_posted_schedule_entries_are_recognised_on_their_deal(made: SimpleNamespace) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        found = store.execute(
            "SELECT deal_id, day FROM facts WHERE measure = 'recognised' AND why LIKE 'revenue schedule%'"
        ).fetchall()
    assert len(found) == 4
    assert all(deal_id and day.month == 10 for deal_id, day in found)


def test_each_deals_row_shows_its_own_invoices_and_no_deal_is_missing(
    made: SimpleNamespace, exported: sqlite3.Connection
) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        found = store.execute(
            "SELECT deal_id, stage, close_date, amount_minor, billed_minor, open_minor, invoices FROM deals "
            "WHERE deal_id <> ''"
        ).fetchall()
    deals = {row[0]: row for row in found}
    expected = {one for (one,) in exported.execute("SELECT id FROM deal")}
    assert set(deals) == expected
    assert all(row[1] and row[2] for row in found)
    keyed = exported.execute("SELECT key, total, due, number FROM head WHERE key LIKE 'hs-deal-%'").fetchall()
    assert len(keyed) == 44
    for key, total, due, number in keyed:
        deal = deals[re.fullmatch(r"hs-deal-(\d+)-invoice", key)[1]]  # type: ignore[index]
        assert (deal[4], deal[5], deal[6]) == (total, due, number)


def test_the_ageing_adds_up_to_what_is_open(made: SimpleNamespace, exported: sqlite3.Connection) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        open_now = dict(store.execute("SELECT currency, sum(open_minor)::BIGINT FROM ageing GROUP BY 1").fetchall())
        wrong = store.execute(
            "SELECT count(*) FROM ageing WHERE bucket <> 'unapplied credit' AND bucket <> CASE "
            "WHEN DATE '2026-11-16' <= due THEN 'not due' WHEN DATE '2026-11-16' - due <= 30 THEN '1-30' "
            "WHEN DATE '2026-11-16' - due <= 60 THEN '31-60' WHEN DATE '2026-11-16' - due <= 90 THEN '61-90' "
            "ELSE 'over 90' END"
        ).fetchone()
    assert open_now == sums(exported, "SELECT currency, sum(due) FROM head WHERE state <> 'Draft' GROUP BY 1")
    assert wrong == (0,)


def test_every_figure_is_the_sum_of_the_records_that_explain_it(made: SimpleNamespace) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        measures = [r[0] for r in store.execute("SELECT DISTINCT measure FROM facts").fetchall()]
        for measure in measures:
            differing = store.execute(
                f"SELECT count(*) FROM revenue r LEFT JOIN (SELECT row_id, sum(amount_minor) a, sum(base_minor) b "
                f"FROM facts WHERE measure = ? GROUP BY 1) f USING (row_id) WHERE r.{measure}_minor <> coalesce(a, 0) "
                f"OR r.{measure}_base_minor <> coalesce(b, 0)",
                [measure],
            ).fetchone()
            assert differing == (0,), measure
        nameless = store.execute("SELECT count(*) FROM facts WHERE record_no = '' OR object = ''").fetchone()
    assert nameless == (0,)
    assert len(measures) >= 9


def test_money_is_whole_minor_units_in_every_file_and_never_a_float(made: SimpleNamespace) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        columns = store.execute("SELECT table_name, column_name, data_type FROM duckdb_columns()").fetchall()
        assert {table for table, _, _ in columns} == TABLES
        frame = store.execute("SELECT * FROM revenue").df()
    files = [f"SELECT * FROM read_parquet('{made.folder / name}.parquet')" for name in sorted(TABLES)]
    for query in files:
        told = duckdb.sql(query)
        columns += [(query, name, str(kind)) for name, kind in zip(told.columns, told.types, strict=True)]
    assert not [one for one in columns if one[2] in {"DOUBLE", "FLOAT", "REAL"} or "DECIMAL" in one[2]]
    money = [one for one in columns if one[1].endswith("_minor")]
    assert len(money) > 60
    assert {one[2] for one in money} == {"BIGINT"}
    assert {str(frame[name].dtype) for name in frame if name.endswith("_minor")} == {"int64"}


def test_the_report_shows_no_contact_and_writes_to_neither_system(made: SimpleNamespace) -> None:
    people = [b["properties"] for b in made.demo.sandbox.control.books("hubspot") if b["type"] == "contacts"]
    theirs = {str(p[name]) for p in people for name in ("email", "phone") if p.get(name)}
    theirs |= {f"{p['firstname']} {p['lastname']}" for p in people if p.get("firstname") and p.get("lastname")}
    assert len(theirs) > 100
    for file in made.folder.iterdir():
        if file.suffix in {".csv", ".html", ".json"}:
            text = file.read_text()
            assert not [one for one in theirs if one in text], file.name
    labels = [name for system in made.calls["systems"].values() for name in system["labels"]]
    assert labels
    assert not [one for one in labels if re.search(r"create|update|upsert|delete|contacts", one, re.IGNORECASE)]


def test_the_page_is_one_file_that_loads_nothing_and_links_into_hubspot(made: SimpleNamespace) -> None:
    page = (made.folder / "revenue.html").read_text()
    assert not re.search(r"<(script|img|iframe)[^>]+src=|<link|@import|url\(|fetch\(|XMLHttpRequest", page)
    assert "default-src 'none'" in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert any(
        re.fullmatch(r"https://app[\w.-]*hubspot\.com/contacts/\d+/record/0-3/\d+", one) for one in data["own"]["texts"]
    )
    assert len(data["own"]["facts"]) == made.summary["records"]


def test_the_summary_csv_and_note_say_the_same(made: SimpleNamespace) -> None:
    with (made.folder / "deals.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len({row["deal_id"] for row in rows} - {""}) == made.summary["deals"] == made.note["deals"]
    billed: dict[str, Any] = {}
    for row in rows:
        own = Money.of(row["billed"], row["currency"])
        billed[own.currency] = billed.get(own.currency, Money.of(0, own.currency)) + own
    assert {code: one.text for code, one in billed.items()} == {
        code: its["billed"] for code, its in made.summary["totals"].items()
    }
    assert (made.folder / "revenue.xlsx").read_bytes()[:2] == b"PK"
    assert (made.folder.parent / "latest").resolve() == made.folder
    assert made.folder.stat().st_mode & 0o077 == 0


def test_a_backfill_is_as_of_the_last_day_of_its_interval_and_from_and_to_can_be_given(made: SimpleNamespace) -> None:
    march = (datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    run = made.demo.run(flow=FLOW, run_type="backfill", interval=march)
    assert (span_of(run).first, span_of(run).as_of) == (date(2025, 1, 1), date(2026, 3, 31))
    built = build(run)["summary"]
    assert built["totals"]["USD"]["booked"] == "0.00"
    asked = made.demo.run(flow=FLOW, date_from="2026-02-01", date_to="2026-02-28")
    assert (span_of(asked).first, span_of(asked).as_of) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_rerun_tells_the_same_figures(made: SimpleNamespace) -> None:
    again = build(made.demo.run(flow=FLOW))["summary"]
    assert again == made.summary
