"""Invariants 1 to 4, 6 to 8 and 11 to 13 of a month, asserted from the twins' exported books and the rows of the write
log alone (docs/reference/accounting-rules.md). Each function gives sentences, none where the invariant holds."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.flows.month_sales import Sold
from tests.flows.twin_books import CONTROL_ACCOUNT, ENTITY, NOT_POSTED, REVERSED, Row, TwinBooks, amount, day

Closings = Iterable[tuple[datetime, str, date]]
Owners = Mapping[str, str]
"""Record number of a document -> the deal it was made for."""


def lines_are_totals(books: TwinBooks) -> Iterator[str]:
    for row in (*books.rows("ARINVOICE"), *books.rows("ARADJUSTMENT"), *books.rows("APBILL")):
        for head, line in (("TRX_TOTALENTERED", "TRX_AMOUNT"), ("TOTALENTERED", "AMOUNT")):
            lines = sum((amount(one, line) for one in row["items"]), Decimal(0))
            if lines != amount(row, head):
                yield f"1: {row['RECORDID']}: lines {lines}, {head} {amount(row, head)}"


def invoices_are_settled_or_open(books: TwinBooks) -> Iterator[str]:
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for one in books.applications:
        taken[one.invoice] += one.amount
    for row in books.rows("ARINVOICE"):
        if row["STATE"] in NOT_POSTED:
            continue
        total = Decimal(0) if row["STATE"] in REVERSED else amount(row, "TRX_TOTALENTERED")
        settled, due = taken[row["RECORDNO"]], amount(row, "TRX_TOTALDUE")
        if total != settled + due:
            yield f"2: {row['RECORDID']} ({row['STATE']}): {total} is not {settled} settled and {due} open"
        if settled != amount(row, "TRX_TOTALPAID") or due < 0 < total:
            yield f"2: {row['RECORDID']}: {settled} applied, {amount(row, 'TRX_TOTALPAID')} in its header, {due} open"


def subledger_is_what_happened(books: TwinBooks) -> Iterator[str]:
    """Open less unapplied is all that was billed and credited less all the money that came."""
    balance: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    happened: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row, sign in _subledger(books):
        where = row["CUSTOMERID"], ENTITY[row["BASECURR"]], row["CURRENCY"]
        balance[where] += sign * amount(row, "TRX_TOTALDUE")
        happened[where] += sign * amount(row, "TRX_TOTALENTERED")
    for where, value in balance.items():
        if value != happened[where]:
            yield f"3: {where}: open less unapplied {value}, billed less received {happened[where]}"


def subledger_is_the_control_account(books: TwinBooks) -> Iterator[str]:
    """In the transaction's currency and in the base, by customer and entity."""
    ledger: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    control: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for row, sign in _subledger(books):
        customer, entity = row["CUSTOMERID"], ENTITY[row["BASECURR"]]
        ledger[customer, entity, "trx", row["CURRENCY"]] += sign * amount(row, "TRX_TOTALDUE")
        ledger[customer, entity, "base", row["BASECURR"]] += sign * amount(row, "TOTALDUE")
    for batch in books.rows("GLBATCH"):
        for line in batch["items"]:
            if line["ACCOUNTNO"] == CONTROL_ACCOUNT:
                customer, sign = line.get("CUSTOMERID", ""), int(line["TR_TYPE"])
                control[customer, line["LOCATION"], "trx", line["CURRENCY"]] += sign * amount(line, "TRX_AMOUNT")
                control[customer, line["LOCATION"], "base", line["BASECURR"]] += sign * amount(line, "AMOUNT")
    for where in ledger.keys() | control.keys():
        if ledger[where] != control[where]:
            yield f"4: {where}: subledger {ledger[where]}, account {CONTROL_ACCOUNT} {control[where]}"


def one_live_set(
    books: TwinBooks, deals: Iterable[Sold], held: Collection[str], tasks: Collection[str], owner: Owners
) -> Iterator[str]:
    """What stands for a deal bills one version of it, once, in one currency. A held deal's is whatever was there
    before, and where a person has a task to decide about money (``tasks``) no more than it once was. Of a lost one
    that is not held nothing is due."""
    cash: dict[str, Decimal] = defaultdict(Decimal)
    for one in books.applications:
        cash[one.invoice] += one.amount if one.kind == "cash" else 0
    standing: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in books.receivables:
        if row["STATE"] not in REVERSED and row["RECORDNO"] in owner:
            standing[owner[row["RECORDNO"]], row["CURRENCY"]].append(row)
    for sold in deals:
        if sold.by_hand:
            continue
        for currency in {sold.currency, *sold.versions, *(code for deal, code in standing if deal == sold.deal)}:
            mine, versions = standing[sold.deal, currency], sold.versions.get(currency, set())
            billed = sum((amount(row, "TRX_TOTALENTERED") for row in mine), Decimal(0))
            received = sum((cash[row["RECORDNO"]] for row in mine), Decimal(0))
            due = [amount(row, "TRX_TOTALDUE") for row in mine]
            if sold.unwon and not sold.is_won and sold.deal not in held and any(one > 0 for one in due):
                yield f"6: deal {sold.deal} ({'; '.join(sold.told)}): it is lost, and {due} {currency} is due of it"
            if sold.deal in tasks and Decimal(0) <= billed <= max(versions, default=Decimal(0)):
                continue
            nothing = {Decimal(0)} if sold.unwon or currency != sold.currency or not mine else set()
            told = f"deal {sold.deal} ({'; '.join(sold.told)})"
            if billed not in {*versions, received, *nothing}:
                yield f"6: {told}: its documents bill {billed} {currency}, no version of it does"
            wanted = sold.total if sold.is_won and currency == sold.currency else Decimal(0)
            if sold.deal not in held and billed not in (wanted, received):
                yield f"6: {told}: its documents bill {billed} {currency}, it is {wanted} now"


def journals_balance(books: TwinBooks) -> Iterator[str]:
    for batch in books.rows("GLBATCH"):
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in batch["items"]:
            sums[line.get("LOCATION", ""), line["BASECURR"]] += int(line["TR_TYPE"]) * amount(line, "AMOUNT")
        yield from (f"7: {batch['BATCH_TITLE']}: {where} is off by {off}" for where, off in sums.items() if off)


def schedules_sum(books: TwinBooks) -> Iterator[str]:
    """Nothing is recognised before the line's term, or after the month in which it ends."""
    lines = {line["RECORDNO"]: line for row in books.rows("ARINVOICE") for line in row["items"]}
    entries: dict[str, list[Row]] = defaultdict(list)
    for one in books.rows("REVRECSCHEDULEENTRY"):
        entries[one["REVRECSCHEDULEKEY"]].append(one)
    for schedule in books.rows("REVRECSCHEDULE"):
        its, line = entries[schedule["RECORDNO"]], lines.get(schedule["PRENTRYKEY"])
        if line is None or schedule["STATUS"] == "Terminated":
            continue
        whole = sum((amount(one, "TRX_AMOUNT") for one in its), Decimal(0))
        if whole != amount(line, "TRX_AMOUNT"):
            yield f"8: schedule {schedule['RECORDNO']}: {whole}, its line {amount(line, 'TRX_AMOUNT')}"
        if line.get("REVRECSTARTDATE") and line.get("REVRECENDDATE"):
            first, last = day(line["REVRECSTARTDATE"]), day(line["REVRECENDDATE"])
            end = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
            if not all(first <= day(one["POSTINGDATE"]) < end for one in its):
                yield f"8: schedule {schedule['RECORDNO']} recognises outside {first} to {last}"


def nothing_posted_is_gone(before: TwinBooks | None, books: TwinBooks) -> Iterator[str]:
    kinds = ("ARINVOICE", "ARADJUSTMENT", "ARPYMT")
    was = {(kind, row["RECORDNO"]) for kind in kinds for row in before.rows(kind)} if before else set()
    drafts = (
        {(kind, row["RECORDNO"]) for kind in kinds for row in before.rows(kind) if row["STATE"] in NOT_POSTED}
        if before
        else set()
    )
    now = {(kind, row["RECORDNO"]) for kind in kinds for row in books.rows(kind)}
    yield from (f"11: {kind} {number} is gone" for kind, number in sorted(was - drafts - now))
    for one in books.rows("AUDITHISTORY"):
        key = one["OBJECTTYPE"].upper(), one["OBJECTKEY"]
        if one["ACCESSMODE"] == "D" and key[0] in kinds and key not in drafts:
            yield f"11: {key} was deleted at {one['ACCESSTIME']}"


def nothing_in_a_closed_period(books: TwinBooks, closings: Closings) -> Iterator[str]:
    """Receivables journals, by when they were written and which day they are on."""
    closed = [(at.replace(tzinfo=None), entity, through) for at, entity, through in closings]
    for batch in books.rows("GLBATCH"):
        written = datetime.strptime(batch["WHENCREATED"], "%m/%d/%Y %H:%M:%S")  # noqa: DTZ007
        on, places = day(batch["BATCH_DATE"]), {line.get("LOCATION") for line in batch["items"]}
        for at, entity, through in closed:
            if batch["MODULE"] == "4.AR" and entity in places and written > at and on <= through:
                yield f"12: {batch['BATCH_TITLE']} on {on} was posted at {written}, {entity} closed through {through}"


def every_document_is_in_the_log(books: TwinBooks, logged: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """And every row that says so has its document. What comes first, row or document, the kill tests see."""
    kinds = {"invoice": "ARINVOICE", "credit_memo": "ARADJUSTMENT"}
    keyed = {(kind, row["RECORDNO"]): row for kind, name in kinds.items() for row in books.rows(name)}
    for where, row in keyed.items():
        if row.get("TIEOUT_KEY") and row["STATE"] != "Reversal" and where not in logged:
            yield f"13: {where[0]} {row['RECORDID']} with our key {row['TIEOUT_KEY']} is in no row of the write log"
    deleted = {number for kind, number in logged if kind == "draft_deletion"}
    for kind, number in logged:
        if kind in kinds and (kind, number) not in keyed and number not in deleted:
            yield f"13: the write log has {kind} {number}, the books have not"


def write_log(state: str) -> dict[tuple[str, str], str]:
    """The rows of the state database that say a record was made for a deal: its kind and number -> the deal."""
    with sqlite3.connect(state) as connection:
        found = connection.execute(
            "SELECT target_object, target_id, source_id FROM writes "
            "WHERE target_system IN ('intacct', 'hubspot') AND state = 'written' AND source_object = 'deal'"
        ).fetchall()
    return {(kind, str(number)): source for kind, number, source in found}


def _subledger(books: TwinBooks) -> Iterator[tuple[Row, int]]:
    yield from ((row, 1) for row in books.receivables)
    yield from ((row, -1) for row in books.rows("ARPYMT") if row["STATE"] not in NOT_POSTED)
