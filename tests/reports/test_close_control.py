"""Subledger and control account as of a period's end: what was posted, applied or reversed later changes neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.tie_out_books import KNOWN
from benchmarks.tie_out_books import make_books as clean
from include.reports.close_checks import Evidence, checks, is_green
from include.reports.close_control import control_as_of
from include.reports.close_evidence import of_tie_out
from include.reports.tie_out_compare import breaks_in, compare
from include.reports.tie_out_figures import compute
from include.reports.tie_out_output import Links
from include.reports.tie_out_tables import load, make_tables, opened
from tests.reports.test_close_checks import ASKED

FIRST = date(2026, 10, 20)
AT = datetime(2026, 11, 16, tzinfo=UTC)
INVOICED_AT, PAID_AT = 2, 3
"""Base units for one of the invoices' currency: what is applied realises the difference."""


OWED = ("invoice", "debit memo")


@dataclass
class Document:
    kind: str
    number: int
    day: int
    total: int
    due: int
    state: str = "live"
    parent: int = 0


@dataclass
class Books:
    """A customer's receivables in a currency of their own, written down as they happen; postings on the control account
    on their own days."""

    documents: list[Document] = field(default_factory=list)
    pieces: list[tuple[str, int, int, int, int, bool, int]] = field(default_factory=list)
    postings: list[tuple[int, int]] = field(default_factory=list)

    def add(self, kind: str, day: int, total: int, **more: object) -> Document:
        one = Document(kind, len(self.documents) + 1, day, total, total, **more)  # type: ignore[arg-type]
        self.documents.append(one)
        rate = PAID_AT if kind == "receipt" else INVOICED_AT
        self.postings.append((day, (1 if kind in OWED else -1) * rate * total))
        return one

    def open(self, *kinds: str) -> list[Document]:
        return [one for one in self.documents if one.kind in kinds and one.state == "live" and one.due > 0]

    def apply(self, day: int, source: Document, target: Document, amount: int) -> None:
        amount = min(amount, source.due, target.due)
        source.due -= amount
        target.due -= amount
        self.pieces.append((source.kind, source.number, target.number, amount, day, True, source.number))
        rate = PAID_AT if source.kind == "receipt" else INVOICED_AT
        self.postings.append((day, (rate - INVOICED_AT) * amount))

    def reverse(self, day: int, one: Document) -> None:
        """A receipt with what it settled, or an invoice that nothing was applied to."""
        mirror = self.add(one.kind, day, -one.total, state="reversal")
        mirror.due = 0
        for place, (kind, source, target, amount, on, counts, payment) in enumerate(list(self.pieces)):
            if kind == one.kind and source == one.number and counts:
                self.pieces[place] = (kind, source, target, amount, on, False, payment)
                self.pieces.append((kind, mirror.number, target, -amount, day, False, mirror.number))
                self.documents[target - 1].due += amount
                self.postings.append((day, -(PAID_AT - INVOICED_AT) * amount))
        one.state, one.due = "reversed", 0

    def fill(self, store: duckdb.DuckDBPyConnection) -> None:
        make_tables(store)
        for one in self.documents:
            counts, day = one.state == "live", FIRST + timedelta(days=one.day)
            head = ("C-1", "100", "EUR", "USD")
            match one.kind:
                case "invoice":
                    standing = "live" if counts else "reversed"
                    row = (
                        one.number, f"I-{one.number}", *head, standing, one.total, one.due, INVOICED_AT * one.due, "",
                        "", day, AT, "", None, INVOICED_AT * one.total,
                    )  # fmt: skip
                    load(store, "invoice", [row])
                case "debit memo":
                    base = (INVOICED_AT * one.due, counts, False, day, AT, INVOICED_AT * one.total, True)
                    load(store, "adjustment", [(one.number, f"D-{one.number}", *head, one.total, one.due, *base)])
                case "adjustment":
                    base = (-INVOICED_AT * one.due, counts, False, day, AT, -INVOICED_AT * one.total, True)
                    load(store, "adjustment", [(one.number, f"M-{one.number}", *head, -one.total, -one.due, *base)])
                case _:
                    base = (PAID_AT * one.due, counts, day, AT, "ARPYMT", "", PAID_AT * one.total, True)
                    load(store, "receipt", [(one.number, f"R-{one.number}", *head, one.total, one.due, *base)])
        for number, (kind, source, target, amount, day, counts, payment) in enumerate(self.pieces, start=1):
            name = "adjustment" if kind == "adjustment" else "cash" if target % 2 else "overpayment"
            on = FIRST + timedelta(days=day)
            invoice, memo = (None, target) if self.documents[target - 1].kind == "debit memo" else (target, None)
            row = (number, invoice, payment, name, source, amount, "EUR", counts, on, AT, memo, True)
            load(store, "application", [row])
        load(
            store,
            "control",
            [
                (n, "1100", "100", "C-1", "USD", amount, "4.AR", "", "", FIRST + timedelta(days=day), None)
                for n, (day, amount) in enumerate(self.postings, start=1)
            ],
        )


happenings = st.lists(
    st.tuples(
        st.sampled_from(
            ["invoice", "debit memo", "receipt", "adjustment", "apply", "apply", "apply", "reverse", "take back"]
        ),
        st.integers(0, 9),
        st.integers(1, 1000),
    ),
    min_size=3,
    max_size=25,
)


def happened(given: list[tuple[str, int, int]]) -> Books:
    books = Books()
    for day, (what, which, amount) in enumerate(given):
        invoices, sources = books.open(*OWED), books.open("receipt", "adjustment")
        receipts = [one for one in books.documents if one.kind == "receipt" and one.state == "live"]
        untouched = [one for one in invoices if one.due == one.total]
        match what:
            case "apply" if invoices and sources:
                books.apply(day, sources[which % len(sources)], invoices[which % len(invoices)], amount)
            case "reverse" if untouched:
                books.reverse(day, untouched[which % len(untouched)])
            case "take back" if receipts:
                books.reverse(day, receipts[which % len(receipts)])
            case "invoice" | "debit memo" | "receipt" | "adjustment":
                books.add(what, day, amount)
    return books


@given(happenings)
@settings(max_examples=60, deadline=None)
def test_as_of_any_day_the_subledger_is_what_was_posted_up_to_it(given: list[tuple[str, int, int]]) -> None:
    """Whatever happened later: both sides are the sum of the postings up to the day, and nothing else."""
    books = happened(given)
    with opened() as store:
        books.fill(store)
        compute(store)
        for day in range(-1, len(given)):
            balance = sum(amount for on, amount in books.postings if on <= day)
            rows = control_as_of(store, "100", FIRST + timedelta(days=day))
            assert [row[:6] for row in rows if row[3] or row[2]] == (
                [("", "USD", balance, balance, 0, 0)] if balance else []
            )


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        clean(connection, 100)
        yield connection


def journal(store: duckdb.DuckDBPyConnection, number: int, amount: int, day: str) -> None:
    store.execute(
        "INSERT INTO control SELECT $n, '1100', entity_id, customer_id, base_currency, $amount, '2.GL', 'J', '1', "
        "$day, 70 FROM invoice WHERE record_no = 41",
        {"n": number, "amount": amount, "day": day},
    )


def test_a_journal_of_the_next_period_keeps_this_one_not_open(store: duckdb.DuckDBPyConnection) -> None:
    journal(store, 1, 5000, "2026-11-05")
    compare(store, KNOWN)
    (entity,) = store.execute("SELECT entity_id FROM invoice WHERE record_no = 41").fetchone() or ("",)
    assert [row[5:7] for row in control_as_of(store, entity, date(2026, 10, 31))] == [(0, 0)]
    assert [row[5:7] for row in control_as_of(store, entity, date(2026, 11, 30))] == [(-5000, 5000)] * 2


def test_a_journal_of_the_period_that_was_taken_back_in_the_next_one_still_shows(
    store: duckdb.DuckDBPyConnection,
) -> None:
    """Today both sides agree; at the period's end they did not."""
    journal(store, 1, 5000, "2026-10-20")
    journal(store, 2, -5000, "2026-11-03")
    compare(store, KNOWN)
    entity, customer = store.execute("SELECT entity_id, customer_id FROM invoice WHERE record_no = 41").fetchone() or (
        "",
        "",
    )
    found = control_as_of(store, entity, date(2026, 10, 31))
    assert [(row[0], row[5]) for row in found] == [("", -5000), (customer, -5000)]
    assert [row[5] for row in control_as_of(store, entity, date(2026, 11, 30))] == [0]


def test_a_posting_of_no_entity_stays_a_break_of_every_entity_s_period(tmp_path: Path) -> None:
    """It is on no entity's control account as of the period's end, and must not vanish from all of them."""
    with opened(tmp_path / "tie_out.duckdb") as store:
        clean(store, 100)
        (entity,) = store.execute("SELECT entity_id FROM invoice WHERE record_no = 41").fetchone() or ("",)
        journal(store, 1, 5000, "2026-10-20")
        store.execute("UPDATE control SET entity_id = '' WHERE module = '2.GL'")
        compare(store, KNOWN)
        (found,) = breaks_in(store)
    told = of_tie_out(tmp_path, replace(ASKED, entity_id=entity), Links("", ""), 1)
    assert [row[told["breaks"].position("subject")] for row in told["breaks"].rows] == [found.subject]
    control = told["control"]
    assert [row[control.position("difference_minor")] for row in control.rows] == [0]
    assert not is_green(checks(ASKED, Evidence(told, {}, kept=False)))
