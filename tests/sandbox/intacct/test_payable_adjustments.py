"""AP adjustments: what is owed to vendors, raised and lowered without a bill."""

from __future__ import annotations

import pytest


def adjustment(xml, *lines, number="AD-1", rest=""):
    return (
        f"<create_apadjustment><vendorid>V-1</vendorid>{xml.day('datecreated', '2026-11-02')}"
        f"<adjustmentno>{number}</adjustmentno>{rest}<billno>B-1</billno><description>Broken panes</description>"
        f"<apadjustmentitems>{''.join(lines)}</apadjustmentitems></create_apadjustment>"
    )


def posted(gateway, key):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    return sorted((row["ACCOUNTNO"], row["AMOUNT"]) for row in gateway.query("GLDETAIL", "ACCOUNTNO AMOUNT", where))


@pytest.mark.parametrize(("amount", "entries"), [("-30", [("2000", "30"), ("6000", "-30")]), ("30", None)])
def test_a_negative_line_lowers_what_is_owed_and_a_positive_one_raises_it(gateway, xml, amount, entries):
    key = gateway.call(adjustment(xml, xml.line(amount, account="6000"))).key
    fields = "RECORDTYPE STATE RECORDID DOCNUMBER VENDORNAME TRX_TOTALENTERED TRX_TOTALDUE MODULEKEY"
    assert gateway.one("APADJUSTMENT", key, fields) == {
        "RECORDTYPE": "pa",
        "STATE": "Posted",
        "RECORDID": "AD-1",
        "DOCNUMBER": "B-1",
        "VENDORNAME": "Landlord",
        "TRX_TOTALENTERED": amount,
        "TRX_TOTALDUE": amount,
        "MODULEKEY": "3.AP",
    }
    assert posted(gateway, key) == (entries or [("2000", "-30"), ("6000", "30")])


def test_an_adjustment_is_read_with_its_lines_reversed_once_and_its_number_is_unique_per_vendor(gateway, xml):
    request = adjustment(xml, xml.line("-30", account="6000"), xml.line("-12", account="6000"))
    key = gateway.call(request).key
    read = gateway.call(f"<read><object>APADJUSTMENT</object><keys>{key}</keys><fields>*</fields></read>").data[0]
    assert [line.findtext("TRX_AMOUNT") for line in read.find("APADJUSTMENTITEMS")] == ["-30", "-12"]
    assert gateway.call(request).errors[0][0] == "BL03002185"
    reverse = f'<reverse_apadjustment key="{key}">{xml.day("datereversed", "2026-11-05")}</reverse_apadjustment>'
    mirror = gateway.call(reverse).key
    assert posted(gateway, mirror) == [("2000", "-42"), ("6000", "12"), ("6000", "30")]
    assert gateway.call(reverse).errors[0][0] == "BL01001973"
    assert gateway.one("APADJUSTMENT", key, "STATE TRX_TOTALDUE") == {"STATE": "Reversed", "TRX_TOTALDUE": "0"}


def test_amounts_of_both_signs_and_a_batch_are_refused(gateway, xml):
    mixed = adjustment(xml, xml.line("-30", account="6000"), xml.line("5", account="6000"))
    assert [number for number, _ in gateway.call(mixed).errors] == ["BL03000018", "BL01001973"]
    batch = adjustment(xml, xml.line("-1", account="6000")).replace(
        "<adjustmentno>", "<batchkey>4</batchkey><adjustmentno>"
    )
    assert gateway.call(batch).errors[0][0] == "BL03000018"
    assert gateway.query("APADJUSTMENT", "RECORDNO") == []


def test_a_draft_adjustment_posts_nothing_and_can_be_deleted_a_posted_one_cannot(gateway, xml):
    draft = gateway.call(adjustment(xml, xml.line("-5", account="6000"), rest="<action>Draft</action>")).key
    kept = gateway.call(adjustment(xml, xml.line("-5", account="6000"), number="AD-2")).key
    assert posted(gateway, draft) == []
    assert gateway.call(f'<delete_apadjustment key="{draft}"/>').status == "success"
    assert gateway.call(f"<delete><object>APADJUSTMENT</object><keys>{kept}</keys></delete>").status == "failure"
    assert [row["RECORDNO"] for row in gateway.query("APADJUSTMENT", "RECORDNO")] == [kept]


def test_a_payment_request_with_credits_or_discounts_is_refused(gateway, xml):
    bill = (
        f"<create_bill><vendorid>V-1</vendorid>{xml.day('datecreated', '2026-11-02')}<termname>N30</termname>"
        f"<billitems>{xml.line('80', account='6000')}</billitems></create_bill>"
    )
    key = gateway.call(bill).key
    request = (
        "<create_paymentrequest><bankaccountid>OPS</bankaccountid><vendorid>V-1</vendorid>"
        f"<paymentmethod>EFT</paymentmethod>{xml.day('paymentdate', '2026-11-10')}<paymentrequestitems>"
        f"<paymentrequestitem><key>{key}</key><paymentamount>80</paymentamount><credittoapply>{{}}</credittoapply>"
        "</paymentrequestitem></paymentrequestitems></create_paymentrequest>"
    )
    assert gateway.call(request.format("10")).errors[0][0] == "BL01001973"
    assert gateway.call(request.format("0")).status == "success"
