"""create, update and delete of master data."""

from __future__ import annotations

import pytest

CUSTOMER = (
    "<CUSTOMER><CUSTOMERID>{id}</CUSTOMERID><NAME>North &amp; Söhne</NAME><DISPLAYCONTACT><PRINTAS/>"
    "<EMAIL1>ap@north.example</EMAIL1><MAILADDRESS><CITY>Hamburg</CITY><COUNTRY>Germany</COUNTRY></MAILADDRESS>"
    "</DISPLAYCONTACT><TERMNAME>N30</TERMNAME><STATUS>active</STATUS><CURRENCY>EUR</CURRENCY></CUSTOMER>"
)


def create(gateway, *objects, **options):
    return gateway.call(f"<create>{''.join(objects)}</create>", **options)


def read(gateway, customer, fields):
    where = f"<equalto><field>CUSTOMERID</field><value>{customer}</value></equalto>"
    (found,) = gateway.query("CUSTOMER", fields, where)
    return found


def test_a_customer_is_created_with_its_contact(gateway):
    data = create(gateway, CUSTOMER.format(id="C-77")).data
    assert (data.get("listtype"), data.get("count")) == ("objects", "1")
    assert [child.tag for child in data[0]] == ["RECORDNO", "CUSTOMERID"]
    assert data[0].tag == "customer"
    fields = (
        "NAME ENTITY STATUS ONHOLD DISPLAYCONTACT.CONTACTNAME DISPLAYCONTACT.PRINTAS DISPLAYCONTACT.MAILADDRESS.CITY"
    )
    assert read(gateway, "C-77", fields) == {
        "NAME": "North & Söhne",
        "ENTITY": "CC-77",
        "STATUS": "active",
        "ONHOLD": "false",
        "DISPLAYCONTACT.CONTACTNAME": "North & Söhne(CC-77)",
        "DISPLAYCONTACT.PRINTAS": "North & Söhne",
        "DISPLAYCONTACT.MAILADDRESS.CITY": "Hamburg",
    }


def test_an_id_that_exists_is_refused(gateway):
    reply = create(gateway, CUSTOMER.format(id="C-1"))
    assert reply.errors[0][0] == "BL34000061"
    assert "with the given value(s) C-1 already exists" in reply.errors[0][1]
    assert reply.errors[-1] == ("BL01001973", "Could not create Customer record!")
    assert reply.data.get("count") == "0"


def test_part_of_several_objects_may_succeed_and_the_answer_lists_it(gateway):
    reply = create(gateway, CUSTOMER.format(id="C-90"), CUSTOMER.format(id="C-1"), CUSTOMER.format(id="C-91"))
    assert reply.status == "failure"
    assert [c.findtext("CUSTOMERID") for c in reply.data] == ["C-90", "C-91"]
    assert reply.data.get("count") == "2"
    assert reply.errors[0][0] == "BL34000061"
    order = [child.tag for child in reply.root.find("operation/result")]
    assert order == ["status", "function", "controlid", "data", "errormessage"]
    assert read(gateway, "C-91", "CUSTOMERID")


def test_a_transaction_takes_all_objects_or_none(gateway):
    reply = create(gateway, CUSTOMER.format(id="C-90"), CUSTOMER.format(id="C-1"), transaction=True)
    assert reply.status == "failure"
    assert reply.errors[-1][0] == "XL03000009"
    assert reply.data is None
    ids = [r["CUSTOMERID"] for r in gateway.query("CUSTOMER", "CUSTOMERID")]
    assert ids == ["C-1", "C-2", "C-3"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (("<NAME>North &amp; Söhne</NAME>", ""), "BL03000018"),
        (("<CUSTOMERID>C-77</CUSTOMERID>", ""), "BL03000018"),
        (("ap@north.example", "nobody"), "BL03000018"),
        (("<STATUS>active</STATUS>", "<STATUS>sleeping</STATUS>"), "BL03000018"),
        (("<TERMNAME>N30</TERMNAME>", "<TERMNAME>N99</TERMNAME>"), "BL01001973"),
        (("<STATUS>", "<CREDITLIMIT>much</CREDITLIMIT><STATUS>"), "BL03000018"),
        (("<STATUS>", "<BILLTO><CONTACTNAME>Nobody</CONTACTNAME></BILLTO><STATUS>"), "BL01001973"),
    ],
)
def test_a_customer_with_a_bad_field_is_refused_and_nothing_is_left_behind(gateway, change, number):
    before = list(gateway.twin.export())
    assert create(gateway, CUSTOMER.format(id="C-77").replace(*change)).errors[0][0] == number
    assert list(gateway.twin.export()) == before


def test_ids_are_given_automatically_where_the_company_numbers_customers(make_gateway):
    gateway = make_gateway(customer_autonumber=True)
    reply = create(gateway, CUSTOMER.replace("<CUSTOMERID>{id}</CUSTOMERID>", ""))
    assert reply.data[0].findtext("CUSTOMERID") == "CUST-00001"


def test_unknown_elements_are_ignored_or_refused_as_the_switch_says(gateway, make_gateway):
    odd = CUSTOMER.format(id="C-77").replace("<STATUS>", "<NO_SUCH_FIELD>1</NO_SUCH_FIELD><STATUS>")
    assert create(gateway, odd).status == "success"
    assert create(make_gateway(unknown_fields="refuse"), odd).status == "failure"


def update(gateway, inner, **options):
    return gateway.call(f"<update><CUSTOMER>{inner}</CUSTOMER></update>", **options)


def test_an_update_changes_only_what_it_names_and_an_empty_element_clears(gateway, clock):
    create(gateway, CUSTOMER.format(id="C-77"))
    clock.advance(60)
    inner = (
        "<CUSTOMERID>C-77</CUSTOMERID><COMMENTS>good</COMMENTS><CURRENCY/>"
        "<DISPLAYCONTACT><EMAIL1>new@north.example</EMAIL1></DISPLAYCONTACT>"
    )
    assert update(gateway, inner).data[0].findtext("CUSTOMERID") == "C-77"
    fields = "NAME COMMENTS CURRENCY DISPLAYCONTACT.EMAIL1 DISPLAYCONTACT.PRINTAS WHENCREATED WHENMODIFIED"
    assert read(gateway, "C-77", fields) == {
        "NAME": "North & Söhne",
        "COMMENTS": "good",
        "CURRENCY": "",
        "DISPLAYCONTACT.EMAIL1": "new@north.example",
        "DISPLAYCONTACT.PRINTAS": "North & Söhne",
        "WHENCREATED": "11/16/2026 09:00:00",
        "WHENMODIFIED": "11/16/2026 09:01:00",
    }


def test_an_update_by_record_number_keeps_the_id_and_required_fields(gateway):
    assert update(gateway, "<RECORDNO>1</RECORDNO><NAME>Renamed</NAME>").status == "success"
    assert read(gateway, "C-1", "NAME") == {"NAME": "Renamed"}
    assert update(gateway, "<RECORDNO>1</RECORDNO><CUSTOMERID>C-X</CUSTOMERID>").status == "failure"
    assert update(gateway, "<RECORDNO>1</RECORDNO><NAME/>").errors[0][0] == "BL03000018"
    assert update(gateway, "<RECORDNO>404</RECORDNO><NAME>x</NAME>").errors[0][0] == "BL01001973"


def test_an_entity_owned_record_is_changed_only_in_its_entity(gateway):
    create(gateway, CUSTOMER.format(id="C-77"), location="200")
    change = "<CUSTOMERID>C-77</CUSTOMERID><COMMENTS>x</COMMENTS>"
    assert update(gateway, change).errors[0][0] == "BL01001973"
    assert update(gateway, change, location="300").errors[0][0] == "BL01001973"
    assert update(gateway, change, location="200").status == "success"


def test_what_is_in_use_cannot_be_deleted(gateway, xml):
    gateway.call(xml.invoice(xml.line("1")))
    create(gateway, CUSTOMER.format(id="C-77"))
    used = gateway.call("<delete><object>CUSTOMER</object><keys>1</keys></delete>")
    assert used.errors[0][0] == "BL01001973"
    key = read(gateway, "C-77", "RECORDNO")["RECORDNO"]
    assert gateway.call(f"<delete><object>CUSTOMER</object><keys>1,{key}</keys></delete>").status == "failure"
    assert read(gateway, "C-77", "RECORDNO")
    assert gateway.call(f"<delete><object>CUSTOMER</object><keys>{key}</keys></delete>").status == "success"
    assert gateway.call(f"<delete><object>CUSTOMER</object><keys>{key}</keys></delete>").status == "failure"


def test_more_than_a_hundred_objects_or_two_kinds_are_refused(gateway):
    many = [CUSTOMER.format(id=f"X-{n}") for n in range(101)]
    assert create(gateway, *many).status == "failure"
    mixed = CUSTOMER.format(id="X-1") + "<CLASS><CLASSID>Q</CLASSID><NAME>Q</NAME></CLASS>"
    assert create(gateway, mixed).status == "failure"
    keys = ",".join(str(n) for n in range(101))
    assert gateway.call(f"<delete><object>CUSTOMER</object><keys>{keys}</keys></delete>").status == "failure"


def test_unknown_and_read_only_objects_cannot_be_created(gateway):
    assert create(gateway, "<UNICORN><NAME>x</NAME></UNICORN>").errors[0][0] == "Query Failed"
    for name in ("GLDETAIL", "ARINVOICEITEM", "ARINVOICE", "AUDITHISTORY"):
        assert create(gateway, f"<{name}><RECORDNO>1</RECORDNO></{name}>").errors[0][0] == "BL01001973"


def test_an_entity_is_a_location_too(gateway):
    entity = "<LOCATIONENTITY><LOCATIONID>500</LOCATIONID><NAME>New</NAME><CURRENCY>USD</CURRENCY></LOCATIONENTITY>"
    assert create(gateway, entity).status == "success"
    where = "<equalto><field>LOCATIONID</field><value>500</value></equalto>"
    assert gateway.query("LOCATION", "NAME CURRENCY", where) == [{"NAME": "New", "CURRENCY": "USD"}]


@pytest.mark.parametrize(
    "body",
    [
        "<VENDOR><VENDORID>V-9</VENDORID><NAME>Supplier</NAME></VENDOR>",
        "<ITEM><ITEMID>I-9</ITEMID><NAME>Thing</NAME><ITEMTYPE>Service</ITEMTYPE></ITEM>",
        "<GLACCOUNT><ACCOUNTNO>8000</ACCOUNTNO><TITLE>Other</TITLE><NORMALBALANCE>credit</NORMALBALANCE>"
        "<ACCOUNTTYPE>incomestatement</ACCOUNTTYPE></GLACCOUNT>",
        "<LOCATION><LOCATIONID>110</LOCATIONID><NAME>Boston</NAME><PARENTID>100</PARENTID></LOCATION>",
        "<DEPARTMENT><DEPARTMENTID>D30</DEPARTMENTID><TITLE>Research</TITLE></DEPARTMENT>",
        "<CLASS><CLASSID>HW</CLASSID><NAME>Hardware</NAME></CLASS>",
        "<PROJECT><NAME>Rollout</NAME><PROJECTCATEGORY>Contract</PROJECTCATEGORY><CUSTOMERID>C-1</CUSTOMERID></PROJECT>",
        "<ARTERM><NAME>N60</NAME><DUEDATE>60</DUEDATE><DUEFROM>from invoice/bill date</DUEFROM></ARTERM>",
        "<CONTACT><CONTACTNAME>Jo</CONTACTNAME><PRINTAS>Jo</PRINTAS></CONTACT>",
        "<CONTRACT><CUSTOMERID>C-1</CUSTOMERID><NAME>Deal</NAME><BEGINDATE>11/01/2026</BEGINDATE>"
        "<TERMNAME>N30</TERMNAME><TERMTYPE>Termed</TERMTYPE></CONTRACT>",
    ],
)
def test_every_kind_of_master_record_is_created_once(gateway, body):
    assert create(gateway, body).status == "success"
    if "PROJECT" not in body and "CONTRACT" not in body:
        number = "PL05000104" if "VENDOR" in body else "BL34000061"
        assert create(gateway, body).errors[0][0] == number


def test_a_line_in_a_location_under_an_entity_belongs_to_that_entity(gateway, xml):
    create(gateway, "<LOCATION><LOCATIONID>310</LOCATIONID><NAME>Bonn</NAME><PARENTID>300</PARENTID></LOCATION>")
    key = gateway.call(xml.invoice(xml.line("1", location="310"))).key
    assert gateway.one("ARINVOICE", key, "BASECURR") == {"BASECURR": "EUR"}
