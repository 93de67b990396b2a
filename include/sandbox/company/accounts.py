"""The two years before the story: customers with their won, lost and open deals, and what became of the invoices.

All of it lies before the first day that counts or was never won, so it is none of the flow's business; the books and
the sales floor are merely as full as a company's are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from include.sandbox.company.arithmetic import due_date
from include.sandbox.company.cases import Case, Closing, Found
from include.sandbox.company.catalogue import GO_LIVE, PARTNER_PIPELINE, TODAY, ZONES
from include.sandbox.company.customers import Cast, cast_of
from include.sandbox.company.deals import deal_of, net_of
from include.sandbox.company.desk import Desk
from include.sandbox.company.model import Company, Customer, Deal, Document, Line, Unit
from include.sandbox.company.people import domain_of
from include.sandbox.company.places import FRANCE, GERMANY, NETHERLANDS, UNITED_KINGDOM, UNITED_STATES, Country

CUSTOMERS = 250
"""How many customers Intacct has in this profile, those of the story included."""
FIRST_DAY = date(2024, 11, 18)
_LAST_DAY = GO_LIVE - timedelta(days=2)
_LAST_LOST = date(2026, 11, 12)
_MARKETS = (
    (UNITED_STATES, "USD"),
    (UNITED_KINGDOM, "GBP"),
    (UNITED_STATES, "USD"),
    (GERMANY, "EUR"),
    (UNITED_STATES, "USD"),
    (NETHERLANDS, "EUR"),
    (UNITED_KINGDOM, "GBP"),
    (FRANCE, "EUR"),
)


def accounts(first: int, seed: int, customers: int) -> Iterator[Unit]:
    """Units from number ``first`` on with exactly ``customers`` customers in Intacct, each role in turn."""
    roles, markets = cycle(ROLES), cycle(_MARKETS)
    number = first
    while customers > 0:
        role = next(roles)
        account = _Account(Desk(number, seed), *next(markets), role)
        unit = account.told()
        if len(unit.customers) > customers:
            unit = _Account(Desk(number, seed), UNITED_STATES, "USD", ROLES[0]).told()
        customers -= len(unit.customers)
        number += 1
        yield unit


@dataclass(frozen=True, slots=True)
class Role:
    """What one customer shows. ``settle`` turns the invoices into what the books hold of them today."""

    title: str
    settle: Callable[[list[Document], Desk], list[Document]]
    people: int = 1
    on_hold: bool = False
    renewal: bool = False
    near_duplicate: bool = False
    merged: bool = False


class _Account:
    def __init__(self, desk: Desk, country: Country, currency: str, role: Role) -> None:
        self._desk = desk
        self._role = role
        if role.near_duplicate and len(country.cities) < 2:
            # The look-alikes live in other towns.
            country = GERMANY
        self._case = Case(
            role.title,
            found=Found.EXTERNAL_ID,
            country=country,
            currency=currency,
            before_go_live=True,
            people=role.people,
            look_alikes=role.near_duplicate,
        )
        self._entity = country.entity or "100"
        self._cast = self._held(cast_of(self._case, desk))

    def told(self) -> Unit:
        desk, cast = self._desk, self._cast
        customer = cast.customers[0]
        deals = [self._deal(self._day(FIRST_DAY, _LAST_DAY)) for _ in range(1 + desk.random.randrange(4))]
        deals.sort(key=lambda deal: deal.closed_at)
        deals += self._renewal() if self._role.renewal else []
        won = [deal for deal in deals if deal.stage in {"closedwon", "186520417"}]
        documents = self._role.settle([_invoice(deal, customer, desk) for deal in won], desk)
        deals += self._not_won()
        companies, more = self._companies()
        return Unit(companies, (*cast.customers, *more), tuple(deals), tuple(documents))

    def _held(self, cast: Cast) -> Cast:
        if not self._role.on_hold:
            return cast
        first = replace(cast.customers[0], on_hold=True)
        return replace(cast, customers=(first, *cast.customers[1:]), billed=first)

    def _day(self, first: date, last: date) -> datetime:
        return self._desk.working_hour(self._entity, first, last)

    def _deal(self, closed_at: datetime, **changes: object) -> Deal:
        percent = ("", "", "", "", "", "", "5", "7.5")[self._desk.random.randrange(8)]
        case = replace(self._case, won=closed_at, header_percent=percent)
        return deal_of(replace(case, **changes), self._cast, self._desk)  # type: ignore[arg-type]

    def _renewal(self) -> list[Deal]:
        """A plan for a year that ends within the next sixty days, and mostly the open deal that renews it."""
        desk = self._desk
        ends = TODAY + timedelta(days=5 + desk.random.randrange(55))
        start = ends.replace(year=ends.year - 1)
        seats = str(5 + desk.random.randrange(60))

        def plan(day: date) -> tuple[Line, ...]:
            return (Line("PLAN-ENT", seats, "1188", frequency="annually", term_months=12, starts=day),)

        first = self._deal(self._morning(start), lines=plan)
        if desk.random.randrange(3) == 0:
            return [first]
        renewal = self._deal(
            self._morning(ends), lines=plan, pipeline=PARTNER_PIPELINE, closing=Closing.OPEN, deal_suffix=" (renewal)"
        )
        return [first, renewal]

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(10), ZoneInfo(ZONES[self._entity])).astimezone(ZoneInfo("UTC"))

    def _not_won(self) -> list[Deal]:
        draw = self._desk.random.randrange
        found = []
        if draw(2) == 0:
            found.append(self._deal(self._day(FIRST_DAY, _LAST_LOST), closing=Closing.LOST))
        if draw(3) == 0:
            soon = self._day(TODAY + timedelta(days=3), TODAY + timedelta(days=90))
            found.append(self._deal(soon, closing=Closing.OPEN))
        return found

    def _companies(self) -> tuple[tuple[Company, ...], tuple[Customer, ...]]:
        """The companies, and customers beside those of the cast."""
        desk, company, role = self._desk, self._cast.company, self._role
        if company is None:
            raise ValueError("an account has a company")
        if role.near_duplicate:
            name = f"{company.name} {self._case.country.legal_forms[-1]}"
            double = replace(
                company,
                id=desk.hubspot_id("companies"),
                name=name,
                domain=domain_of(company.name, "-group"),
                customer_id="",
                tax_id="",
                people=(),
            )
            return (company, double), ()
        if role.merged:
            gone = replace(
                company,
                id=desk.hubspot_id("companies"),
                name=f"{company.name} Purchasing",
                domain=domain_of(company.name, "-purchasing"),
                customer_id="",
                people=(),
                archived=True,
            )
            older = replace(self._cast.customers[0], id=desk.customer_id(), name=gone.name, email="", tax_id="")
            return (replace(company, merged=(gone.id,)), gone), (older,)
        return (company,), ()


def _invoice(deal: Deal, customer: Customer, desk: Desk) -> Document:
    dated = deal.invoice_date or TODAY
    lines = tuple((line.sku, net) for line, net in zip(deal.lines, net_of(deal), strict=True) if net)
    return Document(
        kind="ARINVOICE",
        number=desk.document_number(),
        customer=customer,
        entity=deal.entity or "100",
        currency=deal.currency,
        dated=dated,
        due=due_date(dated, customer.term),
        description=f"Invoiced by hand: {deal.name}",
        lines=lines,
    )


def _total(invoice: Document) -> int:
    return sum(amount for _, amount in invoice.lines)


def _paid(invoice: Document, desk: Desk) -> Document:
    """In full some days around the due date; what is not due yet is mostly open."""
    day = invoice.due + timedelta(days=desk.random.randrange(-8, 25))
    if day >= TODAY:
        return invoice
    return replace(invoice, paid=_total(invoice), paid_on=max(day, invoice.dated))


def _all_paid(invoices: list[Document], desk: Desk) -> list[Document]:
    return [_paid(invoice, desk) for invoice in invoices]


def _in_parts(invoices: list[Document], desk: Desk) -> list[Document]:
    """The newest in one or two parts that leave a rest open, the older ones in full."""
    *older, newest = invoices
    total = _total(newest)
    first = total * (25 + desk.random.randrange(30)) // 100
    on = newest.dated + timedelta(days=20)
    more = ((total // 4, on + timedelta(days=30)),) if desk.random.randrange(2) else ()
    return [*_all_paid(older, desk), replace(newest, paid=first, paid_on=on, also_paid=more)]


def _credited(invoices: list[Document], desk: Desk) -> list[Document]:
    """A credit memo over part of the newest invoice, applied to it; half of the time the rest is paid."""
    *older, newest = invoices
    sku, amount = max(newest.lines, key=lambda line: line[1])
    credit = max(1, amount * (10 + desk.random.randrange(30)) // 100)
    day = newest.dated + timedelta(days=6)
    memo = Document(
        kind="ARADJUSTMENT",
        number=desk.document_number(),
        customer=newest.customer,
        entity=newest.entity,
        currency=newest.currency,
        dated=day,
        due=day,
        description=f"Returned goods, {newest.number}",
        lines=((sku, -credit),),
        applied_to=newest.number,
    )
    if desk.random.randrange(2):
        newest = replace(newest, paid=_total(newest) - credit, paid_on=day + timedelta(days=12))
    return [*_all_paid(older, desk), newest, memo]


def _overdue(invoices: list[Document], desk: Desk) -> list[Document]:
    """The newest was never paid and is past due."""
    return [*_all_paid(invoices[:-1], desk), invoices[-1]]


ROLES = (
    Role("a customer who pays", _all_paid),
    Role("several contacts at one company", _all_paid, people=5),
    Role("paid in parts, a rest is open", _in_parts),
    Role("part of an invoice was credited", _credited),
    Role("an invoice is overdue", _overdue),
    Role("a contract ends within sixty days", _all_paid, people=2, renewal=True),
    Role("companies and customers with nearly the same name", _all_paid, near_duplicate=True),
    Role("two companies became one", _all_paid, people=3, merged=True),
    Role("on hold, with an overdue invoice", _overdue, on_hold=True),
)
