"""``query``: operators, nesting, order, pages, aggregates, formats, related fields."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def books(gateway, xml):
    """Five invoices: 10 to 50, the odd ones of C-2, the last paid in part."""
    keys = []
    for number in range(1, 6):
        customer = "C-2" if number % 2 else "C-1"
        rest = f"<ponumber>PO_{number}%</ponumber>" if number > 1 else ""
        extra = xml.custom(TIEOUT_KEY=f"key-{number}")
        function = xml.invoice(
            xml.line(f"{number}0"), customer=customer, created=f"2026-11-0{number}", rest=rest + extra
        )
        keys.append(gateway.call(function).key)
        gateway.clock.advance(60)
    gateway.call(xml.payment("40", (keys[3], "15")))
    return gateway


def numbers(gateway, condition, **options):
    return [r["RECORDID"][-1] for r in gateway.query("ARINVOICE", "RECORDID", condition, **options)]


def op(name, field, *values):
    inner = "".join(f"<value>{value}</value>" for value in values)
    return f"<{name}><field>{field}</field>{inner}</{name}>"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (op("equalto", "TOTALDUE", "20"), "2"),
        (op("equalto", "TOTALDUE", "20.00"), "2"),
        (op("notequalto", "CUSTOMERID", "C-1"), "135"),
        (op("lessthan", "TOTALENTERED", "30"), "12"),
        (op("lessthanorequalto", "TOTALENTERED", "30"), "123"),
        (op("greaterthan", "TOTALDUE", "9.99"), "12345"),
        (op("greaterthanorequalto", "WHENCREATED", "11/04/2026"), "45"),
        (op("greaterthan", "WHENMODIFIED", "11/16/2026 09:02:00"), "45"),
        (op("between", "WHENCREATED", "11/02/2026", "11/04/2026"), "234"),
        (op("in", "TIEOUT_KEY", "key-5", "key-1", "nope"), "15"),
        (op("notin", "TIEOUT_KEY", "key-5", "key-1"), "234"),
        (op("in", "RECORDNO", "1", "2"), "12"),
        (op("like", "TIEOUT_KEY", "key-%"), "12345"),
        (op("like", "TIEOUT_KEY", "KEY-%"), ""),
        (op("like", "TIEOUT_KEY", "key-_"), "12345"),
        (op("notlike", "TIEOUT_KEY", "%-3"), "1245"),
        (op("isnull", "DOCNUMBER"), "1"),
        (op("isnotnull", "DOCNUMBER"), "2345"),
        (op("equalto", "STATE", "Partially Paid"), "4"),
        (op("equalto", "STATE", "A"), ""),
        (op("equalto", "CUSTOMER.TAXID", "12-345"), "135"),
        (op("equalto", "BILLTO.EMAIL1", "ap@northwind.example"), "24"),
        (f"<or>{op('equalto', 'TOTALDUE', '10')}{op('equalto', 'TOTALDUE', '50')}</or>", "15"),
        (
            f"<and>{op('equalto', 'CUSTOMERID', 'C-2')}<or>{op('lessthan', 'TOTALDUE', '20')}"
            f"{op('greaterthan', 'TOTALDUE', '40')}</or></and>",
            "15",
        ),
        (op("equalto", "CUSTOMERID", "C-2") + op("lessthan", "TOTALDUE", "20"), "1"),
    ],
)
def test_a_filter_finds_what_it_says(books, condition, found):
    assert "".join(numbers(books, condition)) == found


def run(gateway, inner):
    return gateway.call(f"<query><object>ARINVOICE</object>{inner}</query>")


def test_comparisons_are_case_sensitive_unless_asked_otherwise(books):
    where = f"<select><field>RECORDNO</field></select><filter>{op('equalto', 'TIEOUT_KEY', 'KEY-1')}</filter>"
    assert run(books, where).data.get("totalcount") == "0"
    ignoring = run(books, where + "<options><caseinsensitive>true</caseinsensitive></options>")
    assert ignoring.data.get("totalcount") == "1"


def test_the_answer_counts_what_there_is_and_what_remains(books):
    select = "<select><field>RECORDNO</field></select><pagesize>2</pagesize>"
    data = run(books, select + "<offset>2</offset>").data
    assert dict(data.attrib) == {
        "listtype": "ARINVOICE",
        "totalcount": "5",
        "offset": "2",
        "count": "2",
        "numremaining": "1",
    }
    empty = run(books, select + f"<filter>{op('equalto', 'RECORDNO', '999')}</filter>").data
    assert (empty.get("totalcount"), len(empty)) == ("0", 0)


def test_a_walk_by_key_sees_every_record_once_and_counts_down(books):
    seen, after, remaining = [], 0, []
    while True:
        data = run(
            books,
            f"<select><field>RECORDNO</field></select><filter>{op('greaterthan', 'RECORDNO', after)}</filter>"
            "<orderby><order><field>RECORDNO</field></order></orderby><pagesize>2</pagesize>",
        ).data
        if not len(data):
            break
        seen += [record.findtext("RECORDNO") for record in data]
        remaining.append((data.get("totalcount"), data.get("numremaining")))
        after = seen[-1]
    assert seen == ["1", "2", "3", "4", "5"]
    assert remaining == [("5", "3"), ("3", "1"), ("1", "0")]


def test_counts_follow_writes_and_rollbacks(books, xml):
    where = f"<select><field>RECORDNO</field></select><filter>{op('greaterthan', 'RECORDNO', '2')}</filter>"
    assert run(books, where).data.get("totalcount") == "3"
    bad = xml.invoice(xml.line("1"), customer="C-404")
    books.call(xml.invoice(xml.line("1")), f"<query><object>ARINVOICE</object>{where}</query>", bad, transaction=True)
    assert run(books, where).data.get("totalcount") == "3"
    books.call(xml.invoice(xml.line("1")))
    assert run(books, where).data.get("totalcount") == "4"


def test_records_come_in_the_asked_order(books):
    def ordered(order):
        inner = f"<select><field>RECORDID</field></select><orderby>{order}</orderby>"
        return "".join(r["RECORDID"][-1] for r in run(books, inner).records())

    by_customer = "<order><field>CUSTOMERID</field><descending/></order>"
    assert ordered(by_customer + "<order><field>TOTALENTERED</field><descending/></order>") == "53142"
    assert ordered("<order><field>TOTALENTERED</field></order>") == "12345"
    assert ordered("<order><field>TOTALENTERED</field><descending/></order>") == "54321"


def test_empty_fields_are_empty_elements_and_names_stay_as_asked(books):
    first = op("equalto", "RECORDNO", "1")
    inner = f"<select><field>docnumber</field><field>Customer.Name</field></select><filter>{first}</filter>"
    (record,) = run(books, inner).data
    assert record.tag == "ARINVOICE"
    assert [(child.tag, child.text) for child in record] == [
        ("DOCNUMBER", None),
        ("CUSTOMER.NAME", "Blue O'Neil & Co"),
    ]
    assert "Blue O&#039;Neil &amp; Co" in run(books, inner).text


@pytest.mark.parametrize(
    ("switch", "names"), [("prefixed", ["COUNT.RECORDNO", "SUM.TOTALDUE"]), ("plain", ["COUNT.RECORDNO", "TOTALDUE"])]
)
def test_aggregates_count_and_sum(make_gateway, xml, switch, names):
    gateway = make_gateway(aggregate_names=switch)
    for amount in ("10.10", "20.20"):
        gateway.call(xml.invoice(xml.line(amount)))
    (record,) = run(gateway, "<select><count>RECORDNO</count><sum>TOTALDUE</sum></select>").records()
    assert list(record) == names
    assert list(record.values()) == ["2", "30.3"]


def test_aggregates_group_by_the_plain_fields(books):
    inner = (
        "<select><field>CUSTOMERID</field><min>TOTALENTERED</min><max>WHENCREATED</max><avg>TOTALENTERED</avg></select>"
        "<orderby><order><field>CUSTOMERID</field></order></orderby>"
    )
    reply = run(books, inner)
    assert reply.data.get("totalcount") == "2"
    assert reply.records() == [
        {"CUSTOMERID": "C-1", "MIN.TOTALENTERED": "20", "MAX.WHENCREATED": "11/04/2026", "AVG.TOTALENTERED": "30"},
        {"CUSTOMERID": "C-2", "MIN.TOTALENTERED": "10", "MAX.WHENCREATED": "11/05/2026", "AVG.TOTALENTERED": "30"},
    ]


def test_json_and_csv_are_the_bare_data_and_failures_stay_xml(books):
    inner = (
        "<select><field>RECORDID</field><field>TOTALDUE</field></select><pagesize>1</pagesize>"
        "<options><returnformat>{}</returnformat></options>"
    )
    as_json = run(books, inner.format("json")).response
    assert json.loads(as_json.body) == [{"RECORDID": "INV-000001", "TOTALDUE": "10"}]
    assert run(books, inner.format("csv")).response.body == b"RECORDID,TOTALDUE\nINV-000001,10\n"
    assert run(books, inner.format("json").replace("TOTALDUE", "NOPE")).errors[0][0] == "XL03000010"


@pytest.mark.parametrize(
    ("inner", "number"),
    [
        ("<select><field>NOPE</field></select>", "XL03000010"),
        ("<select><field>*</field></select>", "XL03000010"),
        ("<select><field>CUSTOMER.DISPLAYCONTACT.X</field></select>", "XL03000010"),
        (f"<select><field>RECORDNO</field></select><filter>{op('equalto', 'NOPE', '1')}</filter>", "XL03000010"),
        ("<select><field>RECORDNO</field></select><orderby><order><field>NOPE</field></order></orderby>", "XL03000010"),
        (f"<select><field>RECORDNO</field></select><filter>{op('equalto', 'RECORDNO', 'x')}</filter>", "DL02000001"),
        (
            f"<select><field>RECORDNO</field></select><filter>{op('equalto', 'WHENCREATED', '2026-11-01')}</filter>",
            "DL02000001",
        ),
        ("<select><field>RECORDNO</field></select><pagesize>2001</pagesize>", "Query Failed"),
        ("<select><field>RECORDNO</field></select><pagesize>0</pagesize>", "Query Failed"),
        ("<select><field>RECORDNO</field></select><offset>-1</offset>", "Query Failed"),
        ("", "Query Failed"),
    ],
)
def test_a_query_that_cannot_be_run_fails_with_its_number(gateway, inner, number):
    assert run(gateway, inner).errors[0][0] == number


def test_unknown_fields_are_all_named_and_an_unknown_object_too(gateway):
    text = run(gateway, "<select><field>A</field><field>RECORDNO</field><field>B</field></select>").errors[0][1]
    assert "\n\tarinvoice: [A, B]" in text
    reply = gateway.call("<query><object>FOO</object><select><field>RECORDNO</field></select></query>")
    assert reply.errors[0][0] == "Query Failed"
    assert "Object definition FOO not found" in reply.errors[0][1]


def test_up_to_a_thousand_values_fit_an_in(gateway):
    def asked(count):
        values = "".join(f"<value>{n}</value>" for n in range(count))
        return run(
            gateway,
            f"<select><field>RECORDNO</field></select><filter><in><field>RECORDNO</field>{values}</in></filter>",
        )

    assert asked(1000).status == "success"
    assert asked(1001).errors[0][0] == "DL02000001"


def test_quotes_and_percent_signs_are_data_in_filters(books):
    assert numbers(books, op("equalto", "CUSTOMERNAME", "x' OR '1'='1")) == []
    assert numbers(books, op("equalto", "DOCNUMBER", "PO_2%")) == ["2"]
    assert numbers(books, op("equalto", "CUSTOMERNAME", "Blue O'Neil &amp; Co")) == ["1", "3", "5"]


def test_detail_reads_show_the_postings_of_documents(books):
    rows = books.query(
        "GLDETAIL", "ACCOUNTNO AMOUNT RECORDID SYMBOL MODULEKEY", op("equalto", "RECORDID", "INV-000001")
    )
    assert rows == [
        {"ACCOUNTNO": "4100", "AMOUNT": "-10", "RECORDID": "INV-000001", "SYMBOL": "ARJ", "MODULEKEY": "4.AR"},
        {"ACCOUNTNO": "1100", "AMOUNT": "10", "RECORDID": "INV-000001", "SYMBOL": "ARJ", "MODULEKEY": "4.AR"},
    ]
    reply = books.call("<query><object>GLDETAIL</object><select><field>STATUS</field></select></query>")
    assert reply.errors[0][0] == "XL03000010"
    assert "gldetail.STATUS" in reply.errors[0][1]
