from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from benchmarks.tie_out_books import KNOWN, make_books
from include.reports.folder import ABANDONED, publish, remove_abandoned, reports_dir, run_name, working_folder
from include.reports.spreadsheets import write_csv
from include.reports.tie_out_compare import Break, breaks_in, compare
from include.reports.tie_out_hubspot import balances_in, minor
from include.reports.tie_out_notice import notices
from include.reports.tie_out_output import Links, breaks_table
from include.reports.tie_out_tables import opened
from include.reports.tie_out_words import CHECKS, next_step
from tests.reports.planted import plant

LINKS = Links("https://app.hubspot.com/contacts/1/record/0-3/", "https://app.hubspot.com/contacts/1/record/0-2/")


def one_break(**changed: object) -> Break:
    given: dict[str, object] = {
        "subject": "deal 7",
        "check": "figures",
        "break_class": "manual_edit",
        "entity_id": "100",
        "currency": "USD",
        "customer_id": "C-1",
        "deal_id": 7,
        "record_no": 3,
        "dated": date(2026, 10, 31),
        "measure": "balance",
        "hubspot_minor": 100,
        "intacct_minor": 250050,
        "detail": "",
    }
    return Break(**(given | changed))  # type: ignore[arg-type]


def test_no_text_of_a_break_can_act_as_a_formula(tmp_path: Path) -> None:
    table = breaks_table([one_break(customer_id="=HYPERLINK(1)", detail="+1", record_no=None)], LINKS)
    write_csv(tmp_path / "breaks.csv", table)
    text = (tmp_path / "breaks.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'+1" in text
    assert ",1.00,2500.50,-2499.50," in text


def test_every_break_leads_to_its_record_in_both_systems(tmp_path: Path) -> None:
    with opened(tmp_path / "tables.duckdb") as store:
        make_books(store, 100)
        store.execute("INSERT INTO customer SELECT customer_id, 'https://books.example/c/' || customer_id FROM company")
        store.execute("INSERT INTO journal VALUES (70, 'https://books.example/journal/70')")
        store.execute("UPDATE company_balance SET open_minor = open_minor + 100000 WHERE company_id = 1")
        store.execute(
            "INSERT INTO receipt SELECT * REPLACE (990000 AS record_no, 300 AS base_unapplied_minor) "
            "FROM receipt LIMIT 1"
        )
        store.execute(
            "INSERT INTO control SELECT 1, '1100', entity_id, customer_id, base_currency, 5000, '2.GL', 'J', "
            "'12', '2026-10-31', 70 FROM invoice WHERE record_no = 9"
        )
        planted = plant(store, 100, of_each=1)
        compare(store, KNOWN)
        found = breaks_in(store)
        links = LINKS.read(store, found)
    assert {one.check for one in found} >= {"figures", "deal", "duplicate", "balance", "control"}
    assert len(found) > len(planted) + 1
    assert [one.break_id for one in found if not links.intacct(one).startswith("https://books.example/")] == []
    assert [one.break_id for one in found if not links.hubspot(one).startswith("https://app.hubspot.com/")] == []
    by_hand = next(one for one in found if one.check == "control" and one.break_class == "manual_edit")
    assert links.intacct(by_hand) == "https://books.example/journal/70"


def test_the_message_names_breaks_and_next_steps_and_is_sent_once_for_the_same_breaks() -> None:
    (mail,) = notices([one_break()], "1 breaks", "2026-11-16-a", "cfo@brightwater.example", slack=False)
    assert mail.key.target_system == "mail"
    assert "1.00 USD" in str(mail.payload)
    assert next_step("figures", "manual_edit") in str(mail.payload)
    again, _ = notices([one_break(hubspot_minor=5)], "1 breaks", "2026-11-16-a", "cfo@brightwater.example", slack=True)
    assert again.key == mail.key
    assert notices([one_break()], "1 breaks", "2026-11-16-a", "", slack=False) == []


@pytest.mark.parametrize("check", CHECKS)
def test_every_break_has_a_next_step(check: str) -> None:
    assert len(next_step(check, "missing")) > 20


def test_balances_are_read_back_to_the_cent_in_every_currency() -> None:
    text = "USD 1,200.05 open, 200.00 overdue; JPY 692,083 open; EUR 50.00 unapplied"
    assert balances_in(text) == {
        "USD": {"open": 120005, "overdue": 20000, "unapplied": 0},
        "JPY": {"open": 692083, "overdue": 0, "unapplied": 0},
        "EUR": {"open": 0, "overdue": 0, "unapplied": 5000},
    }


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [("12.5", "USD", 1250), ("692083", "JPY", 692083), ("1.0005", "KWD", 1001), ("", "USD", None), ("x", "USD", None)],
)
def test_a_propertys_number_is_whole_minor_units(text: str, currency: str, units: int | None) -> None:
    assert minor(text, currency) == units


def test_a_retry_replaces_what_its_run_made_and_abandoned_work_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path))
    name = run_name("2026-11-16", "run")
    for text in ("first", "second"):
        folder = working_folder("tie_out", "run")
        (folder / "summary.json").write_text(text)
        published = publish(folder, "tie_out", name)
    assert (published / "summary.json").read_text() == "second"
    assert [one.name for one in (reports_dir() / "tie_out").iterdir()] == [name]
    left, new = working_folder("tie_out", "left"), working_folder("tie_out", "new")
    os.utime(left, (0, left.stat().st_mtime - ABANDONED - 60))
    remove_abandoned("tie_out")
    assert (left.exists(), new.exists()) == (False, True)
