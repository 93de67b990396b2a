"""Receipts, advances, credits, reversals: what they do to invoices and to the ledger."""

from __future__ import annotations

import pytest

INVOICE = "TRX_TOTALDUE TRX_TOTALPAID TOTALDUE STATE WHENPAID"


def gl(gateway, key, record_type="rp"):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    rows = gateway.query("GLDETAIL", "ACCOUNTNO AMOUNT LOCATIONID", where)
    return sorted((r["ACCOUNTNO"], r["AMOUNT"]) for r in rows)


def post(gateway, xml, amount="100", **options):
    return gateway.call(xml.invoice(xml.line(amount), **options)).key


def test_a_payment_settles_an_invoice_in_parts(gateway, xml, clock):
    key = post(gateway, xml)
    clock.advance(3600)
    gateway.call(xml.payment("40", (key, "40"), on="2026-11-10"))
    assert gateway.one("ARINVOICE", key, INVOICE + " WHENMODIFIED") == {
        "TRX_TOTALDUE": "60",
        "TRX_TOTALPAID": "40",
        "TOTALDUE": "60",
        "STATE": "Partially Paid",
        "WHENPAID": "",
        "WHENMODIFIED": "11/16/2026 10:00:00",
    }
    paid = gateway.call(xml.payment("60", (key, "60"), on="2026-11-12"))
    assert gateway.one("ARINVOICE", key, INVOICE) == {
        "TRX_TOTALDUE": "0",
        "TRX_TOTALPAID": "100",
        "TOTALDUE": "0",
        "STATE": "Paid",
        "WHENPAID": "11/12/2026",
    }
    assert gl(gateway, paid.key) == [("1090", "60"), ("1100", "-60")]


def test_one_payment_may_settle_many_invoices(gateway, xml):
    first, second = post(gateway, xml), post(gateway, xml, "50")
    paid = gateway.call(xml.payment("120", (first, "100"), (second, "20"))).key
    details = gateway.query("ARPYMTDETAIL", "PAYMENTKEY RECORDKEY TRX_PAYMENTAMOUNT PAYMENTDATE")
    assert [(d["PAYMENTKEY"], d["RECORDKEY"], d["TRX_PAYMENTAMOUNT"]) for d in details] == [
        (paid, first, "100"),
        (paid, second, "20"),
    ]
    assert gateway.one("ARINVOICE", second, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "30"}


def test_a_payment_fills_the_lines_in_order_and_nets_negative_ones(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("30"), xml.line("50"), xml.line("-10"))).key
    gateway.call(xml.payment("40", (key, "40")))
    assert [r["TRX_TOTALPAID"] for r in gateway.query("ARINVOICEITEM", "TRX_TOTALPAID")] == ["30", "10", "0"]
    gateway.call(xml.payment("30", (key, "30")))
    assert [r["TRX_TOTALPAID"] for r in gateway.query("ARINVOICEITEM", "TRX_TOTALPAID")] == ["30", "50", "-10"]


@pytest.mark.parametrize(
    ("amount", "share", "number"),
    [("150", "150", "XL03000027"), ("50", "60", "BL01001973"), ("0", "0", "BL03000018"), ("-5", "-5", "BL03000018")],
)
def test_more_than_what_is_due_or_paid_cannot_be_applied(gateway, xml, amount, share, number):
    key = post(gateway, xml)
    before = list(gateway.twin.export())
    assert gateway.call(xml.payment(amount, (key, share))).errors[0][0] == number
    assert list(gateway.twin.export()) == before


def test_an_unknown_invoice_key_is_a_record_not_found(gateway, xml):
    assert gateway.call(xml.payment("10", ("999", "10"))).errors[0][0] == "DL03000005"


def test_an_overpayment_stays_unapplied_and_can_be_applied_later(gateway, xml):
    first, second = post(gateway, xml), post(gateway, xml)
    paid = gateway.call(xml.payment("130", (first, "100"))).key
    assert gateway.one("ARPYMT", paid, "TRX_TOTALENTERED TRX_TOTALPAID TRX_TOTALDUE STATE") == {
        "TRX_TOTALENTERED": "130",
        "TRX_TOTALPAID": "100",
        "TRX_TOTALDUE": "30",
        "STATE": "Complete",
    }
    apply = (
        f"<apply_arpayment><arpaymentkey>{paid}</arpaymentkey>{xml.day('paymentdate', '2026-11-12')}<arpaymentitems>"
        f"<arpaymentitem><invoicekey>{second}</invoicekey><amount>{{}}</amount></arpaymentitem></arpaymentitems>"
        "</apply_arpayment>"
    )
    assert gateway.call(apply.format("130")).errors[0][0] == "BL01001973"
    assert gateway.call(apply.format("30")).status == "success"
    assert gateway.one("ARINVOICE", second, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "70"}
    assert gateway.one("ARPYMT", paid, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "0"}


def test_applying_more_than_the_invoices_due_is_refused_with_its_own_number(gateway, xml):
    key = post(gateway, xml, "20")
    advance = gateway.call(xml.payment("50")).key
    apply = (
        f"<apply_arpayment><arpaymentkey>{advance}</arpaymentkey>{xml.day('paymentdate', '2026-11-12')}<arpaymentitems>"
        f"<arpaymentitem><invoicekey>{key}</invoicekey><amount>25</amount></arpaymentitem></arpaymentitems>"
        "</apply_arpayment>"
    )
    assert gateway.call(apply).errors[0][0] == "XL03000027"


def test_a_payment_without_items_is_an_advance_of_an_open_item_customer(gateway, xml):
    key = post(gateway, xml)
    advance = gateway.call(xml.payment("50")).key
    assert gateway.one("ARADVANCE", advance, "CUSTOMERID TRX_TOTALDUE RECORDTYPE") == {
        "CUSTOMERID": "C-1",
        "TRX_TOTALDUE": "50",
        "RECORDTYPE": "rr",
    }
    assert gateway.one("ARINVOICE", key, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "100"}


def test_a_balance_forward_customer_pays_the_oldest_first(make_gateway, xml):
    gateway = make_gateway(customer_kind="balance_forward")
    newer, older = post(gateway, xml), post(gateway, xml, created="2026-10-05")
    gateway.call(xml.payment("150"))
    assert gateway.one("ARINVOICE", older, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "0"}
    assert gateway.one("ARINVOICE", newer, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "50"}


def test_the_last_of_three_payments_clears_the_base_balance_to_the_rounding_account(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("100.00"), rest=xml.EUR)).key
    where, on = "<bankaccountid>OPS-EUR</bankaccountid>", "2026-11-02"
    keys = [
        gateway.call(xml.payment(part, (key, part), where=where, on=on, rest=xml.EUR)).key
        for part in ("33.33", "33.33", "33.34")
    ]
    assert gateway.one("ARINVOICE", key, "TOTALDUE TOTALPAID") == {"TOTALDUE": "0", "TOTALPAID": "108.47"}
    assert gl(gateway, keys[0]) == [("1010", "36.15"), ("1100", "-36.15")]
    assert gl(gateway, keys[2]) == [("1010", "36.16"), ("1100", "-36.17"), ("7910", "0.01")]


def test_a_payment_at_another_rate_realises_the_difference(gateway, xml):
    rest = "<currency>EUR</currency><exchrate>{}</exchrate>"
    where = "<bankaccountid>OPS-EUR</bankaccountid>"
    key = gateway.call(xml.invoice(xml.line("1000.00"), rest=rest.format("1.10"))).key
    part = gateway.call(xml.payment("400", (key, "400"), where=where, rest=rest.format("1.08"))).key
    last = gateway.call(xml.payment("600", (key, "600"), where=where, rest=rest.format("1.08"))).key
    assert gl(gateway, part) == [("1010", "432"), ("1100", "-440"), ("7900", "8")]
    assert gl(gateway, last) == [("1010", "648"), ("1100", "-660"), ("7900", "12")]


def test_a_foreign_invoice_is_not_paid_into_undeposited_funds(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("10"), rest=xml.EUR)).key
    assert gateway.call(xml.payment("10", (key, "10"), rest=xml.EUR)).errors[0][0] == "BL02000051"
    usd_bank = "<bankaccountid>OPS</bankaccountid>"
    assert gateway.call(xml.payment("10", (key, "10"), where=usd_bank, rest=xml.EUR)).status == "failure"


def reverse(gateway, xml, key, on="2026-11-15"):
    return gateway.call(f'<reverse_arpayment key="{key}">{xml.day("datereversed", on)}</reverse_arpayment>')


def test_a_reversed_payment_opens_the_invoice_again_and_stays_on_record(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("70"), xml.line("30"))).key
    paid = gateway.call(xml.payment("110", (key, "100"))).key
    assert reverse(gateway, xml, paid).status == "success"
    assert gateway.one("ARINVOICE", key, INVOICE) == {
        "TRX_TOTALDUE": "100",
        "TRX_TOTALPAID": "0",
        "TOTALDUE": "100",
        "STATE": "Posted",
        "WHENPAID": "",
    }
    payments = gateway.query("ARPYMT", "STATE TRX_TOTALENTERED TRX_TOTALDUE RECEIPTDATE")
    assert payments == [
        {"STATE": "Reversed", "TRX_TOTALENTERED": "110", "TRX_TOTALDUE": "0", "RECEIPTDATE": "11/10/2026"},
        {"STATE": "Reversal", "TRX_TOTALENTERED": "-110", "TRX_TOTALDUE": "0", "RECEIPTDATE": "11/15/2026"},
    ]
    amounts = [d["TRX_PAYMENTAMOUNT"] for d in gateway.query("ARPYMTDETAIL", "TRX_PAYMENTAMOUNT")]
    assert amounts == ["70", "30", "-70", "-30"]
    assert reverse(gateway, xml, paid).status == "failure"


def test_a_payment_is_not_reversed_before_its_date_nor_into_a_closed_period(gateway, xml):
    key = post(gateway, xml, created="2026-10-05")
    paid = gateway.call(xml.payment("100", (key, "100"), on="2026-10-06")).key
    assert reverse(gateway, xml, paid, "2026-10-01").status == "failure"
    gateway.twin.load([{"object": "_CLOSED", "fields": {"LOCATIONID": "100", "MODULE": "AR", "THROUGH": "2026-10-31"}}])
    assert "closed period" in reverse(gateway, xml, paid, "2026-10-31").errors[0][1]
    assert reverse(gateway, xml, paid, "2026-11-01").status == "success"


def test_a_paid_invoice_cannot_be_reversed_an_unpaid_one_can_once(gateway, xml):
    tail = "<revrectemplate>12M straight</revrectemplate>"
    key = gateway.call(xml.invoice(xml.line("120", tail=tail))).key
    paid = gateway.call(xml.payment("20", (key, "20"))).key
    function = f'<reverse_invoice key="{key}">{xml.day("datereversed", "2026-11-15")}</reverse_invoice>'
    assert gateway.call(function).status == "failure"
    reverse(gateway, xml, paid)
    reversal = gateway.call(function).key
    assert gateway.one("ARINVOICE", key, "STATE TRX_TOTALDUE TRX_TOTALENTERED") == {
        "STATE": "Reversed",
        "TRX_TOTALDUE": "0",
        "TRX_TOTALENTERED": "120",
    }
    assert gateway.one("ARINVOICE", reversal, "STATE TRX_TOTALENTERED WHENPOSTED") == {
        "STATE": "Reversal",
        "TRX_TOTALENTERED": "-120",
        "WHENPOSTED": "11/15/2026",
    }
    assert gl(gateway, reversal) == [("1100", "-120"), ("2400", "120")]
    assert gateway.query("REVRECSCHEDULE", "STATUS") == [{"STATUS": "Terminated"}]
    assert gateway.query("REVRECSCHEDULEENTRY", "RECORDNO") == []
    assert gateway.call(function).status == "failure"
    assert gateway.call(xml.payment("1", (key, "1"))).status == "failure"


ARPYMT = (
    "<create><ARPYMT><UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
    "<CUSTOMERID>C-1</CUSTOMERID><DOCNUMBER>wire-1</DOCNUMBER><RECEIPTDATE>11/10/2026</RECEIPTDATE>"
    "<PAYMENTDATE>11/10/2026</PAYMENTDATE>{head}<CURRENCY>USD</CURRENCY><ARPYMTDETAILS>{details}</ARPYMTDETAILS>"
    "</ARPYMT></create>"
)


def detail(**fields):
    return "<ARPYMTDETAIL>" + "".join(f"<{n}>{v}</{n}>" for n, v in fields.items()) + "</ARPYMTDETAIL>"


def test_the_generic_payment_applies_by_line(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("70"), xml.line("30"))).key
    entry = gateway.query("ARINVOICEITEM", "RECORDNO")[1]["RECORDNO"]
    reply = gateway.call(ARPYMT.format(head="", details=detail(RECORDKEY=key, ENTRYKEY=entry, TRX_PAYMENTAMOUNT="30")))
    assert reply.data.get("listtype") == "objects"
    assert reply.data[0].tag == "arpymt"
    assert [r["TRX_TOTALPAID"] for r in gateway.query("ARINVOICEITEM", "TRX_TOTALPAID")] == ["0", "30"]
    again = gateway.call(ARPYMT.format(head="", details=detail(RECORDKEY=key, ENTRYKEY=entry, TRX_PAYMENTAMOUNT="1")))
    assert again.errors[0][0] == "XL03000027"


def test_a_generic_payment_without_details_is_no_advance(gateway):
    head = "<TRX_AMOUNTTOPAY>10</TRX_AMOUNTTOPAY>"
    assert gateway.call(ARPYMT.format(head=head, details="")).errors[0][0] == "BL03000018"


def test_an_advance_is_applied_through_a_payment_without_cash(gateway, xml):
    key = post(gateway, xml)
    advance = (
        gateway.call(
            "<create><ARADVANCE><CUSTOMERID>C-1</CUSTOMERID><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
            "<PAYMENTDATE>11/09/2026</PAYMENTDATE><RECEIPTDATE>11/09/2026</RECEIPTDATE>"
            "<UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><ARADVANCEITEMS><ARADVANCEITEM><ACCOUNTNO>2400</ACCOUNTNO>"
            "<TRX_AMOUNT>80</TRX_AMOUNT><LOCATIONID>100</LOCATIONID></ARADVANCEITEM></ARADVANCEITEMS></ARADVANCE></create>"
        )
        .data[0]
        .findtext("RECORDNO")
    )
    assert gl(gateway, advance) == [("1090", "80"), ("2400", "-80")]
    details = detail(RECORDKEY=key, ADVANCEKEY=advance, TRX_POSTEDADVANCEAMOUNT="80")
    reply = gateway.call(ARPYMT.format(head="", details=details))
    applied = reply.data[0].findtext("RECORDNO")
    assert gl(gateway, applied) == [("1100", "-80"), ("2400", "80")]
    assert gateway.one("ARINVOICE", key, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "20"}
    assert reverse(gateway, xml, advance).status == "failure"
    assert reverse(gateway, xml, applied).status == "success"
    assert gateway.one("ARADVANCE", advance, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "80"}
    assert reverse(gateway, xml, advance).status == "success"


def test_a_credit_memo_is_applied_without_cash_and_can_be_a_write_off(gateway, xml):
    key = post(gateway, xml)
    memo = gateway.call(xml.adjustment(xml.line("-40", account="6900"))).key
    assert gateway.one("ARADJUSTMENT", memo, "TRX_TOTALDUE RECORDID STATE") == {
        "TRX_TOTALDUE": "-40",
        "RECORDID": "ADJ-000001",
        "STATE": "Posted",
    }
    assert gl(gateway, memo) == [("1100", "-40"), ("6900", "40")]
    details = detail(RECORDKEY=key, ADJUSTMENTKEY=memo, TRX_ADJUSTMENTAMOUNT="40")
    assert gateway.call(ARPYMT.format(head="", details=details)).status == "success"
    assert gateway.one("ARINVOICE", key, "TRX_TOTALDUE TRX_TOTALPAID") == {"TRX_TOTALDUE": "60", "TRX_TOTALPAID": "40"}
    assert gateway.one("ARADJUSTMENT", memo, "TRX_TOTALDUE STATE") == {"TRX_TOTALDUE": "0", "STATE": "Paid"}
    (shown,) = gateway.query("ARPYMTDETAIL", "TRX_ADJUSTMENTAMOUNT TRX_PAYMENTAMOUNT ADJUSTMENTKEY RECORDKEY")
    assert shown == {"TRX_ADJUSTMENTAMOUNT": "40", "TRX_PAYMENTAMOUNT": "", "ADJUSTMENTKEY": memo, "RECORDKEY": key}


def test_a_debit_memo_is_paid_like_an_invoice(gateway, xml):
    memo = gateway.call(xml.adjustment(xml.line("15"))).key
    reply = gateway.call(ARPYMT.format(head="", details=detail(POSADJKEY=memo, TRX_PAYMENTAMOUNT="15")))
    assert reply.status == "success"
    assert gateway.one("ARADJUSTMENT", memo, "TRX_TOTALDUE STATE") == {"TRX_TOTALDUE": "0", "STATE": "Paid"}


def test_only_draft_payments_can_be_changed_or_deleted(gateway, xml):
    key = post(gateway, xml)
    details = detail(RECORDKEY=key, TRX_PAYMENTAMOUNT="10")
    draft = gateway.call(ARPYMT.format(head="<ACTION>Draft</ACTION>", details=details)).data[0].findtext("RECORDNO")
    assert gateway.one("ARINVOICE", key, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "100"}
    change = f"<update><ARPYMT><RECORDNO>{draft}</RECORDNO><DESCRIPTION>later</DESCRIPTION></ARPYMT></update>"
    assert gateway.call(change).status == "success"
    assert gateway.call(f"<delete><object>ARPYMT</object><keys>{draft}</keys></delete>").status == "success"
    done = gateway.call(ARPYMT.format(head="", details=details)).data[0].findtext("RECORDNO")
    assert gateway.call(f"<delete><object>ARPYMT</object><keys>{done}</keys></delete>").status == "failure"
    assert gateway.call(f'<delete_arpayment key="{done}"/>').status == "failure"


def test_drafts_are_deleted_posted_invoices_never(gateway, xml):
    draft = gateway.call(xml.invoice(xml.line("1"), rest="<action>Draft</action>")).key
    posted = post(gateway, xml)
    assert gateway.call(f'<delete_invoice key="{posted}"/>').errors[0][0] == "BL01001973"
    assert gateway.call(f"<delete><object>ARINVOICE</object><keys>{posted}</keys></delete>").status == "failure"
    assert gateway.call(f"<delete><object>ARINVOICE</object><keys>{draft}</keys></delete>").status == "success"
    assert [r["RECORDNO"] for r in gateway.query("ARINVOICE", "RECORDNO")] == [posted]
    deleted = gateway.query(
        "AUDITHISTORY",
        "OBJECTTYPE OBJECTKEY ACCESSTIME",
        "<and><equalto><field>OBJECTTYPE</field><value>arinvoice</value></equalto>"
        "<equalto><field>ACCESSMODE</field><value>D</value></equalto></and>",
    )
    assert deleted == [{"OBJECTTYPE": "arinvoice", "OBJECTKEY": draft, "ACCESSTIME": "11/16/2026 09:00:00"}]


def test_a_draft_is_edited_and_posted_under_its_own_number(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("1"), rest="<action>Draft</action>" + xml.custom(TIEOUT_KEY="k"))).key
    edit = (
        f'<update_invoice key="{key}"><action>Submit</action><description>now</description><updateinvoiceitems>'
        f'<updatelineitem line_num="1"><glaccountno>4100</glaccountno><amount>5</amount>'
        "<locationid>100</locationid></updatelineitem>"
        f"{xml.line('7')}</updateinvoiceitems></update_invoice>"
    )
    assert gateway.call(edit).key == key
    assert gateway.one("ARINVOICE", key, "RECORDID STATE TOTALDUE DESCRIPTION TIEOUT_KEY") == {
        "RECORDID": "INV-000001",
        "STATE": "Posted",
        "TOTALDUE": "12",
        "DESCRIPTION": "now",
        "TIEOUT_KEY": "k",
    }
    assert gl(gateway, key) == [("1100", "12"), ("4100", "-5"), ("4100", "-7")]


def test_a_posted_invoice_takes_limited_changes(gateway, xml):
    key = post(gateway, xml)

    def update(inner):
        return gateway.call(f'<update_invoice key="{key}">{inner}</update_invoice>')

    assert update("<description>said</description>" + xml.custom(TIEOUT_KEY="x")).status == "success"
    assert update(xml.day("datedue", "2026-12-31")).status == "success"
    assert gateway.one("ARINVOICE", key, "DESCRIPTION TIEOUT_KEY WHENDUE") == {
        "DESCRIPTION": "said",
        "TIEOUT_KEY": "x",
        "WHENDUE": "12/31/2026",
    }
    assert update("<customerid>C-2</customerid>").errors[0][0] == "BL01001973"
    assert update(f"<updateinvoiceitems>{xml.line('5')}</updateinvoiceitems>").status == "failure"
    change = f"<update><ARINVOICE><RECORDNO>{key}</RECORDNO><TIEOUT_KEY>{{}}</TIEOUT_KEY></ARINVOICE></update>"
    assert gateway.call(change.format("again")).status == "success"
    assert gateway.call(change.replace("TIEOUT_KEY", "CUSTOMERID").format("C-2")).status == "failure"


def test_the_aging_report_shows_what_was_open_on_a_day(gateway, xml):
    old = post(gateway, xml, created="2026-10-01")
    post(gateway, xml, "50")
    gateway.call(xml.payment("30", (old, "30"), on="2026-11-10"))

    def aging(inner=""):
        data = gateway.call(f"<get_araging>{inner}</get_araging>").data
        return {a.findtext("agingperiod"): a.findtext("totalamount") for c in data for a in c.findall("aging")}

    assert aging() == {"0-30": "50", "31-60": "70", "61-90": "0", "91-120": "0", "121-": "0"}
    assert aging("<agingperiods>0-10,11-</agingperiods>" + xml.day("asofdate", "2026-10-31")) == {
        "0-10": "0",
        "11-": "100",
    }
    details = gateway.call("<get_araging><customerid>C-1</customerid><showdetails>true</showdetails></get_araging>")
    assert [d.findtext("age") for d in details.data.iter("agingdetail")] == ["14", "46"]
