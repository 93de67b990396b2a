"""create_invoice: totals, currencies, numbers, terms, dimensions, periods, postings, schedules."""

from __future__ import annotations

from decimal import Decimal

import pytest

MONEY = "TOTALENTERED TRX_TOTALENTERED TOTALDUE TRX_TOTALDUE TOTALPAID"


def text(reply):
    assert reply.status == "failure"
    return reply.errors[0]


def gl(gateway, key):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    rows = gateway.query("GLDETAIL", "ACCOUNTNO LOCATIONID AMOUNT TRX_AMOUNT", where)
    return sorted((r["ACCOUNTNO"], r["LOCATIONID"], r["AMOUNT"], r["TRX_AMOUNT"]) for r in rows)


def test_an_invoice_is_posted_with_its_number_totals_and_audit_times(gateway, xml):
    reply = gateway.call(
        xml.invoice(
            xml.line("250.00", memo="Plan"),
            xml.line("0.5"),
            head=xml.day("dateposted", "2026-11-03"),
            rest="<ponumber>PO-3</ponumber><description>March &amp; April</description>"
            + xml.custom(TIEOUT_KEY="hs-1"),
        )
    )
    assert gateway.one(
        "ARINVOICE",
        reply.key,
        f"RECORDID STATE RAWSTATE WHENCREATED WHENPOSTED WHENDUE AUWHENCREATED WHENMODIFIED DOCNUMBER DESCRIPTION "
        f"TIEOUT_KEY CUSTOMERNAME BASECURR CURRENCY MODULEKEY {MONEY}",
    ) == {
        "RECORDID": "INV-000001",
        "STATE": "Posted",
        "RAWSTATE": "A",
        "WHENCREATED": "11/02/2026",
        "WHENPOSTED": "11/03/2026",
        "WHENDUE": "12/02/2026",
        "AUWHENCREATED": "11/16/2026 09:00:00",
        "WHENMODIFIED": "11/16/2026 09:00:00",
        "DOCNUMBER": "PO-3",
        "DESCRIPTION": "March & April",
        "TIEOUT_KEY": "hs-1",
        "CUSTOMERNAME": "Northwind",
        "BASECURR": "USD",
        "CURRENCY": "USD",
        "MODULEKEY": "4.AR",
        "TOTALENTERED": "250.5",
        "TRX_TOTALENTERED": "250.5",
        "TOTALDUE": "250.5",
        "TRX_TOTALDUE": "250.5",
        "TOTALPAID": "0",
    }
    lines = gateway.query("ARINVOICEITEM", "RECORDKEY LINE_NO AMOUNT ENTRYDESCRIPTION ACCOUNTTITLE LOCATIONNAME")
    assert lines[0] == {
        "RECORDKEY": reply.key,
        "LINE_NO": "0",
        "AMOUNT": "250",
        "ENTRYDESCRIPTION": "Plan",
        "ACCOUNTTITLE": "Hardware Revenue",
        "LOCATIONNAME": "Brightwater Inc",
    }


def test_numbers_run_on_and_a_given_number_is_kept(gateway, xml):
    def number(reply):
        return gateway.one("ARINVOICE", reply.key, "RECORDID")["RECORDID"]

    assert number(gateway.call(xml.invoice(xml.line("1")))) == "INV-000001"
    given = xml.invoice(xml.line("1"), rest="<invoiceno>INV-000002</invoiceno>")
    assert number(gateway.call(given)) == "INV-000002"
    assert number(gateway.call(xml.invoice(xml.line("1")))) == "INV-000003"


def test_a_number_that_is_taken_is_refused(gateway, xml):
    given = xml.invoice(xml.line("1"), rest="<invoiceno>A-1</invoiceno>")
    gateway.call(given)
    assert text(gateway.call(given))[0] == "BL03002185"


def test_a_company_may_allow_a_number_twice(make_gateway, xml):
    gateway = make_gateway(duplicate_invoice_numbers_allowed=True)
    given = xml.invoice(xml.line("1"), rest="<invoiceno>A-1</invoiceno>")
    assert gateway.call(given).status == gateway.call(given).status == "success"


def test_a_foreign_invoice_is_converted_at_the_last_rate_before_its_date(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("100.00"), xml.line("33.33"), rest=xml.EUR)).key
    found = gateway.one("ARINVOICE", key, f"BASECURR CURRENCY EXCHANGE_RATE EXCH_RATE_DATE {MONEY}")
    assert found == {
        "BASECURR": "USD",
        "CURRENCY": "EUR",
        "EXCHANGE_RATE": "1.0847",
        "EXCH_RATE_DATE": "11/02/2026",
        "TOTALENTERED": "144.62",
        "TRX_TOTALENTERED": "133.33",
        "TOTALDUE": "144.62",
        "TRX_TOTALDUE": "133.33",
        "TOTALPAID": "0",
    }
    assert gl(gateway, key) == [
        ("1100", "100", "144.62", "133.33"),
        ("4100", "100", "-108.47", "-100"),
        ("4100", "100", "-36.15", "-33.33"),
    ]


def test_a_currency_without_a_rate_is_refused(gateway, xml):
    francs = "<currency>CHF</currency><exchratetype>Intacct Daily Rate</exchratetype>"
    assert "No exchange rate" in text(gateway.call(xml.invoice(xml.line("1"), rest=francs)))[1]
    early = xml.invoice(xml.line("1"), created="2026-10-01", rest=xml.EUR)
    assert "on 10/01/2026" in text(gateway.call(early))[1]


def test_an_explicit_rate_needs_no_table(gateway, xml):
    rest = "<basecurr>USD</basecurr><currency>CHF</currency><exchrate>1.25</exchrate>"
    key = gateway.call(xml.invoice(xml.line("10"), rest=rest)).key
    assert gateway.one("ARINVOICE", key, "TOTALDUE EXCH_RATE_TYPE_ID") == {
        "TOTALDUE": "12.5",
        "EXCH_RATE_TYPE_ID": "-1",
    }


def test_the_base_currency_is_that_of_the_lines_entity(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("10", location="300"))).key
    assert gateway.one("ARINVOICE", key, "BASECURR CURRENCY") == {"BASECURR": "EUR", "CURRENCY": "EUR"}
    wrong = xml.invoice(
        xml.line("10", location="300"), rest="<basecurr>USD</basecurr><currency>EUR</currency><exchrate>1</exchrate>"
    )
    assert "base currency 'USD'" in text(gateway.call(wrong))[1]


def test_lines_of_two_entities_need_an_inter_entity_relationship_and_then_each_balances(gateway, xml):
    both = xml.invoice(xml.line("10"), xml.line("30", location="400"))
    assert "inter-entity" in text(gateway.call(both))[1]
    gateway.twin.load(
        [
            {"object": "GLACCOUNT", "fields": {"ACCOUNTNO": "1900", "TITLE": "Between entities"}},
            {"object": "_COMPANY", "fields": {"inter_entity_account": "1900"}},
        ]
    )
    assert gl(gateway, gateway.call(both).key) == [
        ("1100", "100", "40", "40"),
        ("1900", "100", "-30", "-30"),
        ("1900", "400", "30", "30"),
        ("4100", "100", "-10", "-10"),
        ("4100", "400", "-30", "-30"),
    ]
    foreign = xml.invoice(xml.line("10"), xml.line("30", location="200"))
    assert "different base currencies" in text(gateway.call(foreign))[1]


@pytest.mark.parametrize(
    ("created", "term", "due"),
    [
        ("2026-11-02", "N30", "12/02/2026"),
        ("2027-01-31", "N30", "03/02/2027"),
        ("2026-11-02", "EOM30", "12/30/2026"),
        ("2027-01-31", "DAY31", "02/28/2027"),
    ],
)
def test_the_due_date_follows_the_term(gateway, xml, created, term, due):
    gateway.twin.load(
        [
            {
                "object": "ARTERM",
                "fields": {"NAME": "DAY31", "DUEDATE": 31, "DUEFROM": "of next month from invoice/bill date"},
            }
        ]
    )
    function = xml.invoice(xml.line("1"), created=created).replace(">N30<", f">{term}<")
    assert gateway.one("ARINVOICE", gateway.call(function).key, "WHENDUE TERMNAME") == {
        "WHENDUE": due,
        "TERMNAME": term,
    }


def test_a_due_date_stands_and_without_date_and_term_there_is_none(gateway, xml):
    stated = xml.invoice(xml.line("1"), head=xml.day("datedue", "2026-12-24"))
    assert gateway.one("ARINVOICE", gateway.call(stated).key, "WHENDUE") == {"WHENDUE": "12/24/2026"}
    gateway.twin.load([{"object": "CUSTOMER", "fields": {"CUSTOMERID": "C-9", "NAME": "No term"}}])
    neither = xml.invoice(xml.line("1"), customer="C-9").replace("<termname>N30</termname>", "")
    assert text(gateway.call(neither))[0] == "BL03000018"


def test_elements_out_of_order_end_the_whole_request(gateway, xml):
    good = xml.invoice(xml.line("1"))
    bad = good.replace("<termname>N30</termname>", "").replace(
        "<invoiceitems>", "<termname>N30</termname><invoiceitems>"
    )
    swapped = bad.replace("<customerid>C-1</customerid>", "").replace(
        "<create_invoice>", "<create_invoice>" + xml.day("datecreated", "2026-11-02"), 1
    )
    reply = gateway.call(good, swapped)
    assert [number for number, _ in reply.errors] == ["XL03000003"]
    assert gateway.query("ARINVOICE", "RECORDNO") == []


def test_a_currency_without_rate_or_type_breaks_the_schema_but_an_empty_type_elsewhere_does_not(gateway, xml):
    assert gateway.call(xml.invoice(xml.line("1"), rest="<currency>EUR</currency>")).errors[0][0] == "XL03000003"
    assert gateway.call(xml.invoice(xml.line("1"), rest="<exchratetype/>")).status == "success"
    odd = xml.invoice(xml.line("1"), rest="<batchkey/><invoiceno/>").replace(
        "<batchkey/><invoiceno/>", "<invoiceno/><batchkey/>"
    )
    assert gateway.call(odd).errors[0][0] == "XL03000003"


def test_lenient_mode_takes_any_empty_element_out_of_place_as_absent(make_gateway, xml):
    gateway = make_gateway(strict=False)
    assert gateway.call(xml.invoice(xml.line("1"), rest="<invoiceno/><batchkey/>")).status == "success"


@pytest.mark.parametrize(
    ("line", "number", "words"),
    [
        ({"account": "4000"}, "BL03000018", "account 4000 requires a value for Class"),
        ({"account": "4200"}, "BL03000018", "requires a value for Department"),
        ({"account": "9999"}, "BL01001973", "GL account '9999' is not valid."),
        ({"account": "4999"}, "BL01001973", "'4999' is inactive"),
        ({"location": "999"}, "BL01001973", "Location '999' is not valid."),
        ({"tail": "<itemid>OLD-1</itemid>"}, "BL01001973", "Item 'OLD-1' is inactive"),
        ({"tail": "<classid>NOPE</classid>"}, "BL01001973", "Class 'NOPE' is not valid."),
        ({"tail": "<customerid>C-404</customerid>"}, "BL01001973", "Customer 'C-404' is not valid."),
    ],
)
def test_a_line_that_the_books_do_not_take_refuses_the_invoice(gateway, xml, line, number, words):
    before = list(gateway.twin.export())
    reply = gateway.call(xml.invoice(xml.line("5"), xml.line("1", **line)))
    assert text(reply)[0] == number
    assert words in text(reply)[1]
    assert "[Support ID: " in text(reply)[1]
    assert "%7E" in text(reply)[1]
    assert reply.errors[-1] == ("BL01001973", "Could not create invoice record!")
    assert list(gateway.twin.export()) == before


def test_a_line_without_location_is_refused_in_a_multi_entity_company(gateway, xml):
    bare = xml.line("1").replace("<locationid>100</locationid>", "")
    assert text(gateway.call(xml.invoice(bare)))[0] == "BL03000018"


@pytest.mark.parametrize(("customer", "words"), [("C-404", "Customer 'C-404' is not valid."), ("C-3", "is inactive")])
def test_unknown_and_inactive_customers_are_refused(gateway, xml, customer, words):
    number, message = text(gateway.call(xml.invoice(xml.line("1"), customer=customer)))
    assert number == "BL01001973"
    assert words in message


@pytest.mark.parametrize("amount", ["", "abc", "1e400", "NaN", "1,50"])
def test_an_amount_that_is_none_is_refused(gateway, xml, amount):
    assert text(gateway.call(xml.invoice(xml.line(amount))))[0] == "BL03000018"


def test_more_than_two_decimals_are_rounded_half_up(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("0.125"), xml.line("-0.005"))).key
    assert gateway.one("ARINVOICE", key, "TOTALDUE") == {"TOTALDUE": "0.12"}


def test_a_date_that_does_not_exist_is_refused(gateway, xml):
    assert text(gateway.call(xml.invoice(xml.line("1"), created="2026-02-30")))[0] == "BL03000018"


def test_an_unknown_custom_field_is_refused(gateway, xml):
    reply = gateway.call(xml.invoice(xml.line("1"), rest=xml.custom(NOPE="1")))
    assert "Custom field 'NOPE' is not defined" in text(reply)[1]


def test_a_closed_period_refuses_the_entity_and_module_only(gateway, xml):
    closed = xml.invoice(xml.line("1"), created="2026-09-15")
    number, message = text(gateway.call(closed))
    assert number == "BL03000018"
    assert message.startswith(
        "The date 09/15/2026 falls in a closed period for Accounts Receivable in 100--Brightwater Inc."
    )
    assert gateway.call(xml.invoice(xml.line("1", location="400"), created="2026-09-15")).status == "success"
    later = xml.invoice(xml.line("1"), created="2026-09-15", head=xml.day("dateposted", "2026-10-01"))
    key = gateway.call(later).key
    assert gateway.one("ARINVOICE", key, "WHENCREATED WHENPOSTED") == {
        "WHENCREATED": "09/15/2026",
        "WHENPOSTED": "10/01/2026",
    }


def test_a_draft_posts_nothing_and_may_lie_in_a_closed_period(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("1"), created="2026-09-15", rest="<action>Draft</action>")).key
    assert gateway.one("ARINVOICE", key, "STATE RAWSTATE") == {"STATE": "Draft", "RAWSTATE": "D"}
    assert gl(gateway, key) == []


def test_nogl_keeps_the_subledger_only(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("1"), rest="<nogl>true</nogl>")).key
    assert gl(gateway, key) == []
    assert gateway.one("ARINVOICE", key, "STATE") == {"STATE": "Posted"}


def test_account_labels_replace_accounts_where_the_company_requires_them(make_gateway, xml):
    gateway = make_gateway(account_labels_required=True)
    assert "account label is required" in text(gateway.call(xml.invoice(xml.line("1"))))[1]
    labelled = xml.invoice(
        xml.line("1").replace("<glaccountno>4100</glaccountno>", "<accountlabel>Hardware</accountlabel>")
    )
    gateway.call(labelled)
    assert gateway.query("ARINVOICEITEM", "ACCOUNTNO ACCOUNTLABEL") == [
        {"ACCOUNTNO": "4100", "ACCOUNTLABEL": "Hardware"}
    ]


def test_a_negative_line_reduces_the_total_and_a_zero_total_is_paid(gateway, xml):
    key = gateway.call(xml.invoice(xml.line("100"), xml.line("-20"))).key
    assert gateway.one("ARINVOICE", key, "TOTALDUE STATE") == {"TOTALDUE": "80", "STATE": "Posted"}
    nothing = gateway.call(xml.invoice(xml.line("20"), xml.line("-20"))).key
    assert gateway.one("ARINVOICE", nothing, "TOTALDUE STATE") == {"TOTALDUE": "0", "STATE": "Paid"}


REVENUE = (
    "<revrectemplate>12M straight</revrectemplate><defrevaccount>2400</defrevaccount>{start}{end}"
    "<itemid>PLAN-TEAM</itemid>"
)


def schedule(gateway, key):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    (found,) = gateway.query("REVRECSCHEDULE", "RECORDNO STATUS INVOICENO REVRECTEMPLATEID", where)
    inner = f"<equalto><field>REVRECSCHEDULEKEY</field><value>{found['RECORDNO']}</value></equalto>"
    return found, gateway.query("REVRECSCHEDULEENTRY", "POSTINGDATE AMOUNT TRX_AMOUNT ACCOUNTNO POSTED", inner)


def test_a_line_with_a_template_is_deferred_and_spread_over_its_term(gateway, xml):
    tail = REVENUE.format(start=xml.day("revrecstartdate", "2026-11-01"), end=xml.day("revrecenddate", "2027-10-31"))
    key = gateway.call(xml.invoice(xml.line("1000.00", tail=tail))).key
    assert gl(gateway, key) == [("1100", "100", "1000", "1000"), ("2400", "100", "-1000", "-1000")]
    head, entries = schedule(gateway, key)
    assert (head["STATUS"], head["INVOICENO"]) == ("Not started", "INV-000001")
    assert [e["AMOUNT"] for e in entries] == ["83.33"] * 11 + ["83.37"]
    assert (entries[0]["POSTINGDATE"], entries[-1]["POSTINGDATE"]) == ("11/30/2026", "10/31/2027")
    assert {e["ACCOUNTNO"] for e in entries} == {"4100"}


def test_a_term_from_mid_month_shares_its_first_month_by_days(gateway, xml):
    tail = REVENUE.format(start=xml.day("revrecstartdate", "2026-11-16"), end="")
    key = gateway.call(xml.invoice(xml.line("1200.00", tail=tail), rest=xml.EUR)).key
    _, entries = schedule(gateway, key)
    assert [e["TRX_AMOUNT"] for e in entries] == ["50", *["100"] * 11, "50"]
    assert sum(Decimal(e["AMOUNT"]) for e in entries) == Decimal("1301.64")


def test_a_term_that_ends_before_it_starts_is_refused(gateway, xml):
    tail = REVENUE.format(start=xml.day("revrecstartdate", "2026-11-16"), end=xml.day("revrecenddate", "2026-11-15"))
    assert text(gateway.call(xml.invoice(xml.line("1", tail=tail))))[0] == "BL03000018"


def test_an_entity_session_owns_what_it_creates_and_sees_only_its_own_and_the_top_levels(gateway, xml):
    own = gateway.call(xml.invoice(xml.line("1", location="200")), location="200").key
    top = gateway.call(xml.invoice(xml.line("1", location="200"))).key
    found = gateway.query("ARINVOICE", "RECORDNO MEGAENTITYID MEGAENTITYNAME", location="200")
    assert [(r["RECORDNO"], r["MEGAENTITYID"], r["MEGAENTITYNAME"]) for r in found] == [
        (own, "200", "Brightwater Ltd"),
        (top, "", ""),
    ]
    assert [r["RECORDNO"] for r in gateway.query("ARINVOICE", "RECORDNO", location="300")] == [top]
    assert [r["RECORDNO"] for r in gateway.query("ARINVOICE", "RECORDNO")] == [top]
    private = gateway.call(
        "<query><object>ARINVOICE</object><select><field>RECORDNO</field></select>"
        "<options><showprivate>true</showprivate></options></query>"
    )
    assert [r["RECORDNO"] for r in private.records()] == [own, top]
    assert "Location '100' is not valid" in text(gateway.call(xml.invoice(xml.line("1")), location="200"))[1]


def test_a_customer_of_other_entities_is_not_valid_here(gateway, xml):
    gateway.twin.load(
        [
            {
                "object": "CUSTOMER",
                "fields": {
                    "CUSTOMERID": "C-8",
                    "NAME": "Only 300",
                    "TERMNAME": "N30",
                    "OBJECTRESTRICTION": "Restricted",
                    "RESTRICTEDLOCATIONS": "300#~#400",
                },
            }
        ]
    )
    here = gateway.call(xml.invoice(xml.line("1", location="200"), customer="C-8"), location="200")
    assert "Customer 'C-8' is not valid" in text(here)[1]
    assert gateway.call(xml.invoice(xml.line("1", location="300"), customer="C-8"), location="300").status == "success"


def test_contacts_on_the_document_are_the_named_ones_or_the_customers(gateway, xml):
    gateway.call("<create><CONTACT><CONTACTNAME>Site B</CONTACTNAME><PRINTAS>Site B</PRINTAS></CONTACT></create>")
    key = gateway.call(xml.invoice(xml.line("1"), rest="<shipto><contactname>Site B</contactname></shipto>")).key
    fields = "BILLTOPAYTOCONTACTNAME SHIPTORETURNTOCONTACTNAME BILLTO.EMAIL1 SHIPTO.PRINTAS"
    assert gateway.one("ARINVOICE", key, fields) == {
        "BILLTOPAYTOCONTACTNAME": "Northwind(CC-1)",
        "SHIPTORETURNTOCONTACTNAME": "Site B",
        "BILLTO.EMAIL1": "ap@northwind.example",
        "SHIPTO.PRINTAS": "Site B",
    }


def test_record_numbers_of_documents_only_grow(gateway, xml):
    keys = [int(gateway.call(xml.invoice(xml.line("1"))).key) for _ in range(3)]
    paid = int(gateway.call(xml.payment("1", (str(keys[0]), "1"))).key)
    assert sorted({*keys, paid}) == [*keys, paid]


def test_timestamps_are_shown_in_the_users_zone(make_gateway, xml):
    gateway = make_gateway(gmt_offset_hours=-5)
    key = gateway.call(xml.invoice(xml.line("1"))).key
    assert gateway.one("ARINVOICE", key, "WHENMODIFIED") == {"WHENMODIFIED": "11/16/2026 04:00:00"}
    where = "<greaterthanorequalto><field>WHENMODIFIED</field><value>11/16/2026 04:00:00</value></greaterthanorequalto>"
    assert len(gateway.query("ARINVOICE", "RECORDNO", where)) == 1
