"""Tax entries on AR invoices and adjustments: what they add, where it is booked, what is refused."""

from __future__ import annotations

import pytest

from tests.sandbox.intacct.identities import books, check_books

MONEY = "TRX_TOTALENTERED TOTALENTERED TRX_TOTALDUE"
ROWS = "RECORDNO LINEITEM PARENTENTRY DETAILKEY ACCOUNTNO TRX_AMOUNT AMOUNT"


def record(name, **fields):
    return {"object": name, "fields": fields}


@pytest.fixture
def taxed(gateway):
    """A British and a German solution, each with a standard rate."""
    gateway.twin.load(
        [
            record("GLACCOUNT", ACCOUNTNO="2200", TITLE="VAT payable"),
            record("TAXSOLUTION", SOLUTIONID="UK VAT", TAXMETHOD="VAT", STATUS="active"),
            record("TAXSOLUTION", SOLUTIONID="DE VAT", TAXMETHOD="VAT", STATUS="active"),
            record("TAXDETAIL", DETAILID="UK 20", VALUE="20", GLACCOUNT="2200", TAXSOLUTIONID="UK VAT"),
            record("TAXDETAIL", DETAILID="DE 19", VALUE="19", GLACCOUNT="2200", TAXSOLUTIONID="DE VAT"),
            record("TAXDETAIL", DETAILID="DE old", VALUE="16", GLACCOUNT="2200", STATUS="inactive"),
        ]
    )
    return gateway


def entry(detail, tax=""):
    return f"<taxentries><taxentry><detailid>{detail}</detailid><trx_tax>{tax}</trx_tax></taxentry></taxentries>"


def in_germany(name="DE VAT"):
    return f"<taxsolutionid>{name}</taxsolutionid>"


def test_a_tax_is_computed_from_the_detail_or_taken_as_it_is_sent(taxed, xml):
    lines = [xml.line("10.05", tail=entry("DE 19")), xml.line("20", tail=entry("DE 19", "3.81"))]
    key = taxed.call(xml.invoice(*lines, rest=in_germany())).key
    shown = taxed.one("ARINVOICE", key, f"{MONEY} TAXSOLUTIONID")
    assert shown == {
        "TRX_TOTALENTERED": "35.77",
        "TOTALENTERED": "35.77",
        "TRX_TOTALDUE": "35.77",
        "TAXSOLUTIONID": "DE VAT",
    }
    rows = taxed.query("ARINVOICEITEM", ROWS)
    assert [(r["LINEITEM"], r["ACCOUNTNO"], r["TRX_AMOUNT"]) for r in rows] == [
        ("T", "4100", "10.05"),
        ("T", "4100", "20"),
        ("F", "2200", "1.91"),
        ("F", "2200", "3.81"),
    ]
    assert [r["PARENTENTRY"] for r in rows] == ["", "", rows[0]["RECORDNO"], rows[1]["RECORDNO"]]
    details = taxed.query("TAXDETAIL", "RECORDNO DETAILID")
    assert {r["DETAILKEY"] for r in rows[2:]} == {d["RECORDNO"] for d in details if d["DETAILID"] == "DE 19"}
    check_books(books(taxed))


def test_the_tax_is_owed_to_the_authority_and_by_the_customer(taxed, xml):
    key = taxed.call(xml.invoice(xml.line("100", tail=entry("DE 19")), rest=in_germany())).key
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    rows = taxed.query("GLDETAIL", "ACCOUNTNO AMOUNT", where)
    assert {r["ACCOUNTNO"]: r["AMOUNT"] for r in rows} == {"1100": "119", "2200": "-19", "4100": "-100"}
    assert taxed.call(xml.payment("119", (key, "119"))).status == "success"
    assert taxed.one("ARINVOICE", key, "STATE TRX_TOTALDUE") == {"STATE": "Paid", "TRX_TOTALDUE": "0"}


def test_a_reversal_and_a_posted_draft_keep_the_tax(taxed, xml):
    head = xml.invoice(xml.line("100", tail=entry("DE 19", "18.99")), rest=f"<action>Draft</action>{in_germany()}")
    key = taxed.call(head).key
    assert taxed.call(f'<update_invoice key="{key}"><action>Submit</action></update_invoice>').status == "success"
    assert taxed.one("ARINVOICE", key, "STATE TRX_TOTALENTERED TAXSOLUTIONID") == {
        "STATE": "Posted",
        "TRX_TOTALENTERED": "118.99",
        "TAXSOLUTIONID": "DE VAT",
    }
    undo = f'<reverse_invoice key="{key}">{xml.day("datereversed", "2026-11-10")}</reverse_invoice>'
    mirror = taxed.call(undo).key
    assert taxed.one("ARINVOICE", mirror, "TRX_TOTALENTERED") == {"TRX_TOTALENTERED": "-118.99"}
    where = f"<equalto><field>RECORDKEY</field><value>{mirror}</value></equalto>"
    line, tax = taxed.query("ARINVOICEITEM", ROWS, where)
    assert (tax["TRX_AMOUNT"], tax["PARENTENTRY"]) == ("-18.99", line["RECORDNO"])
    check_books(books(taxed))


def test_a_credit_memo_takes_tax_back(taxed, xml):
    memo = xml.adjustment(xml.line("-100", tail=entry("DE 19", "-19")), rest=in_germany())
    key = taxed.call(memo).key
    assert taxed.one("ARADJUSTMENT", key, "TRX_TOTALENTERED")["TRX_TOTALENTERED"] == "-119"
    shown = taxed.query("ARADJUSTMENTITEM", "LINEITEM DETAILID TRX_AMOUNT")
    assert shown[1] == {"LINEITEM": "F", "DETAILID": "DE 19", "TRX_AMOUNT": "-19"}


@pytest.mark.parametrize(
    ("detail", "solution", "why"),
    [
        ("DE 19", "", "tax solution is required"),
        ("DE 19", "FR VAT", "Tax solution"),
        ("UK 20", "DE VAT", "Tax detail"),
        ("DE 7", "DE VAT", "Tax detail"),
        ("DE old", "DE VAT", "inactive"),
    ],
)
def test_a_detail_must_be_active_and_of_the_named_solution(taxed, xml, detail, solution, why):
    reply = taxed.call(xml.invoice(xml.line("100", tail=entry(detail)), rest=in_germany(solution) if solution else ""))
    assert reply.status == "failure"
    assert any(why in text for _, text in reply.errors)
    assert taxed.query("ARINVOICE", "RECORDNO") == []


def test_by_switch_reads_show_only_the_lines_that_were_entered(make_gateway, xml):
    gateway = make_gateway(tax_lines_shown=False)
    gateway.twin.load([record("TAXDETAIL", DETAILID="T", VALUE="10", GLACCOUNT="2000")])
    key = gateway.call(xml.invoice(xml.line("100", tail=entry("T")))).key
    assert [r["TRX_AMOUNT"] for r in gateway.query("ARINVOICEITEM", "TRX_AMOUNT")] == ["100"]
    assert gateway.one("ARINVOICE", key, "TRX_TOTALENTERED")["TRX_TOTALENTERED"] == "110"
