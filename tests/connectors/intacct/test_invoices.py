from __future__ import annotations

import itertools
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from include.connectors.intacct.invoice_schema import HEADER, LINE
from include.connectors.intacct.invoices import build_create_invoice, get_invoice_lines, get_invoices
from include.connectors.intacct.records import Invoice
from include.core.decisions import Key
from include.core.errors import InvariantError, Rejected, SettingsError
from include.core.money import Money
from include.core.target import Send, Written
from tests.connectors.intacct.small_books import Books, invoice_payload, small_books

# create_invoice of the gateway's schema, in its order.
SCHEMA_HEADER = """
    customerid datecreated dateposted datedue termname batchkey action invoiceno ponumber description externalid billto
    shipto basecurr currency exchratedate exchratetype exchrate nogl supdocid customfields taxsolutionid invoiceitems
""".split()  # noqa: SIM905 - as the schema lists them
SCHEMA_LINE = """
    accountlabel glaccountno offsetglaccountno amount allocationid memo locationid departmentid item1099 form1099type
    form1099box key totalpaid totaldue customfields revrectemplate defrevaccount revrecstartdate revrecenddate projectid
    taskid costtypeid customerid vendorid employeeid itemid classid contractid warehouseid billable totaltrxamount
    partialexempt paymenttaxcapture taxentries
""".split()  # noqa: SIM905


def sample(name: str, kind: str) -> Any:
    return {
        "date": "2026-11-02",
        "amount": "12.50",
        "flag": True,
        "contact": "Acme(C1)",
        "customfields": {"TIEOUT_KEY": "k"},
        "taxentries": [{"trx_tax": "1.00", "detailid": "VAT"}],
    }.get(kind, "Submit" if name == "action" else f"v-{name}")


FULL_LINE = {e.name: sample(e.name, e.kind) for e in LINE if e.name != "accountlabel"}
FULL = {e.name: sample(e.name, e.kind) for e in HEADER if e.name != "exchrate"} | {"invoiceitems": [FULL_LINE]}


def test_all_fields_of_the_schema_are_known_in_its_order() -> None:
    assert [element.name for element in HEADER] == SCHEMA_HEADER
    assert [element.name for element in LINE] == SCHEMA_LINE


def test_fields_are_sent_in_the_order_of_the_schema_whatever_order_they_are_given_in() -> None:
    rng = random.Random(7)  # noqa: S311
    for _ in range(20):
        line = dict(rng.sample(list(FULL_LINE.items()), len(FULL_LINE)))
        header = dict(rng.sample(list({**FULL, "invoiceitems": [line]}.items()), len(FULL)))
        element = build_create_invoice(header)
        assert [child.tag for child in element] == [name for name in SCHEMA_HEADER if name != "exchrate"]
        sent = element.find("invoiceitems/lineitem")
        assert sent is not None
        assert [child.tag for child in sent] == [name for name in SCHEMA_LINE if name != "accountlabel"]


def test_the_strict_schema_of_the_gateway_takes_every_pair_of_fields(books: Books) -> None:
    """Whatever else it says about our made-up values, it never says that the request breaks the schema."""
    from include.connectors.intacct.codec import Function

    base = {"customerid": "C-1", "datecreated": "2026-11-02", "termname": "N30"}
    free = [name for name in FULL if name not in {*base, "invoiceitems", "basecurr", "currency"}]
    free = [name for name in free if not name.startswith("exch")]
    line_free = [name for name in FULL_LINE if name not in {"glaccountno", "amount", "taskid", "costtypeid"}]
    functions = [
        Function(
            build_create_invoice(
                {
                    **base,
                    **{name: FULL[name] for name in pair},
                    "invoiceitems": [
                        {"glaccountno": "4100", "amount": "1.00", **{name: FULL_LINE[name] for name in line_pair}}
                    ],
                }
            ),
            f"p-{number}",
        )
        for number, (pair, line_pair) in enumerate(
            zip(itertools.cycle(itertools.combinations(free, 2)), itertools.combinations(line_free, 2), strict=False)
        )
    ]
    assert len(functions) > 400
    for start in range(0, len(functions), 100):
        results = books.client().call(functions[start : start + 100], unique=True)
        assert {result.status for result in results} <= {"success", "failure"}


def test_dates_are_sent_as_year_month_and_day() -> None:
    element = build_create_invoice(invoice_payload(datecreated="2026-03-02", dateposted=date(2026, 4, 5)))
    parts = [(child.tag, [part.text for part in child]) for child in element if child.tag.startswith("date")]
    assert parts == [("datecreated", ["2026", "03", "02"]), ("dateposted", ["2026", "04", "05"])]


def test_empty_values_are_left_out() -> None:
    element = build_create_invoice(invoice_payload(ponumber=None, dateposted="", customfields={"A": None, "B": "2"}))
    assert element.find("ponumber") is None
    assert element.find("dateposted") is None
    assert [field.findtext("customfieldname") for field in element.iter("customfield")] == ["B"]


def test_a_posted_invoice_reads_as_it_was_written(books: Books) -> None:
    from include.connectors.intacct.codec import Function

    payload = invoice_payload(
        "1000.10",
        dateposted="2026-11-03",
        datedue="2026-12-24",
        ponumber="PO-3",
        description="Ünï\x01code <&> 💸",
        basecurr="USD",
        currency="EUR",
        exchratedate="2026-11-02",
        exchratetype="Intacct Daily Rate",
        customfields={"TIEOUT_KEY": "k-1"},
    )
    client = books.client()
    (made,) = client.call([Function(build_create_invoice(payload), "c-1")], unique=True)
    assert made.ok, made.errors
    (invoice,) = get_invoices(client, [made.key])
    assert invoice.total == invoice.balance == Money.of("1000.10", "EUR")
    assert invoice.paid == Money.of("0", "EUR")
    assert (invoice.customer_id, invoice.state, invoice.base_currency) == ("C-1", "Posted", "USD")
    assert (invoice.invoice_date, invoice.posting_date, invoice.due_date) == (
        date(2026, 11, 2),
        date(2026, 11, 3),
        date(2026, 12, 24),
    )
    assert (invoice.description, invoice.reference) == ("Ünïcode <&> 💸", "PO-3")
    assert invoice.number


def test_a_thousand_invoices_are_read_in_one_call(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    assert get_invoices(client, [str(n) for n in range(1, 1_001)]) == []
    assert books.labels() == ["query ARINVOICE by RECORDNO"]
    assert get_invoices(client, range(1, 1_502)) == []
    assert books.labels() == ["query ARINVOICE by RECORDNO"] * 3
    assert get_invoices(client, []) == []
    assert len(books.labels()) == 3


@pytest.mark.parametrize(
    ("where", "key"),
    [("header", "department"), ("header", "CUSTOMERID"), ("header", "TIEOUT_KEY"), ("line", "LOCATIONID")],
)
def test_an_unknown_field_is_named_with_all_that_are_allowed(where: str, key: str) -> None:
    payload = invoice_payload()
    (payload if where == "header" else payload["invoiceitems"][0])[key] = "x"
    with pytest.raises(SettingsError) as refused:
        build_create_invoice(payload)
    message = refused.value.message
    assert repr(key) in message
    assert ("line 1" in message) is (where == "line")
    assert ", ".join(SCHEMA_LINE if where == "line" else SCHEMA_HEADER) in message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"customerid": None}, "needs its customerid"),
        ({"datecreated": ""}, "needs its datecreated"),
        ({"termname": None}, "datedue or a termname"),
        ({"datecreated": "11/02/2026"}, "datecreated of the invoice is an ISO date"),
        ({"datecreated": 20261102}, "ISO date"),
        ({"action": "Post"}, "Draft, Submit"),
        ({"currency": "EUR"}, "exchratetype or an exchrate"),
        ({"exchratetype": "x"}, "exchratetype or an exchrate"),
        ({"currency": "EUR", "exchratetype": "x", "exchrate": "1.1"}, "not both"),
        ({"basecurr": "USD"}, "needs currency too"),
        ({"currency": "EUR", "exchrate": "1.1", "exchratedate": "2026-01-01"}, "needs exchratetype too"),
        ({"invoiceitems": []}, "at least one line"),
        ({"nogl": "perhaps"}, "true or false"),
        ({"ponumber": 1.5}, "is a text, not a float"),
        ({"ponumber": ["a"]}, "is a text, not a list"),
        ({"invoiceitems": [{"amount": "1"}]}, "line 1 of the invoice needs an accountlabel or a glaccountno"),
        ({"invoiceitems": [{"amount": "1", "glaccountno": "1", "accountlabel": "x"}]}, "and not both"),
        ({"invoiceitems": [{"glaccountno": "1"}]}, "needs an amount"),
        ({"invoiceitems": [{"glaccountno": "1", "amount": 12.5}]}, "decimal number in text"),
        ({"invoiceitems": [{"glaccountno": "1", "amount": "1,000.00"}]}, "decimal number in text"),
        ({"invoiceitems": [{"glaccountno": "1", "amount": "1E3"}]}, "decimal number in text"),
        ({"invoiceitems": [{"glaccountno": "1", "amount": "NaN"}]}, "decimal number in text"),
        ({"invoiceitems": [{"glaccountno": "1", "amount": "1", "taskid": "7"}]}, "needs projectid too"),
    ],
)
def test_a_value_that_the_schema_cannot_take_refuses_this_one_invoice_with_a_sentence(
    change: dict[str, Any], says: str
) -> None:
    with pytest.raises(Rejected, match=says):
        build_create_invoice({**invoice_payload(), **change})


@pytest.mark.parametrize(
    "change", [{"invoiceitems": "x"}, {"invoiceitems": ["x"]}, {"invoiceitems": {}}, {"customfields": "x"}]
)
def test_a_payload_of_the_wrong_shape_is_a_matter_of_settings(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        build_create_invoice({**invoice_payload(), **change})


def test_amounts_may_be_decimals_and_zero_is_an_amount() -> None:
    for amount, text in ((Decimal("0.00"), "0.00"), (Decimal("1E+2"), "100"), ("-5.00", "-5.00"), (7, "7"), ("0", "0")):
        line = {"glaccountno": "4100", "amount": amount}
        element = build_create_invoice({**invoice_payload(), "invoiceitems": [line]})
        assert element.findtext("invoiceitems/lineitem/amount") == text


WIRE = {"RECORDNO": "5", "STATE": "Posted", "CUSTOMERID": "C-1", "WHENCREATED": "11/02/2026", "CURRENCY": "JPY"}


def test_amounts_are_read_in_the_currency_of_the_transaction() -> None:
    invoice = Invoice.from_wire({**WIRE, "TOTALDUE": "9.99", "TRX_TOTALDUE": "1500", "TRX_TOTALENTERED": "1500"})
    assert invoice.balance == Money.of("1500", "JPY")


def test_a_company_of_one_currency_names_none_and_fills_only_the_base_amounts() -> None:
    wire = {**WIRE, "CURRENCY": "", "TOTALENTERED": "250"}
    assert Invoice.from_wire(wire, company_currency="USD").total == Money.of("250.00", "USD")
    with pytest.raises(InvariantError, match="CURRENCY"):
        Invoice.from_wire(wire)


@pytest.mark.parametrize("name", ["RECORDNO", "STATE", "CUSTOMERID", "WHENCREATED"])
def test_an_invoice_that_lacks_what_the_logic_needs_is_not_used(name: str) -> None:
    with pytest.raises(InvariantError, match=name):
        Invoice.from_wire({**WIRE, name: ""})


def test_an_element_is_never_made_of_text() -> None:
    payload = invoice_payload(description="</description><invoiceno>FORGED</invoiceno><description>")
    text = etree.tostring(build_create_invoice(payload))
    assert etree.fromstring(text).find("invoiceno") is None


def tax_detail(name: str, percent: str) -> dict[str, Any]:
    return {"object": "TAXDETAIL", "fields": {"DETAILID": name, "VALUE": percent, "GLACCOUNT": "2400"}}


@pytest.mark.parametrize("shown", [True, False])
def test_tax_entries_belong_to_their_line_wherever_intacct_shows_them(shown: bool) -> None:
    with small_books(tax_lines_shown=shown) as taxed:
        taxed.load(tax_detail("VAT 20", "20"))
        payload = invoice_payload("100.00")
        payload["invoiceitems"][0]["taxentries"] = [{"detailid": "VAT 20", "trx_tax": "19.99"}]
        payload["invoiceitems"].append({**payload["invoiceitems"][0], "amount": "50.00", "taxentries": []})
        key = Key("intacct", "invoice", "hubspot", "deal", "5", "invoice")
        (made,) = taxed.target().send([Send(key, payload, "tax-1")])
        assert isinstance(made, Written)
        (invoice,) = get_invoices(taxed.client(), [made.target_id])
        assert invoice.total == Money.of("169.99", "USD")
        first, second = get_invoice_lines(taxed.client(), [made.target_id])[made.target_id]
        assert [first.amount.text, second.amount.text] == ["100.00", "50.00"]
        assert second.tax is None
        assert (first.tax, first.tax_detail) == ((Money.of("19.99", "USD"), "VAT 20") if shown else (None, ""))
        who = taxed.credentials
        user = {"user_id": who.user_id, "user_password": who.user_password, "denied": ["TAXDETAIL"]}
        taxed.load({"object": "_USER", "fields": user})
        first, _ = get_invoice_lines(taxed.client(), [made.target_id])[made.target_id]
        assert (first.tax, first.tax_detail) == (Money.of("19.99", "USD") if shown else None, "")
