"""What must hold in Intacct's books at any time, over what the twin exports."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

CLOSED = "2026-09-30"


def number(record, name):
    return Decimal(record.get(name, "0"))


def books(gateway):
    """The exported records by object, each with its lines."""
    found = defaultdict(list)
    for entry in gateway.twin.export():
        found[entry["object"]].append((entry["record"], entry.get("items", [])))
    return found


def check_books(found):
    """Invariants 1, 2, 3, 4, 7, 8 and 12 over the exported books."""
    for name in ("ARINVOICE", "ARADJUSTMENT"):
        for head, lines in found[name]:
            check_document(head, lines, found)
    check_subledger(found)
    for head, lines in found["GLBATCH"]:
        check_batch(head, lines)
    check_schedules(found)


def check_document(head, lines, found):
    for total, amount in (("TRX_TOTALENTERED", "TRX_AMOUNT"), ("TOTALENTERED", "AMOUNT")):
        assert number(head, total) == sum(number(line, amount) for line in lines), head
    if head["STATE"] in {"Reversed", "Reversal", "Draft"}:
        assert number(head, "TRX_TOTALPAID") == 0
        return
    keys = ("RECORDKEY", "ADJUSTMENTKEY", "POSADJKEY", "NEGATIVEINVOICEKEY")
    details = [
        detail
        for _, items in found["ARPYMT"]
        for detail in items
        if head["RECORDNO"] in {detail.get(key) for key in keys}
    ]
    sign = 1 if number(head, "TRX_TOTALENTERED") >= 0 else -1
    for prefix in ("TRX_", ""):
        entered = number(head, f"{prefix}TOTALENTERED")
        assert entered == number(head, f"{prefix}TOTALPAID") + number(head, f"{prefix}TOTALDUE"), head
    names = ("PAYMENT", "POSTEDADVANCE", "POSTEDOVERPAYMENT", "ADJUSTMENT", "NEGATIVEINVOICE")
    applied = sum(number(detail, f"TRX_{name}AMOUNT") for detail in details for name in names)
    assert applied == sign * number(head, "TRX_TOTALPAID"), head
    if number(head, "TRX_TOTALDUE") == 0:
        assert number(head, "TOTALDUE") == 0, head
        assert head["STATE"] == "Paid"
    paid = {line["RECORDNO"]: number(line, "TRX_TOTALPAID") for line in lines}
    assert sum(paid.values()) == number(head, "TRX_TOTALPAID")


def check_subledger(found):
    """What is open less what is unapplied is the control account, per customer and currency."""
    subledger, ledger = defaultdict(Decimal), defaultdict(Decimal)
    for name in ("ARINVOICE", "ARADJUSTMENT"):
        for head, _ in found[name]:
            if head["STATE"] != "Draft":
                subledger[head["CUSTOMERID"], head["CURRENCY"]] += number(head, "TOTALDUE")
    for head, _ in found["ARPYMT"]:
        if head["STATE"] != "Draft":
            subledger[head["CUSTOMERID"], head["CURRENCY"]] -= number(head, "TOTALDUE")
    for _, lines in found["GLBATCH"]:
        for line in lines:
            if line["ACCOUNTNO"] == "1100":
                ledger[line["CUSTOMERID"], line["CURRENCY"]] += number(line, "AMOUNT") * int(line["TR_TYPE"])
    for key in subledger.keys() | ledger.keys():
        assert subledger[key] == ledger[key], key


def check_batch(head, lines):
    sums = defaultdict(Decimal)
    for line in lines:
        sums[line.get("LOCATION"), line["BASECURR"]] += number(line, "AMOUNT") * int(line["TR_TYPE"])
    assert not any(sums.values()), (head, lines)
    for line in lines:
        if line.get("LOCATION") == "100" and head["MODULE"] == "4.AR":
            month, day, year = head["BATCH_DATE"].split("/")
            assert f"{year}-{month}-{day}" > CLOSED


def check_schedules(found):
    totals = defaultdict(Decimal)
    for entry, _ in found["REVRECSCHEDULEENTRY"]:
        totals[entry["REVRECSCHEDULEKEY"]] += number(entry, "TRX_AMOUNT")
    lines = {line["RECORDNO"]: line for _, items in found["ARINVOICE"] for line in items}
    for schedule, _ in found["REVRECSCHEDULE"]:
        if schedule["STATUS"] != "Terminated":
            assert totals[schedule["RECORDNO"]] == number(lines[schedule["PRENTRYKEY"]], "TRX_AMOUNT")
