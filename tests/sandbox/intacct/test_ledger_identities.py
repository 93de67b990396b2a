"""Whatever is done, in whatever order: the books add up, and a refused request changes nothing."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from decimal import Decimal

import pytest

CLOSED = "2026-09-30"


def number(record, name):
    return Decimal(record.get(name, "0"))


def books(gateway):
    """The exported records by object, each with its lines."""
    found = defaultdict(list)
    for entry in gateway.twin.export():
        found[entry["object"]].append((entry["record"], entry.get("items", [])))
    return found


def check_books(gateway):
    """Invariants 1, 2, 3, 4, 7, 8 and 12 over the exported books."""
    found = books(gateway)
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


class Clerk:
    """Does random things, some of which the books refuse."""

    def __init__(self, gateway, xml, seed):
        self.gateway, self.xml, self.random = gateway, xml, random.Random(seed)  # noqa: S311
        self.documents, self.payments, self.memos = [], [], []

    def day(self):
        return f"2026-{self.random.choice(['09', '10', '11', '11'])}-{self.random.randint(1, 28):02d}"

    def money(self, most=30000):
        return f"{self.random.randint(1, most) / 100:.2f}"

    def send(self, function):
        reply = self.gateway.call(function)
        return reply.root.findtext("operation/result/key") if reply.status == "success" else None

    def group(self, currency):
        if currency == "USD":
            return ""
        return f"<currency>EUR</currency><exchrate>1.{self.random.randint(500, 1500):04d}</exchrate>"

    def invoice(self):
        currency = self.random.choice(["USD", "EUR"])
        place = self.random.choice(["100", "100", "400"])
        tail = self.random.choice(["", "<revrectemplate>12M straight</revrectemplate>"])
        lines = [self.xml.line(self.money(), location=place, tail=tail) for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.3:
            lines.append(self.xml.line(f"-{self.money(2000)}", location=place))
        draft = "<action>Draft</action>" if self.random.random() < 0.1 else ""
        key = self.send(self.xml.invoice(*lines, created=self.day(), rest=draft + self.group(currency)))
        if key:
            self.documents.append((key, currency))

    def memo(self):
        currency = self.random.choice(["USD", "EUR"])
        sign = self.random.choice(["-", "-", ""])
        lines = [self.xml.line(f"{sign}{self.money(9000)}", account="6900") for _ in range(self.random.randint(1, 2))]
        key = self.send(self.xml.adjustment(*lines, on=self.day(), rest=self.group(currency)))
        if key:
            self.memos.append((key, currency))

    def payment(self):
        if not self.documents:
            return
        key, currency = self.random.choice(self.documents)
        share = self.money(6000)
        amount = share if self.random.random() < 0.6 else f"{Decimal(share) + Decimal(self.money(5000))}"
        bank = "OPS" if currency == "USD" else "OPS-EUR"
        where = f"<bankaccountid>{bank}</bankaccountid>" if currency == "EUR" or self.random.random() < 0.5 else ""
        items = [(key, share)] if self.random.random() < 0.8 else []
        function = self.xml.payment(amount, *items, on=self.day(), where=where, rest=self.group(currency))
        paid = self.send(function)
        if paid:
            self.payments.append(paid)

    def settle(self):
        """Pay exactly what is open, at a rate of its own."""
        if not self.documents:
            return
        key, currency = self.random.choice(self.documents)
        due = self.gateway.one("ARINVOICE", key, "TRX_TOTALDUE")["TRX_TOTALDUE"]
        where = "<bankaccountid>OPS-EUR</bankaccountid>" if currency == "EUR" else ""
        paid = self.send(self.xml.payment(due, (key, due), on=self.day(), where=where, rest=self.group(currency)))
        if paid:
            self.payments.append(paid)

    def apply(self):
        if self.documents and self.payments:
            target, _ = self.random.choice(self.documents)
            self.send(
                f"<apply_arpayment><arpaymentkey>{self.random.choice(self.payments)}</arpaymentkey>"
                f"{self.xml.day('paymentdate', self.day())}<arpaymentitems><arpaymentitem>"
                f"<invoicekey>{target}</invoicekey><amount>{self.money(4000)}</amount></arpaymentitem></arpaymentitems></apply_arpayment>"
            )

    def credit(self):
        if self.documents and self.memos:
            target, _ = self.random.choice(self.documents)
            memo, _ = self.random.choice(self.memos)
            reply = self.gateway.call(
                "<create><ARPYMT><UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
                f"<CUSTOMERID>C-1</CUSTOMERID><RECEIPTDATE>11/{self.random.randint(1, 28)}/2026</RECEIPTDATE>"
                f"<ARPYMTDETAILS><ARPYMTDETAIL><RECORDKEY>{target}</RECORDKEY><ADJUSTMENTKEY>{memo}</ADJUSTMENTKEY>"
                f"<TRX_ADJUSTMENTAMOUNT>{self.money(5000)}</TRX_ADJUSTMENTAMOUNT></ARPYMTDETAIL></ARPYMTDETAILS></ARPYMT></create>"
            )
            if reply.status == "success":
                self.payments.append(reply.data[0].findtext("RECORDNO"))

    def reverse_payment(self):
        if self.payments:
            key = self.random.choice(self.payments)
            self.send(f'<reverse_arpayment key="{key}">{self.xml.day("datereversed", self.day())}</reverse_arpayment>')

    def reverse_invoice(self):
        if self.documents:
            key, _ = self.random.choice(self.documents)
            self.send(f'<reverse_invoice key="{key}">{self.xml.day("datereversed", self.day())}</reverse_invoice>')

    def act(self):
        doings = [self.invoice] * 4 + [self.payment] * 4 + [self.settle, self.memo, self.apply, self.credit]
        self.random.choice([*doings, self.credit, self.reverse_payment, self.reverse_invoice])()


@pytest.mark.parametrize("seed", range(8))
def test_the_books_add_up_after_any_sequence_of_documents_and_payments(gateway, xml, seed):
    gateway.twin.load([{"object": "_CLOSED", "fields": {"LOCATIONID": "400", "MODULE": "AR", "THROUGH": "2026-09-10"}}])
    clerk = Clerk(gateway, xml, seed)
    for _ in range(90):
        clerk.act()
    check_books(gateway)
    found = books(gateway)
    assert len(found["ARINVOICE"]) >= 8
    assert len(found["ARPYMT"]) >= 4


MUTABLE = re.compile(r"<(\w+)[^<>]*>([^<>]*)</\1>|<\w+/>")
VALUES = ["", "0", "-1", "1", "999999999999999999999", "abc", "2026", "13", "C-2", "true", "1e9", "&amp;", "%", "'"]


def mutated(text, dice):
    """The request with one to three damages: values changed, elements dropped, doubled or swapped, bytes cut."""
    for _ in range(dice.randint(1, 3)):
        spots = list(MUTABLE.finditer(text))
        kind = dice.random()
        if kind < 0.08 or not spots:
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(["", "<", "\x00", "&x;", "]]>"]) + text[at + dice.randint(0, 3) :]
            continue
        spot = dice.choice(spots)
        whole = spot.group()
        if kind < 0.55 and spot.group(1):
            text = text[: spot.start(2)] + dice.choice(VALUES) + text[spot.end(2) :]
        elif kind < 0.75:
            text = text[: spot.start()] + text[spot.end() :]
        elif kind < 0.85:
            text = text[: spot.end()] + whole + text[spot.end() :]
        else:
            other = dice.choice(spots).group()
            text = text[: spot.start()] + other + text[spot.end() :]
    return text


def seeds_of_mutation(gateway, xml, open_invoice):
    """Well-formed requests of every area, to be damaged."""
    detail = (
        f"<ARPYMTDETAIL><RECORDKEY>{open_invoice}</RECORDKEY><TRX_PAYMENTAMOUNT>5</TRX_PAYMENTAMOUNT></ARPYMTDETAIL>"
    )
    functions = [
        xml.invoice(xml.line("12.34", tail="<revrectemplate>12M straight</revrectemplate>"), rest=xml.EUR),
        xml.invoice(xml.line("10"), xml.line("-3"), rest="<invoiceno>M-1</invoiceno>" + xml.custom(TIEOUT_KEY="m")),
        xml.payment("7", (open_invoice, "5")),
        xml.adjustment(xml.line("-4")),
        f'<reverse_invoice key="{open_invoice}">{xml.day("datereversed", "2026-11-15")}</reverse_invoice>',
        f'<update_invoice key="{open_invoice}"><description>d</description></update_invoice>',
        "<create><ARPYMT><UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
        f"<CUSTOMERID>C-1</CUSTOMERID><RECEIPTDATE>11/10/2026</RECEIPTDATE><ARPYMTDETAILS>{detail}</ARPYMTDETAILS></ARPYMT></create>",
        "<create><CUSTOMER><CUSTOMERID>M-1</CUSTOMERID><NAME>M</NAME><DISPLAYCONTACT><EMAIL1>m@m.example</EMAIL1>"
        "</DISPLAYCONTACT></CUSTOMER></create>",
        "<update><CUSTOMER><CUSTOMERID>C-2</CUSTOMERID><COMMENTS>x</COMMENTS></CUSTOMER></update>",
        "<create><GLBATCH><JOURNAL>GJ</JOURNAL><BATCH_DATE>11/15/2026</BATCH_DATE><BATCH_TITLE>t</BATCH_TITLE><ENTRIES>"
        "<GLENTRY><ACCOUNTNO>6000</ACCOUNTNO><TR_TYPE>1</TR_TYPE><TRX_AMOUNT>5</TRX_AMOUNT><LOCATION>100</LOCATION></GLENTRY>"
        "<GLENTRY><ACCOUNTNO>2000</ACCOUNTNO><TR_TYPE>-1</TR_TYPE><TRX_AMOUNT>5</TRX_AMOUNT><LOCATION>100</LOCATION></GLENTRY>"
        "</ENTRIES></GLBATCH></create>",
        "<delete><object>CUSTOMER</object><keys>2</keys></delete>",
        "<query><object>ARINVOICE</object><select><field>RECORDNO</field></select><filter><and><equalto><field>TOTALDUE</field>"
        "<value>5</value></equalto><like><field>RECORDID</field><value>I%</value></like></and></filter></query>",
        "<readByQuery><object>ARINVOICE</object><fields>RECORDNO</fields>"
        "<query>TOTALDUE &gt; 5 AND STATE = 'A'</query></readByQuery>",
        f"<create_bill><vendorid>V-1</vendorid>{xml.day('datecreated', '2026-11-02')}<termname>N30</termname>"
        f"<billno>M</billno><billitems>{xml.line('8', account='6000')}</billitems></create_bill>",
    ]
    return [gateway.envelope(function) for function in functions]


def damage(gateway, xml, count, seed):
    """Send damaged requests; answers how many were accepted and refused."""
    dice = random.Random(seed)  # noqa: S311
    key = gateway.call(xml.invoice(xml.line("100000"))).key
    originals = seeds_of_mutation(gateway, xml, key)
    accepted = refused = 0
    before = list(gateway.twin.export())
    for _ in range(count):
        reply = gateway.send(mutated(dice.choice(originals), dice).encode("utf-8", "replace"))
        assert reply.response.status == 200, reply.text
        after = list(gateway.twin.export())
        statuses = reply.statuses
        if statuses and all(status == "success" for status in statuses):
            accepted += 1
        else:
            refused += 1
            assert after == before, reply.text
        before = after
    return accepted, refused


def test_a_damaged_request_is_refused_without_a_trace_or_keeps_the_books_whole(gateway, xml):
    accepted, refused = damage(gateway, xml, 400, 1)
    assert accepted > 20
    assert refused > 100
    check_books(gateway)
