"""A deal that is about to be billed and of which somebody may have entered the invoice by hand already: asked before it
is billed twice (accounting case 74, after go-live)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from include.connectors.intacct.invoices import get_invoices
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.target_objects import PLAN
from include.core.decisions import Decision, Hold, Skip, Write
from include.core.fingerprint import Fingerprint, look_alikes
from include.core.money import Money, sum_money
from include.core.tax import Prices
from include.flows.deals.documents import invoice_key, order_key
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.taxed import TAXED
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.figures.of_deal import NUMBERS
from include.flows.go_live.hand_entered import (
    fingerprint_of,
    in_words,
    is_by_hand,
    read_hand_entered,
    read_nets,
    was_by_hand,
    without_deal,
)
from include.flows.go_live.plan import link_token, link_update
from include.flows.instalments.contract import INSTALMENTS

MAYBE, PARTLY = "maybe_invoiced_by_hand", "partly_invoiced_by_hand"
_BILL = "bill"


def kept_for_hands(
    links: InvoiceLinks,
    planned: Sequence[Decision],
    records: Sequence[DealRecord],
    settings: WonDealSettings,
    approved: Collection[str],
    company_currency: str,
) -> list[Decision]:
    """The plan without the documents of deals that people have invoiced, and with a hold for each that may be."""
    left = without_invoiced(links, planned, records, settings.tax.prices, approved, company_currency)
    return asked_about_look_alikes(links, left, records, settings.look_alike_days, approved, company_currency)


def without_invoiced(
    links: InvoiceLinks,
    planned: Sequence[Decision],
    records: Iterable[DealRecord],
    prices: Prices,
    approved: Collection[str],
    company_currency: str,
) -> list[Decision]:
    """The plan, with a ``Skip`` for each deal that has a standing invoice which somebody entered by hand: named on the
    deal, or linked to it (a ``Hold`` where that bills but a part of its instalments, or was reversed since, unless a
    person said to bill the deal). Only deals that show a number, or have a link, cost a call."""
    new = {one.key.source_id for one in planned if isinstance(one, Write) and _is_first(one)}
    maybe = {record.deal_id for record in records if record.deal_id in new and record.deal.get(NUMBERS)}
    maybe |= {link.deal_id for link in links.state.links_of_deals(new)} if new else set()
    if not maybe:
        return list(planned)
    linked = links.invoices_of(maybe)
    numbers = {number for its in linked.values() for number in its.record_nos}
    read = {
        one.record_no: one
        for one in get_invoices(
            links.intacct, numbers, company_currency=company_currency, document_key=links.document_key
        )
        if is_by_hand(one) or was_by_hand(one)
    }
    has = {deal: [read[n] for n in its.record_nos if n in read] for deal, its in linked.items()}
    nets = read_nets(links, read.values(), company_currency)
    return [
        _left_to_hands(one, has[one.key.source_id], nets, prices, approved)
        if isinstance(one, Write) and _is_first(one) and has.get(one.key.source_id)
        else one
        for one in planned
    ]


def asked_about_look_alikes(
    links: InvoiceLinks,
    planned: Sequence[Decision],
    records: Iterable[DealRecord],
    days: int | None,
    approved: Collection[str],
    company_currency: str,
) -> list[Decision]:
    """The plan, with each deal's first document held while an invoice without a deal looks like it; linked, or kept in
    the plan, as a person said. ``days``: how far the dates may be apart; ``None`` looks for nothing.

    A query for the slice's known customers, and the links' calls where anything looks alike.
    """
    prints = {one.key.source_id: _print(one) for one in planned if isinstance(one, Write) and _is_new(one)}
    if days is None or not prints:
        return list(planned)
    first, last = min(one.day for one in prints.values()), max(one.day for one in prints.values())
    customers = {one.customer_id for one in prints.values()}
    span = timedelta(days=days)
    read = read_hand_entered(links, customers, first - span, last + span, company_currency)
    nets = read_nets(links, read, company_currency)
    shown = [fingerprint_of(one, nets[one.record_no]) for one in read]
    near = {number for one in prints.values() for number in look_alikes(one, shown, days=days)}
    free = {one.record_no: one for one in without_deal(links, [one for one in read if one.record_no in near])}
    left = [one for one in shown if one.id in free]
    alike = {deal: [free[n] for n in look_alikes(one, left, days=days)] for deal, one in prints.items()}
    sheets = {record.deal_id: record for record in records}
    return [
        _asked(one, sheets[one.key.source_id], alike[one.key.source_id], nets, approved)
        if isinstance(one, Write) and _is_new(one) and alike[one.key.source_id]
        else one
        for one in planned
    ]


def _left_to_hands(
    write: Write, by_hand: Sequence[Invoice], nets: Mapping[str, Money], prices: Prices, approved: Collection[str]
) -> Decision:
    """A deal in instalments of which people billed less than the whole is held: nobody can tell which of them. So is
    one whose invoice they reversed: whether it is billed again is theirs to say."""
    deal, facts = write.key.source_id, write.facts
    entered = [one for one in by_hand if is_by_hand(one)]
    names = "; ".join(map(in_words, entered or by_hand))
    if not entered:
        token = f"{deal}:{_BILL}"
        message = (
            f"Deal {deal}: its invoice that was entered by hand was reversed in Intacct: {names}. To bill the deal, "
            f"run the flow with approve: {token}; else enter an invoice for it by hand, or set the deal back."
        )
        details = {"approve": [token], "invoices": [one.record_no for one in by_hand]}
        return write if token in approved else Hold(deal, MAYBE, message, details)
    whole = Money.of(str(facts["total"]), str(facts["currency"]))
    same = [one for one in entered if one.total.currency == whole.currency]
    stated = (nets[one.record_no] if prices == "exclusive" else one.total for one in same)
    billed = sum_money(stated, whole.currency)
    if len(facts.get(INSTALMENTS) or ()) < 2 or billed >= whole:
        return Skip(deal, f"invoiced by hand: {names}")
    message = (
        f"Deal {deal}: people have billed {billed} of it by hand ({names}), and it is billed in instalments over "
        f"{whole}, so nobody can tell which of them are billed. Enter the rest by hand on its days as well, and its "
        "invoices' numbers on the deal."
    )
    return Hold(deal, PARTLY, message, {"invoices": [one.record_no for one in entered]})


def _is_first(write: Write) -> bool:
    """Whether it makes the first document of a deal."""
    return bool(write.payload) and write.key in (invoice_key(write.key.source_id), order_key(write.key.source_id))


def _is_new(write: Write) -> bool:
    """The same, to a customer that is there already."""
    return _is_first(write) and isinstance(_customer(write), str)


def _customer(write: Write) -> object:
    return write.payload.get("customerid")


def _print(write: Write) -> Fingerprint:
    facts, payload = write.facts, write.payload
    total = write.expect.get("TRX_TOTALENTERED") or write.expect["TRX_TOTAL"]  # with its tax, as people enter it too
    net = payload.get(PLAN, {}).get(TAXED, {}).get("net") or total
    po = payload.get("ponumber") or payload.get("referenceno") or ""
    return Fingerprint(
        write.key.source_id,
        str(_customer(write)),
        Money.of(total, str(facts["currency"])),
        date.fromisoformat(str(facts["invoice_date"])),
        str(po),
        Money.of(net, str(facts["currency"])),
    )


def _asked(
    write: Write, record: DealRecord, alike: Sequence[Invoice], nets: Mapping[str, Money], approved: Collection[str]
) -> Decision:
    deal, bill = record.deal_id, f"{record.deal_id}:{_BILL}"
    if bill in approved:
        return write
    tokens = [link_token(deal, one.record_no) for one in alike]
    chosen = [one for one, token in zip(alike, tokens, strict=True) if token in approved]
    if chosen:
        update = link_update(deal, record.deal.get(NUMBERS), chosen, record.title)
        return replace(update, values={**update.values, "tieout_state": "", "tieout_message": ""})
    listed = "; ".join(in_words(one, nets[one.record_no]) for one in alike)
    message = (
        f"{record.title}: somebody may have invoiced it by hand: {listed}, to the same "
        f"customer over the same amount. To link it, run the flow with approve: {' or '.join(tokens)}; to bill the "
        f"deal all the same, with approve: {bill}"
    )
    return Hold(deal, MAYBE, message, {"approve": [*tokens, bill], "invoices": [one.record_no for one in alike]})
