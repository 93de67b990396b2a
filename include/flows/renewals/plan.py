"""Which recurring invoices come up for renewal, and which deals that makes: ``sift`` finds, ``plan`` decides. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from include.connectors.hubspot.records import CrmRecord
from include.core.books import Books, Entity
from include.core.decisions import Decision, Hold, Key, Skip
from include.core.errors import RecordError
from include.core.money import BadAmount, decimal_of
from include.core.recurrence import Recurrence, Term, renewals
from include.flows.renewals.days import DueDays
from include.flows.renewals.deal import RenewalDeal, renewal_key
from include.flows.renewals.lookup import DealSeen, Lookups
from include.flows.renewals.match import (
    closed_deal,
    made_by_hand,
    moved_deal,
    own_deal,
    renewed_deal,
    stands_for_another,
)
from include.flows.renewals.price import NothingToRenew, offer
from include.flows.renewals.records import Contract
from include.flows.renewals.settings import RenewalSettings

_A_LIFETIME = timedelta(days=366 * 10)


@dataclass(frozen=True, slots=True)
class Due:
    """A contract with the renewals that a run is after."""

    contract: Contract
    entity: Entity
    recurrence: Recurrence
    terms: Sequence[Term]

    @property
    def skus(self) -> set[str]:
        return {line.item_id for line in self.contract.lines if line.item_id}

    @property
    def keys(self) -> list[Key]:
        return [renewal_key(self.contract.record_no, term.start) for term in self.terms]


class _HoldThis(RecordError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code: str = code


def sift(
    contracts: Iterable[Contract],
    due: DueDays,
    held_since: Mapping[str, datetime],
    settings: RenewalSettings,
    books: Books,
) -> tuple[list[Due], list[Decision]]:
    """The contracts with renewals on the days of the run, and what is decided already about the others.

    ``held_since``: record number -> since when it is on hold; its renewal is wanted still, however late.
    """
    found: list[Due] = []
    decided: list[Decision] = []
    for contract in contracts:
        one = _due(contract, due, held_since.get(contract.record_no), settings, books)
        if isinstance(one, Due):
            found.append(one)
        else:
            decided.append(one)
    return found, decided


def plan(dues: Iterable[Due], lookups: Lookups, made: Collection[Key], settings: RenewalSettings) -> list[Decision]:
    """For every contract its writes and updates, or a skip or a hold. ``made``: deals that the write log knows."""
    decisions: list[Decision] = []
    linked: dict[str, str] = {}
    for one in dues:
        try:
            decisions += list(_decide(one, lookups, made, linked, settings))
        except _HoldThis as held:
            number = one.contract.record_no
            decisions.append(Hold(number, held.code, f"{one.contract.title}: {held.message}"))
    return decisions


def _due(
    contract: Contract, due: DueDays, held_since: datetime | None, settings: RenewalSettings, books: Books
) -> Due | Decision:
    number = contract.record_no
    if not contract.schedule.goes_on:
        return Skip(number, "it is inactive in Intacct, so nothing renews")
    if contract.renewed_by:
        return Skip(number, f"invoice {contract.renewed_by} bills the next term")
    entity = books.entities.get(contract.entity_id)
    if entity is None:
        named = f"entity {contract.entity_id}" if contract.entity_id else "no entity"
        message = f"{contract.title}: its lines name {named}, which books.yaml lacks. Add the entity, or its location."
        return Hold(number, "no_entity", message)
    first, last = due.bounds(entity.zone, held_since)
    try:
        recurrence = contract.schedule.recurrence()
        terms = [term for term in renewals(recurrence, settings.term_months, first, last) if due.hold(term.start)]
        following = renewals(recurrence, settings.term_months, first, last + _A_LIFETIME)
    except (ValueError, OverflowError) as error:
        told = f"{contract.title}: {error}. Correct its start, end and repetition in Intacct."
        return Hold(number, "recurrence_unclear", told)
    if terms:
        return Due(contract, entity, recurrence, terms)
    after = f", next on {following[0].start}" if following else ""
    return Skip(number, f"no renewal from {first} to {last}{after}", settles=due.dates is None)


def _decide(
    one: Due, lookups: Lookups, made: Collection[Key], linked: dict[str, str], settings: RenewalSettings
) -> Iterator[Decision]:
    contract = one.contract
    companies = lookups.companies.get(contract.customer_id, ())
    if not companies:
        raise _HoldThis(
            "no_company_for_customer",
            f"no HubSpot company has intacct_customer_id {contract.customer_id}. Write it on the company that renews.",
        )
    deals = list({deal.deal_id: deal for company in companies for deal in lookups.deals.get(company.id, ())}.values())
    for term in one.terms:
        yield from _term(one, term, companies, deals, lookups, made, linked, settings)


def _term(
    one: Due,
    term: Term,
    companies: Sequence[CrmRecord],
    deals: Sequence[DealSeen],
    lookups: Lookups,
    made: Collection[Key],
    linked: dict[str, str],
    settings: RenewalSettings,
) -> Iterator[Decision]:
    """``linked``: the deals made by hand that this plan gave to a recurring invoice, by id; more are added."""
    contract, number = one.contract, one.contract.record_no
    key = renewal_key(number, term.start)
    own = own_deal(deals, key.document_key(), number, term.start) or closed_deal(
        deals, number, term, lambda start: _renews_on(one, start, settings)
    )
    if own is not None and own.state != "open":
        yield Skip(number, f"its renewal deal {own.deal_id} from {term.start} is {own.state}")
        return
    if own is None and key in made:
        yield Skip(number, f"its renewal deal from {term.start} was deleted, merged or moved to another company")
        return
    renewed = renewed_deal(deals, number, term, one.skus)
    quantities = _quantities(renewed)
    try:
        its_offer = offer(
            contract.lines, one.recurrence, term, lookups.products, quantities, settings, contract.currency
        )
    except NothingToRenew as nothing:
        yield Skip(number, nothing.message)
        return
    deal = RenewalDeal(contract, term, its_offer, one.entity.zone, settings)
    if own is None:
        by_hand = made_by_hand(deals, number, term, one.skus, settings.pipeline)
        if by_hand is not None:
            why = f"deal {by_hand.deal_id}, which a rep made for {term.start},"
            if by_hand.state != "open":
                yield Skip(number, f"{why} is {by_hand.state}")
            elif stands_for_another(by_hand, number) or linked.setdefault(by_hand.deal_id, number) != number:
                yield Skip(number, f"{why} covers it, and shows another recurring invoice's figures")
            else:
                yield deal.link(by_hand)
            return
        own = moved_deal(deals, number, lambda start: _renews_on(one, start, settings))
    if own is None or own.key == key.document_key():
        company = _company(companies, own or renewed, contract)
        owner = lookups.owners.active_or_fallback(company.properties.get("hubspot_owner_id"))
        # Of a deal that is there the write log says so, and nothing is sent; what a broken run left out is made.
        yield from deal.writes(company, owner, renewed)
    if own is not None:
        yield from deal.updates(own)


def _company(companies: Sequence[CrmRecord], deal: DealSeen | None, contract: Contract) -> CrmRecord:
    """The customer's company; of several the one that has ``deal``."""
    if len(companies) == 1:
        return companies[0]
    having = [company for company in companies if deal is not None and company.id in deal.company_ids]
    if len(having) == 1:
        return having[0]
    ids = ", ".join(company.id for company in companies)
    raise _HoldThis(
        "several_companies_for_customer",
        f"companies {ids} all have intacct_customer_id {contract.customer_id}, and no won deal tells which one renews. "
        "Merge them, or clear the id on those that do not renew.",
    )


def _renews_on(one: Due, start: date, settings: RenewalSettings) -> bool:
    return bool(renewals(one.recurrence, settings.term_months, start, start))


def _quantities(renewed: DealSeen | None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in renewed.lines if renewed else ():
        sku = line.properties.get("hs_sku") or ""
        try:
            found[sku] = found.get(sku, Decimal(0)) + decimal_of(line.properties.get("quantity") or "1")
        except BadAmount:
            continue
    return found
