"""How the documents of changed deals stand in Intacct now. ``read_live`` asks for all of a slice's at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application
from include.connectors.intacct.invoices import get_invoice_entities, get_invoice_lines
from include.connectors.intacct.lines import Line, chunks
from include.connectors.intacct.query import read_together
from include.connectors.intacct.receivables import adjustment_queries, adjustments_of
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.settlements import Settlement, read_settlements
from include.core.books import Books
from include.core.changed_deal_table import State
from include.core.money import Money, sum_money
from include.core.periods import closed_through
from include.flows.deals.documents import MEMO, DealDocuments
from include.flows.figures.entity_days import day_in, today_by_entity
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.figures.invoice_shares import read_sharing
from include.flows.figures.invoice_standing import InvoiceStanding, standing_of


@dataclass(frozen=True, slots=True)
class LiveInvoice:
    """``by_hand`` is what credit memos that Tieout did not make took off it. ``ours``: Tieout made it for this deal."""

    invoice: Invoice
    standing: InvoiceStanding
    entity_id: str
    lines: tuple[Line, ...]
    by_hand: Money
    ours: bool

    @property
    def name(self) -> str:
        return self.standing.number or self.standing.record_no


@dataclass(frozen=True, slots=True)
class LiveDeal:
    """``currency`` is what the deal was billed in; ``invoices`` are all of the deal's, by record number; ``memos`` the
    credit memos that Tieout made for it and that stand. ``shared``: another deal has one of the invoices too."""

    currency: str
    invoices: tuple[LiveInvoice, ...] = ()
    memos: tuple[Adjustment, ...] = ()
    shared: bool = False
    ended_by_us: frozenset[str] = frozenset()

    @property
    def standing(self) -> tuple[LiveInvoice, ...]:
        """In the books, or drafts of it: not reversed."""
        return tuple(one for one in self.invoices if one.standing.status != "reversed")

    @property
    def net(self) -> Money:
        """What the standing documents bill together: invoices less credit memos."""
        billed = sum_money((one.standing.invoiced - one.by_hand for one in self.standing), self.currency)
        return billed + sum_money((memo.total for memo in self.memos), self.currency)

    @property
    def open(self) -> Money:
        return sum_money((one.standing.balance for one in self.standing if one.standing.is_live), self.currency)

    @property
    def receivable(self) -> Money:
        """What the customer owes for this deal, less its credit that is not applied yet."""
        return self.open + sum_money((memo.balance for memo in self.memos), self.currency)

    @property
    def state(self) -> State:
        """The row of the table. A draft beside posted invoices counts as what those are."""
        standing = [one.standing for one in self.standing]
        posted = [one for one in standing if one.status != "draft"]
        if not standing:
            by_hand = [one for one in self.invoices if one.standing.record_no not in self.ended_by_us]
            return "reversed" if by_hand else "none"
        if not posted:
            return "draft"
        if any(one.status == "written_off" for one in posted):
            return "written_off"
        if all(one.balance.is_zero for one in posted):
            return "paid"
        untouched = all(one.status == "open" for one in posted) and not self.memos
        return "posted_unpaid" if untouched else "partly_paid"

    @property
    def is_mixed(self) -> bool:
        """Drafts beside posted invoices."""
        return len({one.standing.status == "draft" for one in self.standing}) > 1

    def period_open(self, books: Books) -> bool:
        """Whether every standing document's posting date is open."""
        for one in self.standing:
            entity = books.entities.get(one.entity_id)
            closed = closed_through(entity, "AR") if entity else None
            posted = one.invoice.posting_date or one.invoice.invoice_date
            if closed is not None and posted <= closed:
                return False
        return True

    @property
    def fingerprint(self) -> dict[str, str]:
        """What a plan was made on: every document's state and amounts, by record number."""
        shown = {
            one.standing.record_no: f"{one.invoice.state} {one.standing.invoiced} {one.standing.balance}"
            for one in self.invoices
        }
        return shown | {f"memo {memo.record_no}": f"{memo.total} {memo.balance}" for memo in self.memos}


def read_live(
    links: InvoiceLinks, documents: Mapping[str, DealDocuments], books: Books, now: datetime
) -> dict[str, LiveDeal]:
    """Deal id -> its documents as they stand. Deals that HubSpot no longer has are told by the log alone.

    For 500 invoices: the links' calls, two requests for settlements, two for lines and entities, one for credit memos.
    """
    if not documents:
        return {}
    linked = links.invoices_of(documents)
    sharing = read_sharing(links, linked)
    made = {deal: its.made("invoice") for deal, its in documents.items()}
    numbers = {
        deal: sorted({*made[deal], *(linked[deal].record_nos if deal in linked else ())}, key=int) for deal in documents
    }
    memos = _memos(links, [memo for its in documents.values() for memo in its.made(MEMO)], books)
    every = sorted({number for its in numbers.values() for number in its}, key=int)
    settlements = {
        one.invoice.record_no: one
        for one in read_settlements(
            links.intacct, every, company_currency=books.company_currency, document_key=links.document_key
        )
    }
    lines = get_invoice_lines(links.intacct, every, company_currency=books.company_currency) if every else {}
    entities = get_invoice_entities(links.intacct, (one.invoice for one in settlements.values()))
    today = today_by_entity(books, now)

    def live(deal: str, record_no: str) -> LiveInvoice:
        settlement = settlements[record_no]
        entity_id = entities.get(record_no, "")
        return LiveInvoice(
            settlement.invoice,
            standing_of(settlement, day_in(entity_id, today), books.bad_debt_accounts),
            entity_id,
            lines.get(record_no, ()),
            _by_hand(settlement, memos, books.bad_debt_accounts),
            record_no in made[deal],
        )

    return {
        deal: LiveDeal(
            _currency(its, [settlements[number].invoice for number in numbers[deal] if number in settlements]),
            tuple(live(deal, number) for number in numbers[deal] if number in settlements),
            tuple(memos[memo] for memo in its.made(MEMO) if memo in memos and memos[memo].counts),
            sharing.is_shared(deal),
            frozenset(its.ended),
        )
        for deal, its in documents.items()
    }


def _currency(documents: DealDocuments, invoices: list[Invoice]) -> str:
    """Of the newest invoice: after a change of currency the older ones are reversed or credited in full."""
    return invoices[-1].total.currency if invoices else documents.currency


def posted_in(one: LiveInvoice) -> date:
    return one.invoice.posting_date or one.invoice.invoice_date


def _memos(links: InvoiceLinks, record_nos: Collection[str], books: Books) -> dict[str, Adjustment]:
    found: list[Adjustment] = []
    for chunk in chunks(record_nos):
        heads, items = read_together(links.intacct, adjustment_queries(chunk))
        found += adjustments_of(heads, items, company_currency=books.company_currency)
    return {memo.record_no: memo for memo in found}


def _by_hand(settlement: Settlement, ours: Collection[str], bad_debt_accounts: Collection[str]) -> Money:
    def counts(one: Application) -> bool:
        if one.source == "negative_invoice":
            return True
        memo = settlement.adjustments.get(one.source_id)
        written_off = memo is not None and memo.is_write_off(bad_debt_accounts)
        return one.source == "adjustment" and one.source_id not in ours and not written_off

    return sum_money((one.amount for one in settlement.standing if counts(one)), settlement.invoice.total.currency)
