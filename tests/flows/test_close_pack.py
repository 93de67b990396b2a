"""The close pack on the demo company, against the twins' exported books recomputed in plain SQL."""

from __future__ import annotations

import importlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include.core.books import Entity, Fiscal
from include.core.decisions import Key, Write
from include.core.errors import SettingsError
from include.core.money import Money
from include.core.sync import Owner
from include.core.sync.rows import WriteState
from include.flows import revenue_report, tie_out
from include.flows.close.newest import Newest
from include.flows.close_pack import FLOW, last_ended, pack, questions, report
from include.reports import explain
from include.reports.close_files import Pack
from include.reports.close_tables import COLUMNS
from include.reports.manifest import differences, read_manifest
from include.reports.revenue_closed import kept_file
from include.sandbox.people import BookKeeper
from include.state.approvals import Approval
from tests.flows.office import Office, office

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
REVENUE = "('4000', '4100', '4200', '4300', '4900')"
CASH = ("TRX_PAYMENTAMOUNT", "TRX_POSTEDADVANCEAMOUNT", "TRX_POSTEDOVERPAYMENTAMOUNT")
FILES = {"close_pack.html", "close_pack.xlsx", "summary.json", "manifest.json", "records.parquet"}
FILES |= {f"{name}.csv" for name in COLUMNS}


def minor(text: str | None, currency: str) -> int:
    return Money.of(text or "0", currency).minor


def synced(demo: Office) -> None:
    """What HubSpot shows is what Intacct has; both are compared; the report is made."""
    demo.run_flow(importlib.import_module("include.flows.intacct_payment_to_hubspot_deal").FLOW)
    reported(demo)


def reported(demo: Office) -> None:
    tie_out.tie_out(demo.run(flow=tie_out.FLOW))
    run = demo.run(flow=revenue_report.FLOW)
    revenue_report.report(run, revenue_report.build(run))


def packed(demo: Office, **params: Any) -> dict[str, Pack]:
    """One run of the flow; the packs by entity."""
    run = demo.run(flow=FLOW, **params)
    made = pack(run)
    report(run, made)
    return {str(one.summary["entity"]): one for one in map(Pack.from_json, made)}


def states(of: Pack) -> dict[str, str]:
    return {one["name"]: one["state"] for one in of.summary["checks"]}


def rows(of: Pack, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows of one of the pack's CSVs, all texts."""
    file = str(of.folder / f"{table}.csv")
    query = f"SELECT {columns} FROM read_csv(?, all_varchar = true, header = true) ORDER BY ALL"  # noqa: S608
    return duckdb.sql(query, params=[file]).fetchall()


@dataclass
class Closing:
    demo: Office
    packs: dict[str, Pack]
    calls: dict[str, Any]


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The packs of October, asked for on 16 November, the month still open."""
    folder = tmp_path_factory.mktemp("close")
    with pytest.MonkeyPatch.context() as patch, office(folder, at=NOW) as demo:
        patch.setenv("TIEOUT_REPORTS_DIR", str(folder / "reports"))
        demo.invoice_won_deals()
        synced(demo)
        demo.sandbox.control.forget_calls()
        packs = packed(demo)
        yield Closing(demo, packs, demo.sandbox.control.counts())


@pytest.fixture(scope="module")
def exported(october: Closing) -> sqlite3.Connection:
    """The twins' books as they are, in SQLite, in minor units, days as ISO text."""
    db = sqlite3.connect(":memory:")
    db.executescript("""
        CREATE TABLE head (object, no, state, currency, total INTEGER, due INTEGER, base INTEGER, base_currency,
            day, entity, bad_debt, key);
        CREATE TABLE receipt (no, due INTEGER, day, base_currency);
        CREATE TABLE received (base INTEGER, day, base_currency);
        CREATE TABLE applied (invoice, currency, cash INTEGER, day);
        CREATE TABLE posting (account, entity, currency, amount INTEGER, base INTEGER, day);
        CREATE TABLE deal (id, won, amount, day);
    """)

    def iso(day: str) -> str:
        month, number, year = day.split("/")
        return f"{year}-{month}-{number}"

    for one in october.demo.sandbox.control.books("intacct"):
        name, head, items = one["object"], one["record"], one.get("items", [])
        if name in ("ARINVOICE", "ARADJUSTMENT"):
            code, base = head["CURRENCY"], head["BASECURR"]
            db.execute("INSERT INTO head VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (
                name, head["RECORDNO"], head["STATE"], code, minor(head["TRX_TOTALENTERED"], code),
                minor(head["TRX_TOTALDUE"], code), minor(head["TOTALENTERED"], base), base, iso(head["WHENPOSTED"]),
                items[0]["LOCATIONID"], {item["ACCOUNTNO"] for item in items} == {"6900"}, head.get("TIEOUT_KEY"),
            ))  # fmt: skip
        if name == "ARPYMT" and head["STATE"] not in ("Reversed", "Reversal", "Voided", "Void"):
            code, base = head["CURRENCY"], head["BASECURR"]
            values = (head["RECORDNO"], minor(head["TRX_TOTALDUE"], code), iso(head["RECEIPTDATE"]), base)
            db.execute("INSERT INTO receipt VALUES (?,?,?,?)", values)
        if name == "ARPYMT":
            base = head["BASECURR"]
            values = (minor(head["TOTALENTERED"], base), iso(head["RECEIPTDATE"]), base)
            db.execute("INSERT INTO received VALUES (?,?,?)", values)
        for item in items:
            code = item.get("CURRENCY", "")
            if name == "ARPYMT":
                cash = sum(minor(item.get(field), code) for field in CASH)
                day = iso(item["PAYMENTDATE"])
                db.execute("INSERT INTO applied VALUES (?,?,?,?)", (item.get("RECORDKEY"), code, cash, day))
            elif name == "GLBATCH":
                sign, place = int(item["TR_TYPE"]), item.get("LOCATION", "")
                amounts = (sign * minor(item["TRX_AMOUNT"], code), sign * minor(item["AMOUNT"], item["BASECURR"]))
                values = (item["ACCOUNTNO"], place, code, *amounts, iso(item["ENTRY_DATE"]))
                db.execute("INSERT INTO posting VALUES (?,?,?,?,?,?)", values)
    for one in october.demo.sandbox.control.books("hubspot"):
        if one["type"] == "deals" and not one["archived"]:
            its = one["properties"]
            values = (one["id"], its["hs_is_closed_won"], float(its.get("amount") or 0), its["closedate"][:10])
            db.execute("INSERT INTO deal VALUES (?,?,?,?)", values)
    return db


@pytest.mark.parametrize("entity", ["100", "200", "300"])
@pytest.mark.parametrize(
    ("figure", "query"),
    [
        ("billed", "SELECT currency, sum(total) FROM head WHERE object = 'ARINVOICE' AND state <> 'Draft'"),
        ("credited", "SELECT currency, -sum(total) FROM head WHERE object = 'ARADJUSTMENT' AND NOT bad_debt"),
        ("written_off", "SELECT currency, -sum(total) FROM head WHERE object = 'ARADJUSTMENT' AND bad_debt"),
        (
            "collected",
            "SELECT a.currency, sum(cash) FROM applied a JOIN (SELECT no, entity FROM head) h ON h.no = a.invoice",
        ),
        ("recognised", f"SELECT currency, -sum(amount) FROM posting WHERE account IN {REVENUE}"),  # noqa: S608
    ],
)
def test_each_figure_of_the_period_is_what_plain_sql_over_the_exported_books_says(
    october: Closing, exported: sqlite3.Connection, entity: str, figure: str, query: str
) -> None:
    within = "day BETWEEN '2026-10-01' AND '2026-10-31'"
    word = "AND" if "WHERE" in query else "WHERE"
    asked = f"{query} {word} entity = ? AND {within} GROUP BY 1"
    expected = {code: total for code, total in exported.execute(asked, [entity]) if total}
    found = {
        one["currency"]: one["amount_minor"]
        for one in october.packs[entity].summary["figures"]
        if one["figure"] == figure and one["kind"] == "as invoiced" and one["amount_minor"]
    }
    assert found == expected
    if figure in ("billed", "recognised"):
        assert expected


@pytest.mark.parametrize("entity", ["100", "200", "300"])
def test_open_points_are_what_plain_sql_over_the_exported_books_says(
    october: Closing, exported: sqlite3.Connection, entity: str
) -> None:
    its = october.packs[entity]
    base = {"100": "USD", "200": "GBP", "300": "EUR"}[entity]
    expected = exported.execute(
        "SELECT no, -due FROM head WHERE due < 0 AND day <= '2026-10-31' AND entity = ? AND state <> 'Draft' "
        "UNION ALL SELECT no, due FROM receipt WHERE due > 0 AND day <= '2026-10-31' AND base_currency = ?",
        [entity, base],
    ).fetchall()
    found = [(no, minor(amount, code)) for no, amount, code in rows(its, "unapplied", "record_no, amount, currency")]
    assert sorted(found) == sorted(expected)
    assert found
    # Documents less what was received, and what of that was realised by exchange; reversals bear their own day.
    subledger, ledger = exported.execute(
        "SELECT (SELECT sum(base) FROM head WHERE entity = $1 AND state <> 'Draft' AND day <= '2026-10-31') "
        "- coalesce((SELECT sum(base) FROM received WHERE base_currency = $2 AND day <= '2026-10-31'), 0) "
        "- coalesce((SELECT sum(base) FROM posting WHERE account IN ('7900', '7910') AND entity = $1 "
        "AND day <= '2026-10-31'), 0), "
        "(SELECT sum(base) FROM posting WHERE account = '1100' AND entity = $1 AND day <= '2026-10-31')",
        [entity, base],
    ).fetchone()
    assert rows(its, "control", "subledger, gl") == [
        tuple(str(Money.from_minor(x, base).amount) for x in (subledger, ledger))
    ]
    assert states(its)["control"] == states(its)["breaks"] == "green"


def test_every_won_deal_of_the_period_without_a_document_is_in_the_pack_of_its_entity(
    october: Closing, exported: sqlite3.Connection
) -> None:
    wanted = exported.execute(
        "SELECT id FROM deal WHERE won = 'true' AND amount <> 0 AND day BETWEEN '2026-10-01' AND '2026-10-31' "
        "AND NOT EXISTS (SELECT 1 FROM head WHERE key = 'hs-deal-' || id || '-invoice')"
    ).fetchall()
    listed = {
        one[0]: one[1] for its in october.packs.values() for one in rows(its, "deals_without_document", "deal_id, why")
    }
    assert sorted(listed) == sorted(one for (one,) in wanted)
    holds = {hold.source_id: hold.message for hold in october.demo.store().open_holds()}
    assert {deal: holds[deal] for deal in listed} == listed
    by_then = {one for (one,) in exported.execute("SELECT id FROM deal WHERE day <= '2026-10-31'")}
    assert {one for its in october.packs.values() for (one,) in rows(its, "holds", "source_id")} == by_then & set(holds)


def test_the_folder_holds_every_file_is_proved_by_its_manifest_and_read_by_its_owner_alone(october: Closing) -> None:
    for its in october.packs.values():
        assert {file.name for file in its.folder.iterdir()} == FILES
        assert differences(its.folder) == []
        assert its.folder.stat().st_mode & 0o077 == 0
        assert {file.stat().st_mode & 0o777 for file in its.folder.iterdir()} == {0o400}
        told, hashed = read_manifest(its.folder)
        assert hashed == its.sha256
        assert told["previous"] is None
        assert set(told["rests_on"]) == {"tie_out", "revenue_report"}
        assert "close_pack.yaml" in told["settings"]
        assert len(told["code"]["sha256"]) == 64


def test_neither_system_is_asked_and_no_contact_is_named(october: Closing) -> None:
    assert october.calls["calls"] == 0
    people = [b["properties"] for b in october.demo.sandbox.control.books("hubspot") if b["type"] == "contacts"]
    theirs = {str(p[name]) for p in people for name in ("email", "phone") if p.get(name)}
    assert len(theirs) > 50
    for file in october.packs["100"].folder.iterdir():
        if file.suffix in {".csv", ".html", ".json"}:
            assert not [one for one in theirs if one in file.read_text()], file.name


def test_every_figure_is_explained_by_a_command_and_the_page_carries_its_records(
    october: Closing, capsys: pytest.CaptureFixture[str]
) -> None:
    its = october.packs["100"]
    for figure in ("booked", "billed_net", "open", "deferred"):
        assert explain.main([str(its.folder), figure]) == 0
        assert "The report says the same." in capsys.readouterr().out
    latest = its.folder.parents[1] / "revenue_report" / "latest"
    for figure in ("weighted", "unbilled", "billed_without_deal", "open"):
        assert explain.main([str(latest), figure, "--entity", "200", "--currency", "GBP"]) == 0
        assert "The report says the same." in capsys.readouterr().out
    page = (its.folder / "close_pack.html").read_text()
    assert not re.search(r"<(script|img|iframe)[^>]+src=|<link|@import|url\(|fetch\(|XMLHttpRequest", page)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])["own"]  # type: ignore[index]
    assert len(data["records"]) == len(rows(its, "records")) > 100
    assert any("hubspot.com/contacts" in one for one in data["texts"])


def test_the_same_contents_make_no_second_pack_and_what_is_new_makes_the_next_one(october: Closing) -> None:
    again = packed(october.demo)
    assert {its.folder for its in again.values()} == {its.folder for its in october.packs.values()}
    assert not any(its.is_new for its in again.values())
    store = october.demo.store()
    store.put_approvals([
        Approval("hubspot_closed_won_to_intacct_invoice", "a run", "501", "501:c0ffee", "5eed", "credit memo", "ada")
    ])  # fmt: skip
    write = Write(
        Key("intacct", "invoice", "hubspot", "deal", "501", "invoice"), {"a": 1}, {}, summary="invoice of 501"
    )
    (claimed,) = store.claim([write], Owner("run", "load"), NOW, NOW + timedelta(minutes=1))
    store.save([replace(claimed.row, state=WriteState.UNKNOWN, message="The answer was lost.")])
    (newer,) = packed(october.demo, entity="100").values()
    assert newer.folder.name == "100-FY2026-P10-002"
    assert states(newer)["in_doubt"] == "red"
    assert rows(newer, "approvals", "subject, approved_by, in_period, what")[0][:2] == ("501", "ada")
    old = october.packs["100"]
    assert read_manifest(newer.folder)[0]["previous"] == {"pack": old.folder.name, "sha256": old.sha256}
    assert differences(newer.folder) == differences(old.folder) == []


def test_a_pack_that_was_changed_or_lost_its_manifest_is_followed_by_a_new_one(october: Closing) -> None:
    (newest,) = packed(october.demo, entity="200").values()
    summary, manifest = newest.folder / "summary.json", newest.folder / "manifest.json"
    summary.chmod(0o600)
    summary.write_text(summary.read_text().replace('"green": false', '"green": true'))
    (second,) = packed(october.demo, entity="200").values()
    assert second.is_new
    assert second.folder.name > newest.folder.name
    assert differences(second.folder) == []
    (second.folder / manifest.name).unlink()
    (third,) = packed(october.demo, entity="200").values()
    assert third.is_new
    assert third.folder.name > second.folder.name
    assert any("the predecessor's, is missing" in one for one in differences(third.folder))


def test_the_period_can_be_asked_for_by_name_or_day_and_a_wrong_one_stops_the_run(october: Closing) -> None:
    def asked(**params: Any) -> list[tuple[str, str]]:
        return [(one.entity_id, one.period.name) for one in questions(october.demo.run(flow=FLOW, **params))]

    assert asked() == [("100", "FY2026 P10"), ("200", "FY2026 P10"), ("300", "FY2026 P10")]
    assert asked(entity="300", period="FY2025 P3") == [("300", "FY2025 P03")]
    assert asked(entity="100", period="2026-02-28") == [("100", "FY2026 P02")]
    backfill = {"run_type": "backfill", "interval": (NOW - timedelta(days=90), datetime(2026, 8, 2, 6, tzinfo=UTC))}
    assert asked(**backfill)[0] == ("100", "FY2026 P07")
    for wrong in ({"entity": "999"}, {"period": "October"}, {"period": "FY2026 P14"}):
        with pytest.raises(SettingsError):
            asked(**wrong)


def test_reports_that_begin_too_late_or_are_other_files_than_were_made_prove_nothing(october: Closing) -> None:
    run = october.demo.run(flow=FLOW, entity="100")
    (asked,) = questions(run)
    store, reports = october.demo.store(), october.packs["100"].folder.parents[1]

    def trouble() -> dict[str, str]:
        return dict(Newest(run).evidence(asked).trouble)

    assert trouble() == {}
    (made,) = (one.note for one in store.notes("revenue_report", limit=1))
    assert made["first"] <= asked.period.first.isoformat()
    store.put_note("revenue_report", "later", {**made, "first": "2026-10-02"})
    assert "nothing before 2026-10-02" in trouble()["revenue_report"]
    store.put_note("revenue_report", "later", made)

    kept = reports / "revenue_report" / "closed" / "100" / "FY2026-P10.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"known_at": NOW.isoformat(), "sha256": "of other records"}))
    kept.with_suffix(".parquet").write_bytes(b"changed by hand")
    assert "restore that file" in trouble()["revenue_report"]
    kept.unlink()
    kept.with_suffix(".parquet").unlink()
    deals = reports / "revenue_report" / made["folder"] / "deals.parquet"
    whole = deals.read_bytes()
    deals.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in trouble()["revenue_report"]
    deals.write_bytes(whole)

    (folder,) = (one.note["folder"] for one in store.notes("tie_out", limit=1))
    file = reports / "tie_out" / folder / "tie_out.duckdb"
    whole = file.read_bytes()
    with duckdb.connect(str(file)) as tables:
        tables.execute(
            "INSERT INTO break VALUES ('deal 1', 'figures', 'unknown', '100', 'USD', '', 1, 1, NULL, 'paid', 1, 2, '')"
        )
    assert "not those that its run made" in trouble()["tie_out"]
    file.write_bytes(whole)
    assert trouble() == {}


@pytest.mark.parametrize(("flow", "read_at"), [("tie_out", "as_of"), ("revenue_report", "read_at")])
def test_a_cleared_task_of_an_older_report_does_not_make_it_the_newest_evidence(
    october: Closing, flow: str, read_at: str
) -> None:
    store, run = october.demo.store(), october.demo.run(flow=FLOW, entity="100")
    (asked,) = questions(run)
    rested = Newest(run).rests_on(asked)[flow]
    made = store.notes(flow, limit=1)[0].note
    earlier = (datetime.fromisoformat(made[read_at]) - timedelta(hours=12)).isoformat()
    store.put_note(flow, "cleared", {**made, read_at: earlier, "folder": "an older one"})
    assert Newest(run).rests_on(asked)[flow] == rested
    assert dict(Newest(run).evidence(asked).trouble) == {}


def test_what_was_kept_of_a_closed_period_is_found_whatever_the_entity_s_id_holds(october: Closing) -> None:
    run = october.demo.run(flow=FLOW, entity="100")
    (asked,) = questions(run)
    asked = replace(asked, entity_id="US.1/A")
    file = kept_file(october.packs["100"].folder.parents[1] / "revenue_report" / "closed", "US.1/A", asked.period)
    assert not {"US.1", ".."} & {*file.parts}
    assert "as_closed" not in Newest(run).rests_on(asked)
    file.parent.mkdir(parents=True)
    file.with_suffix(".json").write_text(json.dumps({"known_at": NOW.isoformat(), "sha256": "0"}))
    assert Newest(run).rests_on(asked)["as_closed"]["folder"] == f"closed/{file.parent.name}"


@pytest.mark.parametrize(("flow", "read_at"), [("tie_out", "as_of"), ("revenue_report", "read_at")])
def test_a_report_that_was_read_by_a_clock_that_was_ahead_hides_none_that_was_read_since(
    october: Closing, flow: str, read_at: str
) -> None:
    store, run = october.demo.store(), october.demo.run(flow=FLOW, entity="100")
    (asked,) = questions(run)
    rested = Newest(run).rests_on(asked)[flow]
    made = next(one.note for one in store.notes(flow, limit=9) if one.note["folder"] == rested["folder"])
    ahead = (run.now() + timedelta(days=1)).isoformat()
    store.put_note(flow, "ahead", {**made, read_at: ahead, "folder": "of tomorrow"})
    assert Newest(run).rests_on(asked)[flow] == rested
    assert dict(Newest(run).evidence(asked).trouble) == {}
    store.put_note(flow, "ahead", {**made, "folder": rested["folder"]})


def test_a_calendar_of_weeks_ends_its_periods_by_weeks() -> None:
    weeks = Entity(name="W", base_currency="USD", time_zone="UTC", currencies=("USD",), fiscal=Fiscal(calendar="4-4-5"))
    ended = last_ended(weeks, date(2026, 11, 1))
    assert ended.last == date(2026, 10, 24)
    assert last_ended(weeks, ended.last).last < ended.last


def closed_through(settings: Path, day: str) -> None:
    """Somebody closes entity 100's receivables through this day, or opens them again."""
    file = settings / "books.yaml"
    text = re.sub(r"(\"100\":.*?closed_through: )[0-9-]+", rf"\g<1>{day}", file.read_text(), count=1, flags=re.DOTALL)
    file.write_text(text)


def test_after_the_close_a_back_dated_payment_and_a_reversed_invoice_are_shown_and_nothing_else(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    own = (settings / "close_pack.yaml").read_text()
    own = own.replace("only_noted: []", "only_noted: [holds, deals_without_document, unapplied]")
    (settings / "close_pack.yaml").write_text(own.replace('notify: ""', "notify: controller@brightwater.example"))
    with office(tmp_path, deals=24, at=NOW) as demo:

        def october(state: str, **params: Any) -> Pack:
            (its,) = packed(demo, entity="100", period="FY2026 P10", **params).values()
            assert ("green" if its.summary["green"] else "red") == state, its.summary["checks"]
            return its

        assert states(october("red"))["tie_out"] == "red"  # nothing was compared yet
        demo.invoice_won_deals()
        synced(demo)
        assert states(october("green"))["changes_after_close"] == "note"
        closed_through(settings, "2026-10-31")
        assert states(october("red"))["changes_after_close"] == "red"  # closed, and nobody has kept it
        reported(demo)
        closed = october("green")
        assert rows(closed, "as_closed", "difference") == [("0.00",)] * len(rows(closed, "as_closed"))

        # The month is opened again; a payment is dated back into it, and one of its invoices is reversed.
        closed_through(settings, "2026-09-30")
        keeper = BookKeeper(demo.sandbox)
        mine = [
            one["record"]
            for one in demo.sandbox.control.books("intacct")
            if one["object"] == "ARINVOICE"
            and one["record"]["WHENPOSTED"].startswith("10/")
            and one["record"].get("TIEOUT_KEY")
            and (one["record"]["CURRENCY"], one["record"]["STATE"]) == ("USD", "Posted")
            and {item["LOCATIONID"] for item in one["items"]} == {"100"}
            and not any(item.get("REVRECTEMPLATE") for item in one["items"])
        ]
        total = f"-{Decimal(mine[1]['TRX_TOTALENTERED']):.2f}"
        keeper.pay(mine[0], Decimal("100.00"), date(2026, 10, 20), bank="BW-US-USD")
        keeper.reverse_invoice(mine[1]["RECORDNO"], date(2026, 10, 31), "wrong customer")
        synced(demo)
        now = october("red")
        assert states(now)["reopened"] == states(now)["changes_after_close"] == "red"
        wanted = [("billed", total, "USD"), ("collected", "100.00", "USD"), ("recognised", total, "USD")]
        columns = "measure, difference, currency"
        assert [one for one in rows(now, "as_closed", columns) if one[1] != "0.00"] == wanted
        sums: dict[str, Decimal] = {}
        for measure, difference, _ in rows(now, "changes_after_close", columns):
            sums[measure] = sums.get(measure, Decimal(0)) + Decimal(difference)
        assert [(name, f"{amount:.2f}", "USD") for name, amount in sorted(sums.items())] == wanted
        assert now.folder.name.endswith("-005")
        assert set(read_manifest(now.folder)[0]["rests_on"]) == {"tie_out", "revenue_report", "as_closed"}
        assert differences(now.folder) == []

        # Closed again it is not open any more, and what changed stays told.
        closed_through(settings, "2026-10-31")
        reported(demo)
        after = states(october("red"))
        assert "reopened" not in after
        assert after["changes_after_close"] == "red"
        told = next(one for one in october("red").summary["checks"] if one["name"] == "changes_after_close")
        with pytest.raises(SettingsError, match="Nothing was accepted"):
            october("red", accept=[told["token"], "100:FY2026-P10:changes_after_close:000000000000"])
        assert rows(october("green", accept=[told["token"]]), "approvals", "subject, approved") == [
            ("100:FY2026-P10", told["token"])
        ]

        demo.sandbox.control.advance(37 * 3600)
        late = states(october("red"))
        assert late["tie_out"] == late["revenue_report"] == "red"

        mails = demo.sandbox.control.messages(system="mail")
        assert len(mails) == len({mail["text"] for mail in mails}) == 8
        assert mails[4]["to"] == ["controller@brightwater.example"]
        assert now.sha256 in mails[4]["text"]
        assert "C-10" not in mails[4]["text"]
        october("red")
        assert len(demo.sandbox.control.messages(system="mail")) == 8
