"""Bills and their payments, journals, orders, recurring invoices, attachments, legacy masters."""

from __future__ import annotations

import pytest

OPS = "<bankaccountid>OPS</bankaccountid>"


def gl(gateway, key, **options):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    rows = gateway.query("GLDETAIL", "ACCOUNTNO AMOUNT", where, **options)
    return sorted((r["ACCOUNTNO"], r["AMOUNT"]) for r in rows)


def bill(xml, *lines, number="B-1", rest=""):
    return (
        f"<create_bill><vendorid>V-1</vendorid>{xml.day('datecreated', '2026-11-02')}<termname>N30</termname>{rest}"
        f"<billno>{number}</billno><billitems>{''.join(lines)}</billitems></create_bill>"
    )


def test_a_bill_posts_the_other_way_round_and_its_number_is_unique_per_vendor(gateway, xml):
    key = gateway.call(bill(xml, xml.line("80", account="6000"))).key
    assert gateway.one("APBILL", key, "STATE WHENDUE TRX_TOTALDUE VENDORNAME MODULEKEY RECORDTYPE") == {
        "STATE": "Posted",
        "WHENDUE": "12/02/2026",
        "TRX_TOTALDUE": "80",
        "VENDORNAME": "Landlord",
        "MODULEKEY": "3.AP",
        "RECORDTYPE": "pi",
    }
    assert gl(gateway, key) == [("2000", "-80"), ("6000", "80")]
    assert gateway.call(bill(xml, xml.line("1", account="6000"))).errors[0][0] == "BL03002185"
    reversed_by = gateway.call(f'<reverse_bill key="{key}">{xml.day("datereversed", "2026-11-03")}</reverse_bill>').key
    assert gl(gateway, reversed_by) == [("2000", "80"), ("6000", "-80")]


APBILL = (
    "<create><APBILL><WHENCREATED>11/02/2026</WHENCREATED><VENDORID>V-1</VENDORID><RECORDID>{no}</RECORDID>"
    "<TERMNAME>N30</TERMNAME>{head}<APBILLITEMS><APBILLITEM><ACCOUNTNO>6000</ACCOUNTNO><TRX_AMOUNT>{amount}</TRX_AMOUNT>"
    "<LOCATIONID>100</LOCATIONID></APBILLITEM></APBILLITEMS></APBILL></create>"
)


def test_the_generic_bill_is_drafted_changed_and_submitted(gateway):
    draft = gateway.call(APBILL.format(no="G-1", amount="10", head="<ACTION>Draft</ACTION>")).data[0]
    key = draft.findtext("RECORDNO")
    lines = (
        "<APBILLITEMS><APBILLITEM><ACCOUNTNO>6000</ACCOUNTNO><TRX_AMOUNT>12</TRX_AMOUNT><LOCATIONID>100</LOCATIONID>"
        "</APBILLITEM></APBILLITEMS>"
    )
    change = f"<update><APBILL><RECORDNO>{key}</RECORDNO><ACTION>Submit</ACTION>{lines}</APBILL></update>"
    assert gateway.call(change).status == "success"
    assert gateway.one("APBILL", key, "STATE TRX_TOTALDUE") == {"STATE": "Posted", "TRX_TOTALDUE": "12"}
    assert gateway.call(change.replace("<ACTION>Submit</ACTION>", "")).status == "failure"
    header = f"<update><APBILL><RECORDNO>{key}</RECORDNO><SUPDOCID>att-1</SUPDOCID></APBILL></update>"
    assert gateway.call(header).status == "success"
    assert gateway.call(f"<delete><object>APBILL</object><keys>{key}</keys></delete>").status == "failure"


def test_bills_wait_for_approval_where_the_company_wants_it(make_gateway):
    gateway = make_gateway(bill_approval=True)
    keys = [
        gateway.call(APBILL.format(no=f"A-{n}", amount="10", head="")).data[0].findtext("RECORDNO") for n in range(2)
    ]
    assert gateway.one("APBILL", keys[0], "STATE RAWSTATE") == {"STATE": "Submitted", "RAWSTATE": "S"}
    assert gl(gateway, keys[0]) == []
    waiting = gateway.call("<getTransactionsToApprove><module>AP</module></getTransactionsToApprove>").data
    assert [t.findtext("RECORDNO") for t in waiting] == keys
    decide = "<{0}><APBILL><RECORDNO>{1}</RECORDNO><COMMENT>seen</COMMENT></APBILL></{0}>"
    assert gateway.call(decide.format("approve", keys[0])).status == "success"
    assert gateway.call(decide.format("decline", keys[1])).status == "success"
    assert gateway.call(decide.format("approve", keys[1])).status == "failure"
    assert gateway.one("APBILL", keys[0], "STATE") == {"STATE": "Posted"}
    assert gateway.one("APBILL", keys[1], "STATE RAWSTATE") == {"STATE": "Declined", "RAWSTATE": "U"}
    assert gl(gateway, keys[0]) == [("2000", "-10"), ("6000", "10")]
    history = gateway.call(f"<getApprovalHistory><module>AP</module><docid>{keys[0]}</docid></getApprovalHistory>").data
    assert [(h.findtext("state"), h.findtext("comments")) for h in history] == [("approved", "seen")]


def test_a_payment_request_selects_settles_and_can_be_voided(gateway, xml):
    key = gateway.call(bill(xml, xml.line("80", account="6000"))).key
    request = gateway.call(
        f"<create_paymentrequest>{OPS}<vendorid>V-1</vendorid><paymentmethod>Printed Check</paymentmethod>"
        f"{xml.day('paymentdate', '2026-11-16')}<paymentrequestitems><paymentrequestitem><key>{key}</key>"
        "<paymentamount>50</paymentamount></paymentrequestitem></paymentrequestitems></create_paymentrequest>"
    ).key
    assert gateway.one("APBILL", key, "STATE TRX_TOTALSELECTED TRX_TOTALDUE") == {
        "STATE": "Selected",
        "TRX_TOTALSELECTED": "50",
        "TRX_TOTALDUE": "80",
    }

    def move(step):
        keys = f"<appaymentkeys><appaymentkey>{request}</appaymentkey></appaymentkeys>"
        return gateway.call(f"<{step}_appaymentrequest>{keys}</{step}_appaymentrequest>").status

    assert [move(step) for step in ("confirm", "approve", "send", "confirm", "confirm")] == [
        "failure",
        "success",
        "success",
        "success",
        "failure",
    ]
    assert gateway.one("APBILL", key, "STATE TRX_TOTALSELECTED TRX_TOTALDUE") == {
        "STATE": "Partially Paid",
        "TRX_TOTALSELECTED": "0",
        "TRX_TOTALDUE": "30",
    }
    assert gl(gateway, request) == [("1000", "-50"), ("2000", "50")]
    assert move("void") == "success"
    assert gateway.one("APBILL", key, "STATE TRX_TOTALDUE") == {"STATE": "Posted", "TRX_TOTALDUE": "80"}
    assert gateway.one("APPYMT", request, "STATE") == {"STATE": "Voided"}


ENTRY = "<GLENTRY><ACCOUNTNO>{}</ACCOUNTNO><TR_TYPE>{}</TR_TYPE><{field}>{}</{field}><LOCATION>{}</LOCATION></GLENTRY>"


def journal(*entries, head="", field="TRX_AMOUNT"):
    lines = "".join(ENTRY.format(*entry, field=field) for entry in entries)
    return (
        "<create><GLBATCH><JOURNAL>GJ</JOURNAL><BATCH_DATE>11/15/2026</BATCH_DATE><BATCH_TITLE>Accrual</BATCH_TITLE>"
        f"{head}<ENTRIES>{lines}</ENTRIES></GLBATCH></create>"
    )


def test_a_journal_entry_balances_or_is_refused(gateway):
    reply = gateway.call(journal(("6000", 1, "99.50", 100), ("2000", -1, "99.50", 100)))
    key = reply.data[0].findtext("RECORDNO")
    where = f"<equalto><field>BATCHNO</field><value>{key}</value></equalto>"
    assert gateway.query("GLENTRY", "ACCOUNTNO TR_TYPE AMOUNT TRX_AMOUNT LOCATION", where) == [
        {"ACCOUNTNO": "6000", "TR_TYPE": "1", "AMOUNT": "99.5", "TRX_AMOUNT": "99.5", "LOCATION": "100"},
        {"ACCOUNTNO": "2000", "TR_TYPE": "-1", "AMOUNT": "99.5", "TRX_AMOUNT": "99.5", "LOCATION": "100"},
    ]
    older_name = journal(("6000", 1, "5", 100), ("2000", -1, "5", 100), field="AMOUNT")
    assert gateway.call(older_name).status == "success"
    for bad in (
        (("6000", 1, "99", 100), ("2000", -1, "98", 100)),
        (("6000", 1, "99", 100), ("2000", -1, "99", 400)),
        (("6000", 1, "99", 100),),
        (("6000", 2, "99", 100), ("2000", -1, "99", 100)),
        (("6000", 1, "-9", 100), ("2000", -1, "-9", 100)),
        (("9999", 1, "9", 100), ("2000", -1, "9", 100)),
    ):
        assert gateway.call(journal(*bad)).status == "failure"


def test_the_general_ledger_closes_apart_from_receivables(gateway, xml):
    gateway.twin.load([{"object": "_CLOSED", "fields": {"LOCATIONID": "100", "MODULE": "GL", "THROUGH": "2026-11-15"}}])
    refused = gateway.call(journal(("6000", 1, "9", 100), ("2000", -1, "9", 100)))
    assert "closed period for General Ledger" in refused.errors[0][1]
    assert gateway.call(xml.invoice(xml.line("1"))).status == "success"


def test_a_journal_entry_is_reversed_on_its_day_replaced_and_deleted(gateway):
    key = (
        gateway.call(
            journal(("6000", 1, "9", 100), ("2000", -1, "9", 100), head="<REVERSEDATE>12/01/2026</REVERSEDATE>")
        )
        .data[0]
        .findtext("RECORDNO")
    )
    batches = gateway.query("GLBATCH", "RECORDNO BATCH_DATE REVERSEDKEY REVERSEDFROM")
    assert [(b["BATCH_DATE"], b["REVERSEDFROM"]) for b in batches] == [("11/15/2026", ""), ("12/01/2026", key)]
    other = journal(("6000", 1, "7", 100), ("2000", -1, "7", 100)).replace("create", "update")
    changed = other.replace("<GLBATCH>", f"<GLBATCH><RECORDNO>{key}</RECORDNO>")
    assert gateway.call(changed).status == "success"
    where = f"<equalto><field>BATCHNO</field><value>{key}</value></equalto>"
    assert [e["AMOUNT"] for e in gateway.query("GLENTRY", "AMOUNT", where)] == ["7", "7"]
    assert gateway.call(f"<delete><object>GLBATCH</object><keys>{key}</keys></delete>").status == "success"


def test_postings_of_a_subledger_cannot_be_changed_in_the_ledger(gateway, xml):
    gateway.call(xml.invoice(xml.line("1")))
    (batch,) = gateway.query("GLBATCH", "RECORDNO")
    assert (
        gateway.call(f"<delete><object>GLBATCH</object><keys>{batch['RECORDNO']}</keys></delete>").status == "failure"
    )


def test_the_legacy_journal_takes_words_and_numbers_for_its_sides(gateway, xml):
    entry = (
        "<glentry><trtype>{}</trtype><amount>5</amount><glaccountno>{}</glaccountno>"
        "<locationid>100</locationid></glentry>"
    )
    body = (
        f"<create_gltransaction><journalid>GJ</journalid>{xml.day('datecreated', '2026-11-15')}"
        "<description>x</description>"
        f"<gltransactionentries>{entry.format('debit', '6000')}{entry.format('-1', '2000')}</gltransactionentries>"
        "</create_gltransaction>"
    )
    assert gateway.call(body).status == "success"
    assert gateway.call(body.replace("debit", "left")).status == "failure"


def order(xml, *, kind="Sales Invoice", number="<documentno>INV9</documentno>", quantity="3", source=""):
    return (
        f"<create_sotransaction><transactiontype>{kind}</transactiontype>{xml.day('datecreated', '2026-11-02')}{source}"
        f"<customerid>C-1</customerid>{number}<sotransitems><sotransitem><itemid>PLAN-TEAM</itemid>"
        f"<quantity>{quantity}</quantity><discountpercent>10</discountpercent><price>33.335</price>"
        "<locationid>100</locationid></sotransitem></sotransitems></create_sotransaction>"
    )


def document(gateway, fields="RECORDNO PRRECORDKEY TOTAL STATE"):
    return gateway.query("SODOCUMENT", fields)[-1]


def test_a_posting_order_makes_an_invoice_and_editing_it_makes_another(gateway, xml):
    assert gateway.call(order(xml)).root.findtext("operation/result/key") == "Sales Invoice-INV9"
    first = document(gateway)
    assert first["TOTAL"] == "90"
    fields = "RECORDID MODULEKEY TOTALDUE SYSTEMGENERATED"
    assert gateway.one("ARINVOICE", first["PRRECORDKEY"], fields) == {
        "RECORDID": "INV9",
        "MODULEKEY": "8.SO",
        "TOTALDUE": "90",
        "SYSTEMGENERATED": "T",
    }
    edit = (
        '<update_sotransaction key="Sales Invoice-INV9"><updatesotransitems><updatesotransitem line_num="1">'
        "<quantity>1</quantity></updatesotransitem></updatesotransitems></update_sotransaction>"
    )
    assert gateway.call(edit).status == "success"
    second = document(gateway)
    assert second["RECORDNO"] == first["RECORDNO"]
    assert int(second["PRRECORDKEY"]) > int(first["PRRECORDKEY"])
    (only,) = gateway.query("ARINVOICE", "RECORDNO TOTALDUE")
    assert only == {"RECORDNO": second["PRRECORDKEY"], "TOTALDUE": "30"}
    assert gl(gateway, first["PRRECORDKEY"]) == []
    deleted = gateway.query("AUDITHISTORY", "OBJECTKEY", "<equalto><field>ACCESSMODE</field><value>D</value></equalto>")
    assert deleted == [{"OBJECTKEY": first["PRRECORDKEY"]}]
    gateway.call(xml.payment("10", (second["PRRECORDKEY"], "10")))
    assert gateway.call(edit).errors[0][0] == "BL01001973"


def test_an_order_posts_nothing_is_converted_once_and_deleted_with_its_invoice(gateway, xml):
    number = "<documentno>SO1</documentno>"
    gateway.call(order(xml, kind="Sales Order", number=number))
    assert gateway.query("ARINVOICE", "RECORDNO") == []
    convert = order(xml, source="<createdfrom>Sales Order-SO1</createdfrom>")
    assert gateway.call(convert).status == "success"
    assert gateway.query("SODOCUMENT", "STATE")[0] == {"STATE": "Converted"}
    assert gateway.call(convert.replace("INV9", "INV10")).status == "failure"
    assert gateway.call('<delete_sotransaction key="Sales Order-SO1"/>').status == "failure"
    assert gateway.call('<delete_sotransaction key="Sales Invoice-INV9"/>').status == "success"
    assert gateway.query("ARINVOICE", "RECORDNO") == []


def test_document_numbers_are_given_where_the_definition_has_a_sequence(gateway, xml):
    assert gateway.call(order(xml, number="")).errors[0][0] == "PL01000127"
    gateway.twin.load(
        [{"object": "SODOCUMENTPARAMS", "fields": {"DOCID": "Quick", "UPDATES_GL": "A", "SEQUENCE": "Q"}}]
    )
    assert gateway.call(order(xml, kind="Quick", number="")).root.findtext("operation/result/key") == "Quick-1"
    assert gateway.call(order(xml, kind="Nothing")).errors[0][0] == "BL01001973"
    gateway.call(order(xml))
    assert gateway.call(order(xml)).errors[0][0] == "BL34000061"


def recurring(xml, start, unit="Months", ending="", eom=""):
    return (
        f"<create_recurringinvoice><customerid>C-1</customerid>{xml.day('datecreated', '2026-11-16')}"
        f"<description>Rent</description><termname>N30</termname>{xml.day('startdate', start)}{ending}"
        f"<modenew>{unit}</modenew><interval>1</interval>{eom}<recurinvoiceitems>{xml.line('25')}</recurinvoiceitems>"
        "</create_recurringinvoice>"
    )


def test_a_recurring_invoice_is_made_on_each_of_its_dates(gateway, xml, clock):
    key = gateway.call(recurring(xml, "2026-11-30", ending="<ending><occurrences>3</occurrences></ending>")).key
    assert gateway.query("ARINVOICE", "RECORDNO") == []
    clock.advance(14 * 86400)
    assert [r["WHENCREATED"] for r in gateway.query("ARINVOICE", "WHENCREATED")] == ["11/30/2026"]
    assert gateway.one("ARRECURINVOICE", key, "NEXTEXECDATE LASTEXECDATE EXECCOUNT STATUS") == {
        "NEXTEXECDATE": "12/30/2026",
        "LASTEXECDATE": "11/30/2026",
        "EXECCOUNT": "1",
        "STATUS": "active",
    }
    clock.advance(200 * 86400)
    made = gateway.query("ARINVOICE", "WHENCREATED TOTALDUE DESCRIPTION SYSTEMGENERATED")
    assert [r["WHENCREATED"] for r in made] == ["11/30/2026", "12/30/2026", "01/30/2027"]
    assert made[0]["DESCRIPTION"] == "Rent"
    assert gateway.one("ARRECURINVOICE", key, "STATUS") == {"STATUS": "inactive"}


def test_month_ends_do_not_drift(gateway, xml, clock):
    gateway.call(recurring(xml, "2027-01-31"))
    gateway.call(recurring(xml, "2027-02-28", eom="<eom>true</eom>"))
    clock.advance(200 * 86400)
    dates = [r["WHENCREATED"] for r in gateway.query("ARINVOICE", "WHENCREATED")]
    both = ["02/28/2027", "03/31/2027", "04/30/2027", "05/31/2027"]
    assert sorted(dates) == sorted(["01/31/2027", *both, *both])


def test_attachments_are_kept_in_folders_and_listed(gateway):
    def create(body):
        return gateway.call(body).status

    folder = "<create_supdocfolder><supdocfoldername>Bills</supdocfoldername></create_supdocfolder>"
    file = (
        "<attachment><attachmentname>a</attachmentname><attachmenttype>pdf</attachmenttype>"
        "<attachmentdata>QQ==</attachmentdata></attachment>"
    )
    supdoc = (
        "<{0}_supdoc><supdocid>A1</supdocid><supdocname>{1}</supdocname><supdocfoldername>Bills</supdocfoldername>"
        f"<attachments>{file}</attachments></{{0}}_supdoc>"
    )
    assert create(supdoc.format("create", "x")) == "failure"
    assert [create(folder), create(folder)] == ["success", "failure"]
    assert [create(supdoc.format("create", "x")), create(supdoc.format("update", "y"))] == ["success", "success"]
    (found,) = gateway.call('<get_list object="supdoc"/>').data
    assert (found.findtext("supdocid"), found.findtext("supdocname")) == ("A1", "y")
    assert create('<delete_supdoc key="A1"/>') == "success"
    assert create('<delete_supdoc key="A1"/>') == "failure"


@pytest.mark.parametrize(
    "body",
    [
        "<create_arterm><name>N45</name><due><days>45</days><from>from invoice/bill date</from></due></create_arterm>",
        "<create_department><departmentid>D9</departmentid><title>Nine</title></create_department>",
        "<create_class><classid>K9</classid><name>Nine</name></create_class>",
    ],
)
def test_legacy_masters_make_the_same_records(gateway, body):
    assert gateway.call(body).status == "success"
    assert gateway.call(body).errors[0][0] == "BL34000061"


def test_every_function_of_the_schema_is_answered_by_code_or_fails_by_itself(gateway):
    from include.sandbox.intacct.functions.registry import HANDLERS
    from include.sandbox.intacct.schemas import FUNCTIONS
    from include.sandbox.intacct.schemas.others import NOT_IMITATED

    assert set(FUNCTIONS) == set(HANDLERS) | NOT_IMITATED
    assert not set(HANDLERS) & NOT_IMITATED
    for name in NOT_IMITATED:
        reply = gateway.call(
            f'<{name} key="1"><whatever>1</whatever></{name}>', "<lookup><object>CLASS</object></lookup>"
        )
        assert reply.statuses == ["failure", "success"]
        ((number, words),) = reply.errors
        assert number == "XL03000009"
        assert f"{name} is not imitated" in words


def test_api_transactions_are_counted_by_month(gateway, xml):
    gateway.call("<lookup><object>CLASS</object></lookup>")
    before = gateway.twin.api_transactions()["2026-11"]
    gateway.call(xml.invoice(xml.line("1")), xml.invoice(xml.line("1"), customer="C-404"))
    gateway.call(
        "<create><CLASS><CLASSID>A</CLASSID><NAME>A</NAME></CLASS><CLASS><CLASSID>B</CLASSID><NAME>B</NAME></CLASS></create>"
    )
    assert gateway.twin.api_transactions()["2026-11"] == before + 3
