"""The revenue report on the demo company, against the twins' exported books recomputed in plain SQL."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from lxml import etree

from include.connectors.hubspot.owners import iter_owners
from include.connectors.intacct.codec import Function
from include.core.money import Money
from include.flows.revenue_report import FLOW, build, report, span_of
from include.reports.revenue_staging import Staging
from include.sandbox.people import BookKeeper
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
        found = store.execute(f"SELECT currency, sum({column}_minor)::BIGINT FROM revenue GROUP BY 1").fetchall()  # noqa: S608
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
        ("recognised", f"SELECT currency, -sum(amount) FROM posting WHERE account IN {REVENUE} GROUP BY 1"),  # noqa: S608
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
            "SELECT count(*) FROM ageing WHERE NOT starts_with(bucket, 'unapplied') AND bucket <> CASE "
            "WHEN DATE '2026-11-16' <= due THEN 'not due' WHEN DATE '2026-11-16' - due <= 30 THEN '1-30' "
            "WHEN DATE '2026-11-16' - due <= 60 THEN '31-60' WHEN DATE '2026-11-16' - due <= 90 THEN '61-90' "
            "ELSE 'over 90' END"
        ).fetchone()
    assert open_now == sums(exported, "SELECT currency, sum(due) FROM head WHERE state <> 'Draft' GROUP BY 1")
    assert wrong == (0,)


def unapplied(made: SimpleNamespace, as_of: str) -> dict[str, int]:
    """What receipts had brought by then less what was applied of them by then, from their own lines in the books."""

    def iso(day: str) -> str:
        return f"{day[6:]}-{day[:2]}-{day[3:5]}"

    sums: dict[str, int] = {}
    for book in made.demo.sandbox.control.books("intacct"):
        head = book["record"]
        if book["object"] not in ("ARPYMT", "ARADVANCE") or head["STATE"] in ("Reversed", "Reversal", "Voided"):
            continue
        if iso(head["RECEIPTDATE"]) <= as_of:
            code = head["CURRENCY"]
            cash = [
                minor(one.get("TRX_PAYMENTAMOUNT"), code) for one in book["items"] if iso(one["PAYMENTDATE"]) <= as_of
            ]
            sums[code] = sums.get(code, 0) + minor(head["TRX_TOTALENTERED"], code) - sum(cash)
    return {code: total for code, total in sums.items() if total}


def aged_unapplied(folder: Path) -> dict[str, int]:
    with duckdb.connect(str(folder / "revenue.duckdb"), read_only=True) as store:
        query = "SELECT currency, sum(unapplied_minor)::BIGINT FROM ageing WHERE object <> 'ARINVOICE' GROUP BY 1"
        return {code: total for code, total in store.execute(query).fetchall() if total}


def test_unapplied_money_is_a_column_of_its_own_in_the_ageing(made: SimpleNamespace) -> None:
    assert aged_unapplied(made.folder) == unapplied(made, "2026-11-16")
    assert aged_unapplied(made.folder)


def test_every_figure_is_the_sum_of_the_records_that_explain_it(made: SimpleNamespace) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        measures = [r[0] for r in store.execute("SELECT DISTINCT measure FROM facts").fetchall()]
        for measure in measures:
            differing = store.execute(
                f"SELECT count(*) FROM revenue r LEFT JOIN (SELECT row_id, sum(amount_minor) a, sum(base_minor) b "  # noqa: S608
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
        columns = store.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        assert {table for table, _, _ in columns} == TABLES
        frame = store.execute("SELECT * FROM revenue").df()
    files = [f"SELECT * FROM read_parquet('{made.folder / name}.parquet')" for name in sorted(TABLES)]  # noqa: S608
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
    # Our own reps are named as owners; one may bear a customer's name.
    theirs -= {f"{one.first_name} {one.last_name}" for one in iter_owners(made.demo.hubspot())}
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
    built = build(run)
    assert built["summary"]["totals"]["USD"]["booked"] == "0.00"
    assert aged_unapplied(Path(built["folder"])) == unapplied(made, "2026-03-31")
    asked = made.demo.run(flow=FLOW, date_from="2026-02-01", date_to="2026-02-28")
    assert (span_of(asked).first, span_of(asked).as_of) == (date(2026, 2, 1), date(2026, 2, 28))


def test_however_small_the_parts_are_the_figures_are_the_same(
    made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten documents a part, in place of thousands."""
    monkeypatch.setattr("include.flows.revenue_report.Staging", partial(Staging, part=10))
    built = build(made.demo.run(flow=FLOW))
    assert built["summary"] == made.summary
    one, other = (made.folder / "facts.parquet", Path(built["folder"]) / "facts.parquet")
    several = "SELECT * EXCLUDE (entered_at) FROM read_parquet('{}')"
    for first, second in ((one, other), (other, one)):
        query = f"SELECT count(*) FROM ({several.format(first)} EXCEPT ALL {several.format(second)})"  # noqa: S608
        assert duckdb.sql(query).fetchall() == [(0,)]


def test_every_fact_leads_to_its_records(made: SimpleNamespace) -> None:
    with duckdb.connect(str(made.folder / "revenue.duckdb"), read_only=True) as store:
        without = store.execute(
            "SELECT f.system, f.object, count(*) FROM facts f LEFT JOIN deals d ON d.deal_id = f.deal_id "
            "WHERE f.url NOT LIKE 'https://%' OR (f.deal_id <> '' AND d.url NOT LIKE 'https://%') GROUP BY ALL"
        ).fetchall()
    assert without == []


def test_a_rerun_tells_the_same_figures(made: SimpleNamespace) -> None:
    again = build(made.demo.run(flow=FLOW))["summary"]
    assert again == made.summary


def closed_through(settings: Path, day: str) -> None:
    """Somebody closes entity 100's receivables through this day, or opens them again."""
    file = settings / "books.yaml"
    text = re.sub(r"(\"100\":.*?closed_through: )[0-9-]+", rf"\g<1>{day}", file.read_text(), count=1, flags=re.DOTALL)
    file.write_text(text)


def october(folder: Path, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of this table for October in entity 100 that differ."""
    with duckdb.connect(str(folder / "revenue.duckdb"), read_only=True) as store:
        query = (
            f"SELECT {', '.join(columns)} FROM {table} WHERE entity = '100' AND period = 'FY2026 P10' "  # noqa: S608
            "AND difference_minor <> 0 ORDER BY ALL"
        )
        return store.execute(query).fetchall()


def test_as_closed_and_as_now_differ_by_a_back_dated_payment_and_a_reversed_invoice_and_nothing_else(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    with office(tmp_path, deals=24, at=NOW) as demo:
        demo.invoice_won_deals()

        def run() -> Path:
            return Path(build(demo.run(flow=FLOW))["folder"])

        run()
        closed_through(settings, "2026-10-31")
        assert october(run(), "closed_periods", "measure") == []

        # The month is opened again; a payment is dated back into it, and one of its invoices is reversed.
        closed_through(settings, "2026-09-30")
        keeper = BookKeeper(demo.sandbox)
        books = [b for b in demo.sandbox.control.books("intacct") if b["object"] == "ARINVOICE"]
        mine = [
            one
            for one in books
            if one["record"]["WHENPOSTED"].startswith("10/")
            and one["record"].get("TIEOUT_KEY")
            and one["record"]["CURRENCY"] == "USD"
            and one["record"]["STATE"] == "Posted"
            and {item["LOCATIONID"] for item in one["items"]} == {"100"}
            and not any(item.get("REVRECTEMPLATE") for item in one["items"])
        ]
        paid, reversed_one = mine[0], mine[1]
        total = minor(reversed_one["record"]["TRX_TOTALENTERED"], "USD")
        payment = keeper.pay(paid["record"], Decimal("100.00"), date(2026, 10, 20), bank="BW-US-USD")
        reversal_day = date(2026, 10, 31)
        keeper.reverse_invoice(reversed_one["record"]["RECORDNO"], reversal_day, "wrong customer")

        expected = [("USD", "billed", -total), ("USD", "collected", 10_000), ("USD", "recognised", -total)]
        opened = run()
        columns = ("currency", "measure", "difference_minor")
        assert october(opened, "closed_periods", *columns) == expected
        assert october(opened, "closed_periods", "DISTINCT reopened", "basis") == [(True, "kept when it was closed")]
        changes = october(opened, "changes_after_close", "change", "measure", "object", "number", "day")
        assert {one[:3] for one in changes} == {
            ("new", "billed", "ARINVOICE"),
            ("new", "collected", "ARPYMTDETAIL"),
            ("new", "recognised", "GLDETAIL"),
        }
        assert {one[4] for one in changes} == {date(2026, 10, 20), reversal_day}
        told = demo.sandbox.control.books("intacct")
        details = next(b["items"] for b in told if b["object"] == "ARPYMT" and b["record"]["RECORDNO"] == payment)
        assert len([one for one in changes if one[1] == "collected"]) == len(details)

        # Closed again: what it was when it was closed first stays what it was.
        closed_through(settings, "2026-10-31")
        again = run()
        assert october(again, "closed_periods", *columns) == expected
        assert october(again, "closed_periods", "DISTINCT reopened") == [(False,)]


def test_a_month_closed_before_the_first_report_is_shown_with_what_had_been_entered_by_then(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    with office(tmp_path, deals=24, at=NOW) as demo:
        # Won in October, invoiced only now: ten days after its end these invoices were not in the books.
        closed_through(settings, "2026-09-30")
        demo.invoice_won_deals()
        closed_through(settings, "2026-10-31")
        folder = Path(build(demo.run(flow=FLOW))["folder"])
        late = [
            one
            for one in demo.sandbox.control.books("intacct")
            if one["object"] == "ARINVOICE"
            and one["record"].get("TIEOUT_KEY")
            and one["record"]["WHENPOSTED"].startswith("10/")
            and {item["LOCATIONID"] for item in one["items"]} == {"100"}
        ]
        billed: dict[str, int] = {}
        for one in late:
            code = one["record"]["CURRENCY"]
            billed[code] = billed.get(code, 0) + minor(one["record"]["TRX_TOTALENTERED"], code)
        columns = ("currency", "measure", "difference_minor")
        found = [one for one in october(folder, "closed_periods", *columns) if one[1] == "billed"]
        assert len(late) > 2
        assert found == sorted((code, "billed", total) for code, total in billed.items())


def test_the_summary_is_mailed_once_for_the_same_figures_and_names_nobody(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    file = settings / "revenue_report.yaml"
    served = 'report_url: "https://reports.brightwater.example"'
    text = file.read_text().replace('notify: ""', "notify: finance@brightwater.example")
    file.write_text(text.replace('report_url: ""', served))
    with office(tmp_path, deals=24, at=NOW) as demo:
        for _ in range(2):
            run = demo.run(flow=FLOW)
            report(run, build(run))
        (mail,) = demo.sandbox.control.messages(system="mail")
        assert mail["to"] == ["finance@brightwater.example"]
        assert "as of 2026-11-16" in mail["subject"]
        assert "https://reports.brightwater.example/revenue_report/2026-11-16-" in mail["text"]
        assert "USD" in mail["text"]
        names = [b["properties"].get("name") for b in demo.sandbox.control.books("hubspot") if b["type"] == "companies"]
        assert not [name for name in names if name and name in mail["text"]]
