"""Requests in the shape that shipped Node and PHP clients send them, written by hand with invented values."""

from __future__ import annotations

import pytest

BY_QUERY = (
    "<readByQuery><object>CUSTOMER</object>{query}<fields>*</fields><pagesize>1</pagesize>"
    "<returnFormat>xml</returnFormat></readByQuery>"
)
LINE_UPDATE = '<updatelineitem line_num="1"><memo>Seen</memo></updatelineitem>'


@pytest.mark.parametrize("query", ["<query/>", "<query>STATUS = 'T'</query>"])
def test_the_query_may_stand_before_the_fields_and_all_pages_follow(gateway, query):
    api = gateway.call("<getAPISession/>").data.find("api")
    session = api.findtext("sessionid")
    page = gateway.call(BY_QUERY.format(query=query), session=session).data
    total, seen = int(page.get("totalcount")), [record.findtext("CUSTOMERID") for record in page]
    while int(page.get("numremaining")):
        more = f"<readMore><resultId>{page.get('resultId')}</resultId></readMore>"
        page = gateway.call(more, session=session).data
        seen += [record.findtext("CUSTOMERID") for record in page]
    assert total > 1
    assert len(seen) == len(set(seen)) == total


def test_reads_by_query_take_their_elements_in_any_order_but_each_once(gateway):
    ordered = "<query/><fields>CUSTOMERID</fields><pagesize>2</pagesize><returnFormat>xml</returnFormat>"
    last = gateway.call(f"<readByQuery>{ordered}<docparid/><object>CUSTOMER</object></readByQuery>")
    assert [record.tag for record in last.data] == ["customer", "customer"]
    for wrong in ("<object>CUSTOMER</object>" * 2 + "<query/>", "<fields>*</fields><object>CUSTOMER</object>"):
        answer = gateway.call(f"<readByQuery>{wrong}</readByQuery>")
        assert [number for number, _ in answer.errors] == ["XL03000003"]


@pytest.mark.parametrize("function", ["read", "readByName"])
def test_reads_by_key_may_name_the_object_last(gateway, function):
    known = gateway.call("<readByQuery><object>CUSTOMER</object><query/></readByQuery>").data[0]
    keys = known.findtext("RECORDNO" if function == "read" else "CUSTOMERID")
    sent = f"<keys>{keys}</keys><fields>*</fields><returnFormat>xml</returnFormat><docparid/><object>CUSTOMER</object>"
    answer = gateway.call(f"<{function}>{sent}</{function}>")
    assert [record.findtext("RECORDNO") for record in answer.data] == [known.findtext("RECORDNO")]


def test_an_invoice_may_carry_a_hold_and_its_action_before_the_batch_key(gateway, xml):
    held = gateway.call(xml.invoice(xml.line("10"), rest="<action>Submit</action><onhold>false</onhold>"))
    assert gateway.one("ARINVOICE", held.key, "STATE") == {"STATE": "Posted"}
    summary = gateway.call(xml.invoice(xml.line("10"), rest="<action>Submit</action><batchkey>7</batchkey>"))
    assert summary.errors[0][1].startswith("The batch key is not valid: summaries are not configured.")


def test_an_external_key_is_the_key_when_the_client_says_true(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("10"), rest="<externalid>sub-1</externalid>")).key
    update = (
        '<update_invoice key="{key}" externalkey="{external}"><description>New</description>{lines}</update_invoice>'
    )
    lines = f"<updateinvoiceitems>{LINE_UPDATE}</updateinvoiceitems>"
    assert gateway.call(update.format(key="sub-1", external="true", lines=lines)).key == key
    assert gateway.one("ARINVOICE", key, "DESCRIPTION") == {"DESCRIPTION": "New"}
    assert gateway.call(update.format(key=key, external="false", lines="")).key == key
    unknown = gateway.call(update.format(key="sub-2", external="true", lines=""))
    assert unknown.errors[0][0] == "DL03000005"


def test_update_invoice_takes_payto_and_returnto_for_the_invoices_contacts(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("10"))).key
    made = gateway.call("<create><CONTACT><CONTACTNAME>Desk</CONTACTNAME><PRINTAS>Desk</PRINTAS></CONTACT></create>")
    assert made.status == "success"
    contacts = "<payto><contactname>Desk</contactname></payto><returnto><contactname>Desk</contactname></returnto>"
    assert gateway.call(f'<update_invoice key="{key}">{contacts}</update_invoice>').status == "success"
    assert gateway.one("ARINVOICE", key, "BILLTOPAYTOCONTACTNAME SHIPTORETURNTOCONTACTNAME") == {
        "BILLTOPAYTOCONTACTNAME": "Desk",
        "SHIPTORETURNTOCONTACTNAME": "Desk",
    }


@pytest.mark.parametrize(
    ("name", "attribute", "record", "key"),
    [
        ("customer", "customerid", "<CUSTOMERID>N-1</CUSTOMERID><NAME>New</NAME>", "N-1"),
        ("vendor", "vendorid", "<VENDORID>N-1</VENDORID><NAME>New</NAME>", "N-1"),
        ("contact", "contactname", "<CONTACTNAME>New</CONTACTNAME><PRINTAS>New</PRINTAS>", "New"),
        ("item", "itemid", "<ITEMID>N-1</ITEMID><NAME>New</NAME><ITEMTYPE>Non-Inventory</ITEMTYPE>", "N-1"),
        ("department", "departmentid", "<DEPARTMENTID>N1</DEPARTMENTID><TITLE>New</TITLE>", "N1"),
        ("class", "key", "<CLASSID>N1</CLASSID><NAME>New</NAME>", "N1"),
        ("glaccount", "glaccountno", "<ACCOUNTNO>4988</ACCOUNTNO><TITLE>New</TITLE>", "4988"),
    ],
)
def test_master_data_is_deleted_by_its_own_id_and_only_once(gateway, name, attribute, record, key):
    made = gateway.call(f"<create><{name.upper()}>{record}</{name.upper()}></create>")
    assert made.status == "success", made.text
    delete = f'<delete_{name} {attribute}="{key}"/>'
    assert gateway.call(delete).status == "success"
    assert gateway.call(delete).errors[0][0] == "BL01001973"


def test_a_customer_with_an_invoice_cannot_be_deleted(gateway, xml):
    assert gateway.call(xml.invoice(xml.line("10"))).key
    assert "in use" in gateway.call('<delete_customer customerid="C-1"/>').errors[0][1]
    assert gateway.query("CUSTOMER", "NAME", "<equalto><field>CUSTOMERID</field><value>C-1</value></equalto>")


def test_adjustments_may_carry_custom_fields(gateway, xml):
    unknown = xml.adjustment(xml.line("-5"), rest=xml.custom(NOT_THERE="1"))
    assert gateway.call(unknown).errors[0][0] == "BL03000018"
    gateway.twin.load(
        [{"object": "_CUSTOMFIELD", "fields": {"OBJECT": "ARADJUSTMENT", "ID": "SRC", "DATATYPE": "TEXT"}}]
    )
    key = gateway.call(xml.adjustment(xml.line("-5"), rest=xml.custom(SRC="billing"))).key
    assert gateway.one("ARADJUSTMENT", key, "SRC") == {"SRC": "billing"}


def test_order_lines_may_carry_details_fulfilment_and_project_billing(gateway, xml):
    extras = (
        "<itemdetails><itemdetail><quantity>2</quantity><serialno>S1</serialno><bin>B</bin></itemdetail></itemdetails>"
        "<fulfillmentstatus><deliverystatus>Delivered</deliverystatus></fulfillmentstatus>"
        "<taskno>1</taskno><billingtemplate>T</billingtemplate>"
    )
    details, rest = extras.split("<fulfillmentstatus>")
    key = gateway.call(
        "<create_sotransaction><transactiontype>Sales Invoice</transactiontype>"
        f"{xml.day('datecreated', '2026-11-02')}<customerid>C-1</customerid>"
        f"<documentno>INV9</documentno>{xml.day('origdocdate', '2026-11-01')}<termname>N30</termname>"
        "<sotransitems><sotransitem><itemid>PLAN-TEAM</itemid><quantity>2</quantity><unit>Each</unit><price>10</price>"
        f"<locationid>100</locationid>{details}<fulfillmentstatus>{rest}</sotransitem></sotransitems>"
        "</create_sotransaction>"
    ).key
    assert key.startswith("Sales Invoice-")
    changed = gateway.call(
        f'<update_sotransaction key="{key}"><termname>N30</termname>{xml.day("datedue", "2026-12-05")}'
        f"{xml.day('origdocdate', '2026-11-01')}<message>Thanks</message></update_sotransaction>"
    )
    assert changed.key == key


def _bill(xml, number, action=""):
    return (
        f"<create_bill><vendorid>V-1</vendorid>{xml.day('datecreated', '2026-11-02')}<termname>N30</termname>{action}"
        f"<billno>{number}</billno><externalid>ext-{number}</externalid>"
        f"<billitems>{xml.line('80', account='6000')}</billitems></create_bill>"
    )


def test_a_posted_bill_takes_header_changes_and_no_others(gateway, xml):
    key = gateway.call(_bill(xml, "B-1")).key
    changed = gateway.call(
        f'<update_bill key="ext-B-1" externalkey="true">{xml.day("datedue", "2026-12-24")}<ponumber>PO-9</ponumber>'
        "<onhold>true</onhold><description>New</description></update_bill>"
    )
    assert changed.key == key, changed.text
    assert gateway.one("APBILL", key, "WHENDUE DOCNUMBER ONHOLD DESCRIPTION TRX_TOTALDUE") == {
        "WHENDUE": "12/24/2026",
        "DOCNUMBER": "PO-9",
        "ONHOLD": "true",
        "DESCRIPTION": "New",
        "TRX_TOTALDUE": "80",
    }
    moved = f'<update_bill key="{key}"><vendorid>V-2</vendorid><description>No</description></update_bill>'
    assert "vendorid of a bill cannot be changed" in gateway.call(moved).errors[0][1]
    assert gateway.one("APBILL", key, "DESCRIPTION") == {"DESCRIPTION": "New"}


def test_a_draft_bill_is_posted_by_updating_its_action(gateway, xml):
    key = gateway.call(_bill(xml, "B-2", "<action>Draft</action>")).key
    assert gateway.one("APBILL", key, "STATE") == {"STATE": "Draft"}
    assert gateway.call(f'<update_bill key="{key}"><action>Submit</action></update_bill>').status == "success"
    assert gateway.one("APBILL", key, "STATE") == {"STATE": "Posted"}


def test_a_complete_payment_is_reversed_on_the_day_given_and_its_bill_is_due_again(gateway, xml):
    key = gateway.call(_bill(xml, "B-3")).key
    payment = (
        gateway.call(
            "<create><APPYMT><PAYMENTMETHOD>EFT</PAYMENTMETHOD><FINANCIALENTITY>OPS</FINANCIALENTITY>"
            "<VENDORID>V-1</VENDORID><PAYMENTDATE>11/12/2026</PAYMENTDATE><APPYMTDETAILS><APPYMTDETAIL>"
            f"<RECORDKEY>{key}</RECORDKEY><TRX_PAYMENTAMOUNT>80</TRX_PAYMENTAMOUNT></APPYMTDETAIL></APPYMTDETAILS>"
            "</APPYMT></create>"
        )
        .data[0]
        .findtext("RECORDNO")
    )
    reverse = f'<reverse_appayment key="{payment}">{xml.day("datereversed", "2026-11-13")}</reverse_appayment>'
    assert gateway.call(reverse).status == "failure"
    keys = f"<appaymentkeys><appaymentkey>{payment}</appaymentkey></appaymentkeys>"
    for step in ("approve", "confirm"):
        assert gateway.call(f"<{step}_appaymentrequest>{keys}</{step}_appaymentrequest>").status == "success"
    assert gateway.one("APBILL", key, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "0"}
    assert gateway.call(reverse).status == "success"
    assert gateway.one("APBILL", key, "TRX_TOTALDUE") == {"TRX_TOTALDUE": "80"}
    title = f"Void of payment {payment}"
    batches = [
        row["BATCH_DATE"] for row in gateway.query("GLBATCH", "BATCH_DATE BATCH_TITLE") if title in row["BATCH_TITLE"]
    ]
    assert batches == ["11/13/2026"]


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        ("<approve><PODOCUMENT><DOCID>PO-1</DOCID></PODOCUMENT></approve>", "failure", "not supported for PODOCUMENT"),
        ("<decline><TIMESHEET><RECORDNO>1</RECORDNO></TIMESHEET></decline>", "failure", "not supported for TIMESHEET"),
        ('<update_cctransaction key="9"><currency>USD</currency><exchratetype/><updateccpayitems/>'
         "</update_cctransaction>", "failure", "is not valid"),
        ("<create_expensereport><employeeid>E-9</employeeid><datecreated><year>2026</year><month>11</month><day>2</day>"
         "</datecreated><basecurr>USD</basecurr><currency>USD</currency><supdocid>S</supdocid><expenses/>"
         "</create_expensereport>", "failure", "Employee 'E-9' is not valid"),
        ('<get_companyprefs application="GL"/>', "success", ""),
        ("<create_supdocfolder><supdocfoldername>F</supdocfoldername></create_supdocfolder>", "success", ""),
        ('<void_appaymentrequest><appaymentkeys><appaymentkey>x</appaymentkey></appaymentkeys></void_appaymentrequest>',
         "failure", "Payment request 'x' is not valid"),
    ],
)  # fmt: skip
def test_what_official_clients_send_passes_the_schema(gateway, function, status, words):
    reply = gateway.call(function)
    assert reply.status == status
    assert words in reply.text.replace("&apos;", "'").replace("&#039;", "'")


def test_subtotals_are_refused_when_an_order_is_made_and_when_it_is_changed(gateway, xml):
    order = (
        f"<create_sotransaction><transactiontype>Sales Order</transactiontype>{xml.day('datecreated', '2026-11-02')}"
        "<customerid>C-1</customerid><documentno>7</documentno><sotransitems><sotransitem><itemid>PLAN-TEAM</itemid>"
        "<quantity>1</quantity><price>5</price><locationid>100</locationid></sotransitem></sotransitems>{}"
        "</create_sotransaction>"
    )
    subtotal = "<subtotal><description>Freight</description><total>5</total></subtotal>"
    refused = gateway.call(order.format(f"<subtotals>{subtotal}</subtotals>"))
    assert refused.errors[0][0] == "BL01001973"
    key = gateway.call(order.format("")).key
    change = f'<update_sotransaction key="{key}"><updatesubtotals>{subtotal}</updatesubtotals></update_sotransaction>'
    assert gateway.call(change).errors[0][0] == "BL01001973"


def test_folders_are_renamed_and_deleted_when_empty(gateway):
    folder = "<{0}_supdocfolder><supdocfoldername>F</supdocfoldername>{1}</{0}_supdocfolder>"
    assert gateway.call(folder.format("create", "")).status == "success"
    described = "<supdocfolderdescription>Papers</supdocfolderdescription>"
    assert gateway.call(folder.format("update", described)).status == "success"
    assert gateway.query("SUPDOCFOLDER", "NAME DESCRIPTION") == [{"NAME": "F", "DESCRIPTION": "Papers"}]
    file = "<create_supdoc><supdocid>A</supdocid><supdocfoldername>F</supdocfoldername></create_supdoc>"
    assert gateway.call(file).status == "success"
    assert gateway.call('<delete_supdocfolder key="F"/>').errors[0][0] == "BL01001973"
    assert gateway.call('<delete_supdoc key="A"/>').status == "success"
    assert gateway.call('<delete_supdocfolder key="F"/>').status == "success"
    assert gateway.call('<delete_supdocfolder key="F"/>').errors[0][0] == "BL01001973"


def test_a_generic_payment_of_bills_with_credits_is_refused(gateway):
    payment = (
        "<create><APPYMT><FINANCIALENTITY>OPS</FINANCIALENTITY><PAYMENTMETHOD>EFT</PAYMENTMETHOD><VENDORID>V-1</VENDORID>"
        "<PAYMENTDATE>11/10/2026</PAYMENTDATE><APPYMTDETAILS><APPYMTDETAIL><RECORDKEY>1</RECORDKEY><ADJUSTMENTKEY>2"
        "</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>5</TRX_ADJUSTMENTAMOUNT></APPYMTDETAIL></APPYMTDETAILS></APPYMT></create>"
    )
    ((number, words),) = gateway.call(payment).errors
    assert (number, "Credits" in words) == ("BL01001973", True)
