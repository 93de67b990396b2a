"""The HubSpot deal of a renewal: its properties and line items, and what of it may be renewed itself. Pure.

What a rep changed is the rep's: a value is only replaced while HubSpot still shows what Tieout wrote last.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.source_key import ensure_source_keys
from include.core.decisions import Json, Key, Ref, Update, Write
from include.core.money import BadAmount, decimal_of
from include.core.recurrence import Term
from include.flows.deals.writeback import GROUP
from include.flows.renewals.billing import CONTINUES, ENDS, RENEWAL_BILLING
from include.flows.renewals.lookup import DealSeen
from include.flows.renewals.match import EXISTING_BUSINESS, mark
from include.flows.renewals.price import Offer, OfferLine
from include.flows.renewals.records import Contract
from include.flows.renewals.settings import RenewalSettings

_NOON = time(12)


def _text(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "string", "text", description)


DEAL_DEFINITIONS = (
    _text("intacct_contract", "Intacct contract", "The recurring invoice, or the invoice, that is renewed"),
    PropertyDefinition("intacct_renewal_start", "Intacct renewal start", "date", "date", "First day of the new term"),
    PropertyDefinition("intacct_renewal_end", "Intacct renewal end", "date", "date", "Last day of the new term"),
    PropertyDefinition("intacct_renewal_amount", "Intacct renewal amount", "number", "number", "Of the whole new term"),
    _text("intacct_renewal_currency", "Intacct renewal currency", "ISO 4217 code"),
    _text(RENEWAL_BILLING, "Intacct renewal billing", "Whether the recurring invoice continues or ends"),
    _text("tieout_renewal", "Tieout renewal", "Which renewal the deal stands for; do not edit"),
    _text("tieout_renews_deal", "Tieout renews deal", "The id of the deal that is renewed"),
    PropertyDefinition(
        "tieout_close_date", "Tieout close date", "date", "date", "The close date that Tieout wrote last"
    ),
)
LINE_DEFINITIONS = (
    _text("tieout_contract_line", "Tieout contract line", "The recurring invoice's line; do not edit"),
    _text("tieout_wrote", "Tieout wrote", "Quantity and price that Tieout wrote last; do not edit"),
)


def ensure_renewal_properties(hubspot: HubSpotClient) -> list[str]:
    """Create what is missing in HubSpot; the names of what was created."""
    ensure_source_keys(hubspot, ["deal", "line_item"])
    return [
        *ensure_properties(hubspot, "deals", GROUP, DEAL_DEFINITIONS),
        *ensure_properties(hubspot, "line_items", GROUP, LINE_DEFINITIONS),
    ]


def renewal_key(record_no: str, start: date, line_id: str = "") -> Key:
    """The deal of a contract and term, or one of its line items."""
    part = f"renewal-{start.isoformat()}"
    if line_id:
        return Key("hubspot", "line_item", "intacct", "recurring_invoice", record_no, f"{part}-line-{line_id}")
    return Key("hubspot", "deal", "intacct", "recurring_invoice", record_no, part)


class RenewalDeal:
    """One renewal as HubSpot is to show it."""

    def __init__(self, contract: Contract, term: Term, offer: Offer, zone: ZoneInfo, settings: RenewalSettings) -> None:
        self.contract, self.term, self.offer, self._zone, self._settings = contract, term, offer, zone, settings
        self.key = renewal_key(contract.record_no, term.start)
        self.closes = term.start - timedelta(days=settings.close_days_before)
        self.title = f"{contract.title}: renewal from {term.start} to {term.end}"

    @property
    def figures(self) -> dict[str, str]:
        """What every deal of this renewal shows, whoever made it."""
        return {
            "intacct_contract": self.contract.number or self.contract.record_no,
            "intacct_renewal_start": self.term.start.isoformat(),
            "intacct_renewal_end": self.term.end.isoformat(),
            "intacct_renewal_amount": self.offer.total.text,
            "intacct_renewal_currency": self.contract.currency,
            RENEWAL_BILLING: self._billing,
            "tieout_renewal": mark(self.contract.record_no, self.term.start),
        }

    @property
    def _billing(self) -> str:
        if not self.contract.is_recurring:
            return ""
        return CONTINUES if self.contract.schedule.is_endless else ENDS

    def writes(self, company: CrmRecord, owner_id: str | None, renewed: DealSeen | None) -> Iterator[Write]:
        """The deal and its line items, for whoever has none yet."""
        name = f"{company.properties.get('name') or self.contract.customer_id}: renewal from {self.term.start}"
        properties: Json = {
            "dealname": f"{name} ({self.contract.number})" if self.contract.number else name,
            "dealtype": EXISTING_BUSINESS,
            "pipeline": self._settings.pipeline,
            "dealstage": self._settings.stage,
            "amount": self.offer.total.text,
            "deal_currency_code": self.contract.currency,
            "closedate": self._close_instant(),
            "hubspot_owner_id": owner_id,
            "tieout_close_date": self.closes.isoformat(),
            "tieout_renews_deal": renewed.deal_id if renewed else None,
            **self.figures,
        }
        associations = [{"to": "companies", "id": company.id}]
        if renewed:
            associations.append({"to": "deals", "id": renewed.deal_id})
        payload = {"properties": properties, "associations": associations}
        yield Write(self.key, payload, self._facts(), summary=f"{self.title}, {self.offer.total}")
        yield from (self._line_write(n, line, Ref(self.key).to_json()) for n, line in enumerate(self.offer.lines))

    def updates(self, deal: DealSeen) -> Iterator[Update | Write]:
        """Our open deal as the contract is now: figures always; amount, close date and prices unless a rep changed
        them. Lines that the contract got since are added, those that it lost get the price zero."""
        shown = deal.properties
        values: dict[str, str | None] = dict(self.figures)
        if _same_number(shown.get("amount"), shown.get("intacct_renewal_amount")):
            values["amount"] = self.offer.total.text
        if self._close_day(shown.get("closedate")) == (shown.get("tieout_close_date") or "never"):
            values |= {"closedate": self._close_instant(), "tieout_close_date": self.closes.isoformat()}
        yield Update("hubspot", "deals", deal.deal_id, self.contract.record_no, values, self.title)
        lines = {one.properties.get("tieout_contract_line"): one for one in deal.lines}
        for n, line in enumerate(self.offer.lines):
            there = lines.pop(line.line_id, None)
            if there is not None:
                yield from self._line_update(there, line.quantity, line.price)
            elif deal.key != self.key.document_key():
                # What ``writes`` would hang on the deal of its own key belongs on the one that moved.
                yield self._line_write(n, line, deal.deal_id)
        for contract_line, gone in lines.items():
            if contract_line:
                yield from self._line_update(gone, gone.properties.get("quantity") or "1", "0")

    def link(self, deal: DealSeen) -> Update:
        """The figures beside a rep's own ones, which stay."""
        why = f"{self.title}: linked with deal {deal.deal_id}, which a rep made"
        return Update("hubspot", "deals", deal.deal_id, self.contract.record_no, self.figures, why)

    def _facts(self) -> Json:
        # Prices and dates may change while the deal is open; they are updated, so they are no part of what it is.
        return {"recurring_invoice": self.contract.record_no, "term_start": self.term.start.isoformat()}

    def _close_instant(self) -> str:
        """Noon in the entity's zone: the same day for every reader up to twelve hours away."""
        return datetime.combine(self.closes, _NOON, self._zone).astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _close_day(self, text: str | None) -> str:
        try:
            return datetime.fromisoformat(text or "").astimezone(self._zone).date().isoformat()
        except ValueError:
            return ""

    def _line_write(self, position: int, line: OfferLine, parent: Json | str) -> Write:
        offer, start = self.offer, self.term.start.isoformat()
        properties: Json = {
            "name": line.name,
            "hs_sku": line.sku or None,
            "hs_product_id": line.product_id or None,
            "quantity": line.quantity,
            "price": line.price,
            "hs_line_item_currency_code": self.contract.currency,
            "hs_position_on_quote": str(position),
            "tieout_contract_line": line.line_id,
            "tieout_wrote": _wrote(line.quantity, line.price),
        }
        if offer.frequency:
            properties |= {
                "recurringbillingfrequency": offer.frequency,
                "hs_recurring_billing_start_date": start,
                "hs_recurring_billing_period": f"P{offer.months}M" if offer.months else None,
                "hs_term_in_months": str(offer.months) if offer.months else None,
            }
        key = renewal_key(self.contract.record_no, self.term.start, line.line_id)
        payload = {"properties": properties, "associations": [{"to": "deals", "id": parent}]}
        return Write(key, payload, {**self._facts(), "line": line.line_id}, summary=f"{self.title}, line {line.name}")

    def _line_update(self, there: CrmRecord, quantity: str, price: str) -> Iterator[Update]:
        shown = there.properties
        written = shown.get("tieout_wrote") or "never"
        if _wrote(shown.get("quantity") or "1", shown.get("price") or "0") != written:
            return
        values = {"quantity": quantity, "price": price, "tieout_wrote": _wrote(quantity, price)}
        if self.offer.frequency:
            values["hs_recurring_billing_start_date"] = self.term.start.isoformat()
        yield Update("hubspot", "line_items", there.id, self.contract.record_no, values, f"{self.title}, a line")


def _wrote(quantity: str, price: str) -> str:
    try:
        return f"{_plain(quantity)} x {_plain(price)}"
    except BadAmount:
        return ""


def _plain(number: str) -> str:
    value = decimal_of(number)
    return f"{value.normalize():f}" if value else "0"


def _same_number(one: str | None, other: str | None) -> bool:
    try:
        return Decimal(one or "") == Decimal(other or "")
    except ArithmeticError:
        return False
