"""readByQuery, readMore, read, readByName, lookup, inspect, get_list."""

from __future__ import annotations

import pytest


@pytest.fixture
def books(gateway, xml):
    for number in range(1, 6):
        gateway.call(xml.invoice(xml.line(f"{number}0"), created=f"2026-11-0{number}"))
    gateway.call(xml.invoice(xml.line("5"), rest="<action>Draft</action>"))
    return gateway


def by_query(gateway, predicate, pagesize="", fields="RECORDID", **options):
    size = f"<pagesize>{pagesize}</pagesize>" if pagesize else ""
    return gateway.call(
        f"<readByQuery><object>ARINVOICE</object><fields>{fields}</fields><query>{predicate}</query>{size}</readByQuery>",
        **options,
    )


@pytest.mark.parametrize(
    ("predicate", "found"),
    [
        ("", "123456"),
        ("STATE = 'A'", "12345"),
        ("STATE = 'D'", "6"),
        ("STATE = 'Posted'", ""),
        ("TOTALDUE &gt;= 30 AND TOTALDUE &lt; 50", "34"),
        ("TOTALDUE = 10 OR TOTALDUE = 20 and RECORDID like 'INV-%'", "12"),
        ("(TOTALDUE = 10 OR TOTALDUE = 20) AND NOT RECORDID = 'INV-000001'", "2"),
        ("RECORDID in ('INV-000003', 'INV-000004')", "34"),
        ("RECORDID not in ('INV-000003') AND STATE = 'A'", "1245"),
        ("RECORDID not like '%1'", "23456"),
        ("DOCNUMBER IS NULL and WHENPAID is null", "123456"),
        ("DOCNUMBER IS NOT NULL", ""),
        ("WHENCREATED &gt; '11/03/2026'", "45"),
        ("WHENMODIFIED &gt;= '11/16/2026 09:00:00'", "123456"),
        ("rownum &lt;= 2", "12"),
        ("CUSTOMERNAME = 'It\\'s'", ""),
        ("customerid = 'C-1' AND CUSTOMER.NAME = 'Northwind'", "123456"),
    ],
)
def test_a_predicate_finds_what_it_says(books, predicate, found):
    reply = by_query(books, predicate)
    assert "".join(r["RECORDID"][-1] for r in reply.records()) == found
    assert reply.data.get("totalcount") == str(len(found))


@pytest.mark.parametrize(
    "predicate",
    [
        "WHENCREATED &gt; '2026-11-03'",
        "NOPE = 1",
        "TOTALDUE = 10 ORDER BY TOTALDUE",
        "TOTALDUE =",
        "TOTALDUE = 'ten'",
        "(TOTALDUE = 10",
        "TOTALDUE != 10",
        "UPPER(RECORDID) = 'X'",
        'RECORDID = "x"',
        "'x' = RECORDID",
        "RECORDID = 'open",
        "(" * 80 + "TOTALDUE = 1" + ")" * 80,
    ],
)
def test_a_predicate_outside_the_grammar_fails(books, predicate):
    reply = by_query(books, predicate)
    assert reply.errors[0][0] == "DL02000001"
    assert reply.errors[0][1].startswith("There was an error processing the request.")


def test_status_is_asked_for_by_its_stored_code(gateway):
    def count(predicate):
        function = f"<readByQuery><object>CUSTOMER</object><query>{predicate}</query></readByQuery>"
        return gateway.call(function).data.get("totalcount")

    assert (count("STATUS = 'T'"), count("STATUS = 'F'"), count("STATUS = 'active'")) == ("2", "1", "0")


def test_records_are_lower_case_and_the_query_element_may_be_empty_but_not_missing(books):
    data = books.call(
        "<readByQuery><object>ARTERM</object><fields>*</fields><query/><pagesize>1</pagesize></readByQuery>"
    ).data
    assert data.get("listtype") == data[0].tag == "arterm"
    assert data[0].findtext("NAME") == "N30"
    missing = books.call("<readByQuery><object>ARTERM</object></readByQuery>")
    assert missing.errors[0][0] == "XL03000003"


def more(gateway, token, **options):
    return gateway.call(f"<readMore><resultId>{token}</resultId></readMore>", **options)


def test_read_more_goes_on_until_nothing_remains_in_the_same_session(books):
    session = books.call("<getAPISession/>").data.findtext("api/sessionid")
    first = by_query(books, "STATE = 'A'", "2", session=session)
    token = first.data.get("resultId")
    assert first.data.get("numremaining") == "3"
    assert more(books, token).errors[0][0] == "DL02000001"
    second = more(books, token, session=session)
    third = more(books, second.data.get("resultId"), session=session)
    assert [r["RECORDID"][-1] for r in second.records() + third.records()] == ["3", "4", "5"]
    assert (third.data.get("numremaining"), third.data.get("resultId")) == ("0", "")
    assert more(books, token, session=session).status == "failure"


@pytest.mark.parametrize("size", ["0", "1001", "many"])
def test_the_page_size_of_read_by_query_is_bounded(books, size):
    assert by_query(books, "", size).errors[0][0] == "DL02000001"


def test_read_answers_upper_case_records_with_their_lines(books):
    data = books.call("<read><object>ARINVOICE</object><keys>2,1</keys><fields>*</fields></read>").data
    assert (data.get("listtype"), data.get("count")) == ("ARINVOICE", "2")
    assert [record.findtext("RECORDID") for record in data] == ["INV-000002", "INV-000001"]
    (line,) = data[0].findall("ARINVOICEITEMS/arinvoiceitem")
    assert (line.findtext("TRX_AMOUNT"), line.findtext("RECORDKEY")) == ("20", "2")
    bare = books.call("<read><object>ARINVOICE</object><keys>2</keys><fields>RECORDID,TOTALDUE</fields></read>").data
    assert [child.tag for child in bare[0]] == ["RECORDID", "TOTALDUE"]


def test_an_unknown_key_reads_as_nothing_or_as_a_failure(books, make_gateway):
    function = "<read><object>CUSTOMER</object><keys>1,999</keys><fields>NAME</fields></read>"
    assert books.call(function).data.get("count") == "1"
    assert make_gateway(read_unknown_key="failure").call(function).errors[0][0] == "BL01001973"


def test_more_than_a_hundred_keys_are_refused(gateway):
    keys = ",".join(str(n) for n in range(101))
    reply = gateway.call(f"<read><object>CUSTOMER</object><keys>{keys}</keys></read>")
    assert reply.errors[0][0] == "DL02000001"


def test_read_by_name_takes_natural_keys(gateway):
    data = gateway.call(
        "<readByName><object>CUSTOMER</object><keys>C-2,C-1</keys><fields>RECORDNO,NAME</fields></readByName>"
    ).data
    assert [record.findtext("NAME") for record in data] == ["Blue O'Neil & Co", "Northwind"]
    user = gateway.call("<readByName><object>USERINFO</object><keys>tieout_ws</keys></readByName>").data
    assert user[0].findtext("STATUS") == "active"


def test_lookup_describes_fields_types_values_and_relations(gateway):
    kind = gateway.call("<lookup><object>ARINVOICE</object></lookup>").data.find("Type")
    fields = {field.findtext("ID"): field for field in kind.iterfind("Fields/Field")}
    assert kind.get("Name") == "ARINVOICE"
    assert fields["TOTALDUE"].findtext("DATATYPE") == "CURRENCY"
    assert fields["WHENMODIFIED"].findtext("DATATYPE") == "TIMESTAMP"
    assert fields["WHENCREATED"].findtext("DATATYPE") == "DATE"
    assert fields["TIEOUT_KEY"].findtext("ISCUSTOM") == "true"
    assert fields["RECORDNO"].findtext("READONLY") == "true"
    assert "Posted" in [v.text for v in fields["STATE"].iterfind("VALIDVALUES/VALIDVALUE")]
    relations = {r.findtext("OBJECTNAME") for r in kind.iterfind("Relationships/Relationship")}
    assert {"CUSTOMER", "CONTACT", "ARTERM"} <= relations


def test_every_field_of_every_object_can_be_read(gateway):
    names = [t.get("typename") for t in gateway.call("<inspect><object>*</object></inspect>").data]
    assert len(names) > 50
    for name in names:
        kind = gateway.call(f"<inspect><object>{name}</object></inspect>").data.find("Type")
        fields = " ".join(field.text for field in kind.iterfind("Fields/Field"))
        gateway.query(name, fields)
        detailed = gateway.call(f'<inspect detail="1"><object>{name}</object></inspect>').data
        assert detailed.find("Type/Fields/Field/DATATYPE") is not None


def test_user_formatting_tells_date_format_and_zone(make_gateway):
    gateway = make_gateway(gmt_offset_hours=-5)
    reply = gateway.call("<readUserFormatting><userId>tieout_ws</userId></readUserFormatting>")
    formatting = reply.data.find("userformatting")
    assert formatting.findtext("dateformat") == "/mdY"
    assert formatting.findtext("gmtoffset") == "-05:00"
    unknown = gateway.call("<readUserFormatting><userId>nobody</userId></readUserFormatting>")
    assert unknown.errors[0][0] == "BL01001973"


def test_get_list_answers_in_legacy_names_and_dates(books):
    reply = books.call(
        '<get_list object="invoice" maxitems="2"><filter><logical logical_operator="and">'
        "<expression><field>totaldue</field><operator>&gt;=</operator><value>20</value></expression>"
        "<expression><field>customerid</field><operator>=</operator><value>C-1</value></expression></logical></filter>"
        '<sorts><sortfield order="desc">totaldue</sortfield></sorts>'
        "<fields><field>invoiceno</field><field>datecreated</field></fields></get_list>"
    )
    kind = reply.root.find("operation/result/listtype")
    assert (kind.text, dict(kind.attrib)) == ("invoice", {"start": "0", "end": "1", "total": "4"})
    first = reply.data[0]
    assert [child.tag for child in first] == ["invoiceno", "datecreated"]
    assert first.findtext("invoiceno") == "INV-000005"
    assert [child.text for child in first.find("datecreated")] == ["2026", "11", "05"]


def test_an_invoice_is_found_by_number_in_the_legacy_list_and_read_by_key(books):
    found = books.call(
        '<get_list object="invoice"><filter><expression><field>invoiceno</field><operator>=</operator>'
        "<value>INV-000003</value></expression></filter></get_list>"
    )
    key = found.data[0].findtext("key")
    assert books.call(f'<get_invoice key="{key}"/>').data[0].findtext("totaldue") == "30"
    assert books.call('<get object="customer" key="C-1"/>').data[0].findtext("name") == "Northwind"
    assert books.call('<get object="customer" key="C-404"/>').errors[0][0] == "BL01001973"
    assert books.call('<get_list object="nothing"/>').errors[0][0] == "Query Failed"
    bad = '<get_list object="invoice"><fields><field>nope</field></fields></get_list>'
    assert books.call(bad).errors[0][0] == "DL02000001"


def test_the_smart_event_log_is_there_and_empty(gateway):
    assert gateway.call('<get_list object="smarteventlog"/>').root.find("operation/result/listtype").get("total") == "0"
