"""Other receipts and deposits."""

from __future__ import annotations

import pytest


def receipt(xml, line, into="<undepglaccountno>1090</undepglaccountno>", method="EFT", tail=""):
    return (
        f"<record_otherreceipt>{xml.day('paymentdate', '2026-11-02')}<payee>Scrap yard</payee>"
        f"{xml.day('receiveddate', '2026-11-03')}<paymentmethod>{method}</paymentmethod>{into}<refid>R-7</refid>{tail}"
        f"<receiptitems>{line}</receiptitems></record_otherreceipt>"
    )


def deposit(xml, *keys, bank="OPS"):
    listed = "".join(f"<receiptkey>{key}</receiptkey>" for key in keys)
    return (
        f"<record_deposit><bankaccountid>{bank}</bankaccountid>{xml.day('depositdate', '2026-11-06')}"
        f"<depositid>Slip 6</depositid><receiptkeys>{listed}</receiptkeys></record_deposit>"
    )


def posted(gateway, key):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    return sorted((row["ACCOUNTNO"], row["AMOUNT"]) for row in gateway.query("GLDETAIL", "ACCOUNTNO AMOUNT", where))


def test_an_other_receipt_debits_undeposited_funds_or_the_bank(gateway, xml):
    key = gateway.call(receipt(xml, xml.line("50.99", account="4100", memo="Copper"))).key
    assert posted(gateway, key) == [("1090", "50.99"), ("4100", "-50.99")]
    banked = gateway.call(receipt(xml, xml.line("9", account="4100"), "<bankaccountid>OPS</bankaccountid>")).key
    assert posted(gateway, banked) == [("1000", "9"), ("4100", "-9")]
    read = gateway.call(f"<read><object>OTHERRECEIPTS</object><keys>{key}</keys><fields>*</fields></read>").data[0]
    shown = [read.findtext(name) for name in ("PAYER", "WHENCREATED", "RECEIPTDATE", "TRX_TOTALENTERED", "DOCNUMBER")]
    assert shown == ["Scrap yard", "11/02/2026", "11/03/2026", "50.99", "R-7"]
    assert [line.findtext("ENTRYDESCRIPTION") for line in read.find("RECEIPTITEMS")] == ["Copper"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"method": "Barter"}, "BL03000018"),
        ({"into": "<undepglaccountno>1999</undepglaccountno>"}, "BL01001973"),
        ({"into": "<bankaccountid>OPS-EUR</bankaccountid>"}, "BL01001973"),
        ({"tail": "<currency>EUR</currency><exchrate>1.1</exchrate>"}, "BL02000051"),
    ],
)
def test_a_receipt_that_the_books_do_not_take_leaves_nothing_behind(gateway, xml, change, number):
    reply = gateway.call(receipt(xml, xml.line("5", account="4100"), **change))
    assert [entry[0] for entry in reply.errors] == [number, "BL01001973"]
    assert gateway.query("OTHERRECEIPTS", "RECORDNO") == []


def test_a_deposit_takes_undeposited_receipts_to_the_bank_once(gateway, xml):
    invoice = gateway.call(xml.invoice(xml.line("100"))).key
    paid = gateway.call(xml.payment("100", (invoice, "100"))).key
    other = gateway.call(receipt(xml, xml.line("50.99", account="4100"))).key
    key = gateway.call(deposit(xml, paid, other)).key
    assert posted(gateway, key) == [("1000", "150.99"), ("1090", "-100"), ("1090", "-50.99")]
    assert gateway.one("DEPOSIT", key, "RECORDID FINANCIALENTITY TOTALENTERED WHENCREATED") == {
        "RECORDID": "Slip 6",
        "FINANCIALENTITY": "OPS",
        "TOTALENTERED": "150.99",
        "WHENCREATED": "11/06/2026",
    }
    lines = gateway.query("DEPOSITENTRY", "RECEIPTKEY AMOUNT")
    assert [(row["RECEIPTKEY"], row["AMOUNT"]) for row in lines] == [(paid, "100"), (other, "50.99")]
    assert gateway.call(deposit(xml, paid)).errors[0][0] == "BL01001973"


def test_a_deposit_needs_receipts_that_wait_in_the_banks_currency(gateway, xml):
    banked = gateway.call(receipt(xml, xml.line("9", account="4100"), "<bankaccountid>OPS</bankaccountid>")).key
    waiting = gateway.call(receipt(xml, xml.line("9", account="4100"))).key
    for request in (
        deposit(xml, banked),
        deposit(xml, "999"),
        deposit(xml, waiting, waiting),
        deposit(xml, waiting, bank="OPS-EUR"),
    ):
        assert gateway.call(request).errors[0][0] == "BL01001973"
    assert gateway.query("DEPOSIT", "RECORDNO") == []


def test_subscriptions_and_their_preferences_are_listed(gateway):
    assert "AR" in [one.text for one in gateway.call("<get_applications/>").data]
    prefs = gateway.call('<get_companyprefs application="ME"/>').records()
    assert prefs == [{"application": "ME", "preference": "DISABLEENTITYSLIDEIN", "prefvalue": "F"}]
    general = {
        row["preference"]: row["prefvalue"] for row in gateway.call('<get_companyprefs application="GEN"/>').records()
    }
    assert general["FISCAL_FIRST_MONTH"] == "1"
    assert gateway.call('<get_companyprefs application="XX"/>').errors[0][0] == "BL03000018"
