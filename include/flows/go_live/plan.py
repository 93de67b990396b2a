"""What becomes of each deal won before the cut-over: linked to its invoice once a person has said which it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from include.connectors.intacct.records import Invoice
from include.core.decisions import Decision, Hold, Skip, Update
from include.core.fingerprint import NoneFound, Proposed, Review, proposed_links
from include.core.money import Money
from include.core.tax import Prices
from include.flows.figures.of_deal import NUMBERS, SEPARATOR, numbers_in
from include.flows.go_live.deals import OldDeal
from include.flows.go_live.hand_entered import fingerprint_of, in_words

PROPOSED, AMBIGUOUS = "link_proposed", "link_ambiguous"
_LINK, _NONE = "link-", "no-link"


def link_token(deal_id: str, record_no: str) -> str:
    """What a person approves: this invoice (by record number) is this deal's."""
    return f"{deal_id}:{_LINK}{record_no}"


def none_token(deal_id: str) -> str:
    """What a person approves: none of the invoices shown is this deal's."""
    return f"{deal_id}:{_NONE}"


def links_in(approved: Iterable[str]) -> dict[str, list[str]]:
    """Deal id -> the record numbers of the invoices that a person says are its own."""
    found: dict[str, list[str]] = {}
    for deal, _, what in (one.partition(":") for one in approved):
        if what.startswith(_LINK):
            found.setdefault(deal, []).append(what.removeprefix(_LINK))
    return found


def dismissed_by(approved: Iterable[str]) -> set[str]:
    """The deals of which a person says that they have no invoice."""
    return {deal for deal, _, what in (one.partition(":") for one in approved) if what == _NONE}


def plan(
    deals: Sequence[OldDeal],
    rivals: Sequence[OldDeal],
    invoices: Sequence[Invoice],
    nets: Mapping[str, Money],
    prices: Prices,
    days: int,
    approved: Collection[str],
    dismissed: Collection[str],
) -> list[Decision]:
    """For every one of ``deals`` the ``Update`` that names its invoice, a ``Hold`` with a proposal or with what a
    person must choose from, or a ``Skip``. ``rivals`` have a claim on invoices and get no decision. ``dismissed``:
    deals that have no invoice, as a person said. ``nets``: what each invoice bills without its tax; ``prices``: whether
    deals state theirs with it."""
    claiming = [one for one in (*deals, *rivals) if one.fingerprint and one.deal_id not in dismissed]
    shown = [fingerprint_of(one, nets[one.record_no], prices) for one in invoices]
    links = proposed_links([one.fingerprint for one in claiming if one.fingerprint], shown, days=days)
    found = {link.deal_id: link for link in links}
    by_number = {one.record_no: one for one in invoices}
    return [_decide(deal, found.get(deal.deal_id), by_number, nets, approved, dismissed) for deal in deals]


def _decide(
    deal: OldDeal,
    link: Proposed | Review | NoneFound | None,
    invoices: Mapping[str, Invoice],
    nets: Mapping[str, Money],
    approved: Collection[str],
    dismissed: Collection[str],
) -> Decision:
    if deal.has_invoice:
        return Skip(deal.deal_id, "it has its invoice")
    if not deal.record.is_won:
        return Skip(deal.deal_id, "not won")
    if not deal.before:
        return Skip(deal.deal_id, "won on or after the cut-over date: it is invoiced, not linked")
    if deal.deal_id in dismissed:
        return Skip(deal.deal_id, "it has no invoice, as a person said")
    if deal.problem:
        return deal.problem
    match link:
        case Proposed(invoice_id=number):
            return _offered(deal, [invoices[number]], nets, "", approved)
        case Review(invoice_ids=numbers, why=why):
            return _offered(deal, [invoices[number] for number in numbers], nets, why, approved)
        case _:
            return Skip(deal.deal_id, "no invoice of its customer has its amount")


def _offered(
    deal: OldDeal, invoices: Sequence[Invoice], nets: Mapping[str, Money], why: str, approved: Collection[str]
) -> Decision:
    """``why``: what keeps it from being a proposal."""
    chosen = [one for one in invoices if link_token(deal.deal_id, one.record_no) in approved]
    if chosen:
        return _linked(deal, chosen)
    tokens = [link_token(deal.deal_id, one.record_no) for one in invoices]
    listed = "; ".join(in_words(one, nets[one.record_no]) for one in invoices)
    stale = any(one.startswith(f"{deal.deal_id}:") for one in approved)
    said = "What was approved is not shown any more. " if stale else ""
    which = f"looks like its invoice: {listed}" if not why else f"could be its invoice, but {why}: {listed}"
    message = (
        f"{deal.record.title}: {said}Entered by hand in Intacct, {which}. To link it, run this DAG with approve: "
        f"{' or '.join(tokens)}; if it has no invoice, with approve: {none_token(deal.deal_id)}"
    )
    details = {"approve": [*tokens, none_token(deal.deal_id)], "invoices": [one.record_no for one in invoices]}
    return Hold(deal.deal_id, AMBIGUOUS if why else PROPOSED, message, details)


def _linked(deal: OldDeal, invoices: Sequence[Invoice]) -> Update:
    return link_update(deal.deal_id, deal.record.deal.get(NUMBERS), invoices, deal.record.title)


def link_update(deal_id: str, shown: str | None, invoices: Sequence[Invoice], title: str) -> Update:
    """The invoices' numbers on the deal, beside those that stand there: every flow takes them for the deal's from then
    on."""
    numbers = [*numbers_in(shown), *(one.number for one in invoices)]
    values = {NUMBERS: SEPARATOR.join(dict.fromkeys(numbers))}
    told = ", ".join(map(in_words, invoices))
    return Update("hubspot", "deals", deal_id, deal_id, values, f"{title}: its invoice is {told}, as a person approved")
