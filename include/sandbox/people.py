"""What people do in the two systems, over the systems' own APIs: the events of the demo's story and of tests.

A rep wins a deal, the bank brings a payment, a book-keeper reverses it or puts a customer on hold. Nothing here knows
how Tieout works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

import requests
from lxml import etree

from include.sandbox.access import Access

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class Refused(RuntimeError):
    """A system refused what a person did; the message is its answer."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What a line of a document is booked on."""

    account: str
    location: str
    class_id: str = ""

    def line(self, amount: Decimal) -> str:
        of_class = f"<classid>{escape(self.class_id)}</classid>" if self.class_id else ""
        return (
            f"<lineitem><glaccountno>{escape(self.account)}</glaccountno><amount>{amount}</amount>"
            f"<locationid>{escape(self.location)}</locationid>{of_class}</lineitem>"
        )


@dataclass
class BookKeeper:
    """Somebody with a login to Sage Intacct. ``entity`` is where the work is done (empty: top level)."""

    access: Access
    entity: str = ""
    _numbers: Any = field(default_factory=lambda: count(1))

    def pay(
        self,
        invoice: Mapping[str, str],
        amount: Decimal,
        on: date,
        *,
        bank: str,
        method: str = "EFT",
        reference: str = "",
        applied: Decimal | None = None,
    ) -> str:
        """Money for one invoice (a record of the books), in full or in part; the payment's RECORDNO. ``applied``: how
        much of it settles the invoice, the rest stays unapplied; all of it if left out."""
        return self._call(
            f"<create_arpayment><customerid>{escape(invoice['CUSTOMERID'])}</customerid>"
            f"<paymentamount>{amount}</paymentamount><bankaccountid>{escape(bank)}</bankaccountid>"
            f"<refid>{escape(reference or f'PAY-{next(self._numbers)}')}</refid>"
            f"<datereceived>{_date(on)}</datereceived><paymentmethod>{escape(method)}</paymentmethod>"
            f"{_currency(invoice['CURRENCY'])}"
            f"<arpaymentitem><invoicekey>{escape(invoice['RECORDNO'])}</invoicekey>"
            f"<amount>{amount if applied is None else applied}</amount></arpaymentitem>"
            "</create_arpayment>"
        )

    def reverse_payment(self, payment: str, on: date, why: str) -> None:
        """The bank gave the money back (NSF), or it was booked wrongly."""
        self._call(
            f'<reverse_arpayment key="{escape(payment)}"><datereversed>{_date(on)}</datereversed>'
            f"<description>{escape(why)}</description></reverse_arpayment>"
        )

    def reverse_invoice(self, invoice: str, on: date, why: str) -> None:
        self._call(
            f'<reverse_invoice key="{escape(invoice)}"><datereversed>{_date(on)}</datereversed>'
            f"<description>{escape(why)}</description></reverse_invoice>"
        )

    def delete_invoice(self, invoice: str) -> None:
        self._call(f'<delete_invoice key="{escape(invoice)}"></delete_invoice>')

    def credit(self, invoice: Mapping[str, str], amount: Decimal, on: date, *, coding: Coding) -> str:
        """A credit memo for the invoice's customer, not applied to anything yet; its RECORDNO."""
        return self._call(
            f"<create_aradjustment><customerid>{escape(invoice['CUSTOMERID'])}</customerid>"
            f"<datecreated>{_date(on)}</datecreated><dateposted>{_date(on)}</dateposted>"
            f"<invoiceno>{escape(invoice['RECORDID'])}</invoiceno>{_currency(invoice['CURRENCY'])}"
            f"<aradjustmentitems>{coding.line(-amount)}</aradjustmentitems></create_aradjustment>"
        )

    def refund(
        self, invoice: Mapping[str, str], amount: Decimal, on: date, *, account: str, bank: str, location: str
    ) -> str:
        """Money given back of a paid invoice: a journal entry on the refund account, out of the bank; its RECORDNO.
        An amount below zero takes it back."""
        given = 1 if amount > 0 else -1
        lines = "".join(
            f"<GLENTRY><ACCOUNTNO>{escape(number)}</ACCOUNTNO><TR_TYPE>{side}</TR_TYPE><TRX_AMOUNT>{abs(amount)}</TRX_AMOUNT>"
            f"<LOCATION>{escape(location)}</LOCATION><CUSTOMERID>{escape(invoice['CUSTOMERID'])}</CUSTOMERID>"
            f"<DOCUMENT>{escape(invoice['RECORDID'])}</DOCUMENT></GLENTRY>"
            for number, side in ((account, given), (bank, -given))
        )
        return self._call(
            f"<create><GLBATCH><JOURNAL>GJ</JOURNAL><BATCH_DATE>{on:%m/%d/%Y}</BATCH_DATE>"
            f"<BATCH_TITLE>Refund</BATCH_TITLE><ENTRIES>{lines}</ENTRIES></GLBATCH></create>"
        )

    def apply(self, invoice: Mapping[str, str], memo: str, amount: Decimal, on: date, *, account: str) -> str:
        """A credit memo applied to an invoice, without money; the application's RECORDNO."""
        day = on.strftime("%m/%d/%Y")
        return self._call(
            f"<create><ARPYMT><UNDEPOSITEDACCOUNTNO>{escape(account)}</UNDEPOSITEDACCOUNTNO>"
            f"<PAYMENTMETHOD>EFT</PAYMENTMETHOD><CUSTOMERID>{escape(invoice['CUSTOMERID'])}</CUSTOMERID>"
            f"<RECEIPTDATE>{day}</RECEIPTDATE><PAYMENTDATE>{day}</PAYMENTDATE>"
            f"<CURRENCY>{escape(invoice['CURRENCY'])}</CURRENCY>"
            "<EXCH_RATE_TYPE_ID>Intacct Daily Rate</EXCH_RATE_TYPE_ID>"
            f"<ARPYMTDETAILS><ARPYMTDETAIL><RECORDKEY>{escape(invoice['RECORDNO'])}</RECORDKEY>"
            f"<ADJUSTMENTKEY>{escape(memo)}</ADJUSTMENTKEY><TRX_ADJUSTMENTAMOUNT>{amount}</TRX_ADJUSTMENTAMOUNT>"
            "</ARPYMTDETAIL></ARPYMTDETAILS></ARPYMT></create>"
        )

    def post_draft(self, invoice: str) -> None:
        self._call(f'<update_invoice key="{escape(invoice)}"><action>Submit</action></update_invoice>')

    def change_customer(self, customer_id: str, **values: str) -> None:
        """``ONHOLD="true"``, ``CREDITLIMIT="5000"`` ..."""
        fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
        self._call(f"<update><CUSTOMER><CUSTOMERID>{escape(customer_id)}</CUSTOMERID>{fields}</CUSTOMER></update>")

    def delete_customer(self, record_no: str) -> None:
        self._call(f"<delete><object>CUSTOMER</object><keys>{escape(record_no)}</keys></delete>")

    def invoice(
        self, customer_id: str, amount: Decimal, on: date, *, due: date, coding: Coding, number: str = ""
    ) -> str:
        """An invoice entered by hand; its RECORDNO."""
        numbered = f"<invoiceno>{escape(number)}</invoiceno>" if number else ""
        return self._call(
            f"<create_invoice><customerid>{escape(customer_id)}</customerid><datecreated>{_date(on)}</datecreated>"
            f"<dateposted>{_date(on)}</dateposted><datedue>{_date(due)}</datedue>{numbered}"
            f"<invoiceitems>{coding.line(amount)}</invoiceitems></create_invoice>"
        )

    def convert(self, order: Mapping[str, str], definition: str, on: date, *, item: str, location: str) -> str:
        """Bill a sales order whole, as one line of a document that posts an invoice; the new document's DOCID."""
        return self._call(
            f"<create_sotransaction><transactiontype>{escape(definition)}</transactiontype>"
            f"<datecreated>{_date(on)}</datecreated><createdfrom>{escape(order['DOCID'])}</createdfrom>"
            f"<customerid>{escape(order['CUSTVENDID'])}</customerid><termname>N30</termname>"
            f"<basecurr>{escape(order['BASECURR'])}</basecurr>"
            f"{_currency(order['CURRENCY'])}<sotransitems><sotransitem><itemid>{escape(item)}</itemid>"
            f"<quantity>1</quantity><price>{escape(order['TRX_TOTAL'])}</price><locationid>{escape(location)}</locationid>"
            "</sotransitem></sotransitems></create_sotransaction>"
        )

    def bill_again(
        self, customer_id: str, amount: Decimal, starts: date, *, every: str, coding: Coding, number: str
    ) -> str:
        """A recurring invoice from ``starts`` on, ``every`` "Years" or "Months"; its RECORDNO."""
        return self._call(
            f"<create_recurringinvoice><customerid>{escape(customer_id)}</customerid>"
            f"<datecreated>{_date(starts)}</datecreated><recordid>{escape(number)}</recordid><termname>N30</termname>"
            f"<startdate>{_date(starts)}</startdate><modenew>{escape(every)}</modenew><interval>1</interval>"
            f"<recurinvoiceitems>{coding.line(amount)}</recurinvoiceitems></create_recurringinvoice>"
        )

    def _call(self, function: str) -> str:
        who = self.access.intacct
        where = f"<locationid>{escape(self.entity)}</locationid>" if self.entity else ""
        body = (
            "<?xml version='1.0' encoding='UTF-8'?><request><control>"
            f"<senderid>{escape(who.sender_id)}</senderid><password>{escape(who.sender_password)}</password>"
            f"<controlid>person-{next(self._numbers)}</controlid><uniqueid>false</uniqueid><dtdversion>3.0</dtdversion>"
            "</control><operation><authentication><login>"
            f"<userid>{escape(who.user_id)}</userid><companyid>{escape(who.company_id)}</companyid>"
            f"<password>{escape(who.user_password)}</password>{where}</login></authentication>"
            f'<content><function controlid="1">{function}</function></content></operation></request>'
        )
        answer = requests.post(who.url, body.encode(), headers={"Content-Type": "application/xml"}, timeout=60)
        root = etree.fromstring(answer.content, _PARSER)
        if root.findtext(".//result/status") != "success":
            said = [one.text.strip() for one in root.iterfind(".//error/*") if one.text and one.text.strip()]
            raise Refused("; ".join(said) or f"status {answer.status_code}")
        return root.findtext(".//result/key") or ""


@dataclass
class SalesRep:
    """Somebody with a login to HubSpot."""

    access: Access

    def change(self, kind: str, record_id: str, **properties: str) -> None:
        self._call("PATCH", f"/crm/v3/objects/{kind}/{record_id}", {"properties": properties})

    def create(self, kind: str, properties: Mapping[str, str], to: Sequence[tuple[str, int]] = ()) -> str:
        """A record, associated with others (id and association type id); its id."""
        links = [
            {"to": {"id": other}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for other, type_id in to
        ]
        made = self._call("POST", f"/crm/v3/objects/{kind}", {"properties": dict(properties), "associations": links})
        return str(made["id"])

    def wins(
        self, name: str, company: str, lines: Sequence[Mapping[str, str]], pipeline: tuple[str, str], at: datetime
    ) -> str:
        """A deal with these line items, won ``at``; its id. ``pipeline``: its id and the won stage's."""
        amount = sum((Decimal(line["price"]) * Decimal(line["quantity"]) for line in lines), Decimal(0))
        deal = self.create(
            "deals",
            {
                "dealname": name,
                "amount": str(amount),
                "deal_currency_code": "USD",
                "pipeline": pipeline[0],
                "dealstage": pipeline[1],
                "closedate": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            [(company, DEAL_TO_PRIMARY_COMPANY)],
        )
        for line in lines:
            self.create("line_items", line, [(deal, LINE_ITEM_TO_DEAL)])
        return deal

    def _call(self, method: str, path: str, body: Any) -> Any:
        who = self.access.hubspot
        headers = {"Authorization": f"Bearer {who.token}"}
        answer = requests.request(method, f"{who.url}{path}", json=body, headers=headers, timeout=60)
        if answer.status_code >= 300:
            raise Refused(f"{method} {path}: {answer.text[:500]}")
        return answer.json()


DEAL_TO_PRIMARY_COMPANY = 5
LINE_ITEM_TO_DEAL = 20


def _date(day: date) -> str:
    return f"<year>{day.year}</year><month>{day.month:02}</month><day>{day.day:02}</day>"


def _currency(code: str) -> str:
    """Documents in the entity's own currency name it too; the rate is then the company's usual one."""
    return f"<currency>{escape(code)}</currency><exchratetype>Intacct Daily Rate</exchratetype>" if code else ""
