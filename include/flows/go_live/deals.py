"""Finding the deals won before the cut-over, and reading what tells which invoice is whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.records import Invoice
from include.core.books import Books
from include.core.decisions import Hold
from include.core.errors import RecordError
from include.core.fingerprint import Fingerprint
from include.core.money import Money
from include.core.windows import ZONE_SPREAD, Window
from include.flows.customers.company_customer import CustomerDirectory, which_customer
from include.flows.customers.lookup import customers_of_companies, known_customer
from include.flows.deals.bill import HoldThis
from include.flows.deals.extract import read_deals, won_stages_of
from include.flows.deals.invoice_lines import number_in
from include.flows.deals.pricing import billing_entity, won_at
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.go_live.hand_entered import read_hand_entered, read_nets, without_deal
from include.flows.run import FlowRun

NEAR = timedelta(days=31)
"""An invoice further from the win is not looked at: the same amount again in another month is another sale."""

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class OldDeal:
    """A deal by what tells its invoice. ``problem``: why nobody can say whose or how much it is. ``has_invoice``: it
    has one already; ``before``: it was won before the cut-over."""

    record: DealRecord
    before: bool = False
    has_invoice: bool = False
    fingerprint: Fingerprint | None = None
    problem: Hold | None = None

    @property
    def deal_id(self) -> str:
        return self.record.deal_id


def find_old_deals(hubspot: HubSpotClient, window: Window, settings: WonDealSettings, days_back: int) -> Iterator[str]:
    """Won deals of the window's won dates; without dates all of the days before the cut-over, whenever they changed."""
    if window.kind == "records":
        yield from window.ids
        return
    first, last = window.instants
    if window.kind == "modified":
        last = datetime.combine(settings.go_live, time(), UTC) + ZONE_SPREAD
        first = last - timedelta(days=days_back)
    won = sorted({stage for stages in won_stages_of(hubspot, settings).values() for stage in stages})
    group = [
        Filter.is_in("dealstage", won),
        Filter.at_least(settings.won_date, first),
        Filter.less_than(settings.won_date, last),
    ]
    for found in iter_search(hubspot, "deals", [group], ["hs_object_id"]):
        yield found.id


def read_rivals(hubspot: HubSpotClient, records: Sequence[DealRecord], settings: WonDealSettings) -> list[DealRecord]:
    """The other deals of the same companies, whichever slice of the run they are in: an invoice may be theirs."""
    companies = sorted({record.company_id for record in records if record.company_id})
    ours = {record.deal_id for record in records}
    tied = read_associations(hubspot, "companies", "deals", companies)
    others = sorted({one.to_id for some in tied.values() for one in some} - ours, key=int)
    return [record for record in read_deals(hubspot, others, settings) if record.is_won] if others else []


def old_deals(
    run: FlowRun, records: Sequence[DealRecord], links: InvoiceLinks, settings: WonDealSettings
) -> list[OldDeal]:
    """Each deal with its customer, amount, day and purchase order. Deals that have an invoice, or that are not won, are
    read no further."""
    linked = {deal for deal, its in links.invoices_of(one.deal_id for one in records).items() if its.record_nos}
    asked = [one for one in records if one.is_won and one.company_id and one.deal_id not in linked]
    companies = {one.company_id: one.sheets for one in asked}
    merged = {old for one in asked for old in one.merged_companies}
    known = run.store.xrefs("hubspot", "company", sorted({*companies, *merged}), "intacct", "customer")
    customers = customers_of_companies(run.intacct, companies.values(), known, settings.customer) if companies else []
    directory = CustomerDirectory(customers, settings.customer)

    def told(record: DealRecord) -> OldDeal:
        if record.deal_id in linked or not record.is_won:
            return OldDeal(record, has_invoice=record.deal_id in linked)
        try:
            day = _won_on(record, settings, run.books)
            before = day < settings.go_live
            if not record.company_id:
                raise HoldThis("no_company", record.no_company_reason)
            amount = Money.of(str(number_in(record.amount, "the deal's amount")), record.currency)
            own = known_customer(record.sheets, customers, known, settings.customer)
            found = which_customer(record.sheets, record.deal_id, directory, own, settings.customer)
        except HoldThis as error:
            return OldDeal(record, True, problem=_hold(record, error.code, error.message))
        except (RecordError, ValueError, ArithmeticError) as error:
            why = error.message if isinstance(error, RecordError) else "its amount or currency cannot be used"
            return OldDeal(record, True, problem=_hold(record, "cannot_plan", f"{why}."))
        if isinstance(found, Hold):
            return OldDeal(record, before, problem=_hold(record, found.code, found.message))
        if found is None:
            return OldDeal(record, before)
        customer = found.customer.customer_id
        return OldDeal(
            record, before, fingerprint=Fingerprint(record.deal_id, customer, amount, day, _po(record, settings))
        )

    return [told(record) for record in records]


def read_invoices_near(
    run: FlowRun, links: InvoiceLinks, deals: Iterable[OldDeal]
) -> tuple[list[Invoice], dict[str, Money]]:
    """The invoices without a deal of these deals' customers, dated near their wins; and by record number what each
    bills without its tax."""
    prints = [one.fingerprint for one in deals if one.fingerprint and one.before]
    if not prints:
        return [], {}
    first, last = min(one.day for one in prints) - NEAR, max(one.day for one in prints) + NEAR
    customers = {one.customer_id for one in prints}
    found = read_hand_entered(links, customers, first, last, run.books.company_currency)
    alike = {(one.customer_id, one.amount) for one in prints}
    nets = read_nets(links, found, run.books.company_currency)
    near = [one for one in found if {(one.customer_id, one.total), (one.customer_id, nets[one.record_no])} & alike]
    return without_deal(links, near), nets


def _won_on(record: DealRecord, settings: WonDealSettings, books: Books) -> date:
    """The won date in the billing entity's calendar; in UTC where no entity is known, which a deal of the past need not
    have."""
    try:
        _, entity = billing_entity(record.sheets, settings, books)
    except HoldThis:
        return won_at(record, _UTC, settings).date()
    return won_at(record, entity.zone, settings).date()


def _po(record: DealRecord, settings: WonDealSettings) -> str:
    source = settings.fields.header.get("ponumber")
    return (source.value(record.sheets) or "") if source else ""


def _hold(record: DealRecord, code: str, message: str) -> Hold:
    return Hold(record.deal_id, code, f"{record.title}: {message}")
