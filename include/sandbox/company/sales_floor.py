"""What HubSpot holds beside the story: companies without a deal, vendors, merged and archived ones, contacts of several
companies, renewals that sales people made by hand, and deals won before the cut-over that were invoiced by hand. The
main job has nothing to do with any of them.

The ids lie below those of the story, and the names use none of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from include.sandbox.company.arithmetic import decimal_text, line_net
from include.sandbox.company.backoffice.by_hand import DEALS as BY_HAND_DEALS
from include.sandbox.company.catalogue import OWNERS, PARTNER_PIPELINE, PARTNER_STAGES
from include.sandbox.company.model import Address, Company, Customer, Deal, Line, Person, StageChange, Unit
from include.sandbox.company.people import domain_of
from include.sandbox.company.places import (
    GERMANY,
    JAPAN,
    NETHERLANDS,
    UNITED_KINGDOM,
    UNITED_STATES,
    Country,
)

_TALKING, _DROPPED = PARTNER_STAGES[0][0], PARTNER_STAGES[3][0]


def with_sales_floor(units: Iterable[Unit]) -> Iterator[Unit]:
    """The units, after the newcomers and with the followers of the first two customers and of the first customer that
    no company stands for."""
    newcomers = [*_newcomers()]
    yield Unit(companies=tuple(newcomers))
    billed, archived = 0, False
    for unit in units:
        yield unit
        company, customer = (unit.companies[:1] or (None,))[0], (unit.customers[:1] or (None,))[0]
        if company is None or customer is None or not any(deal.expect == "posted" for deal in unit.deals):
            continue
        if company.customer_id == customer.id and billed < 2:
            billed += 1
            yield _first_follower(company, newcomers) if billed == 1 else _second_follower(company)
        works = next((one for one in unit.customers[1:] if one.name.endswith(" Works")), None)
        if works is not None and not archived:
            archived = True
            yield Unit(companies=(_archived(works),))
    yield Unit(deals=BY_HAND_DEALS)


def _newcomers() -> Iterator[Company]:
    """Companies that became customers by hand, vendors, and one company that two others became part of."""
    halyard = _company(117, "Halyard Freight Forwarding", UNITED_STATES, tax_id="84-2210937", term="N30", people=2)
    yield halyard
    yield _company(248, "Osprey Dairy Co-operative", UNITED_KINGDOM, tax_id="GB771204853", term="EOM30", owner=4)
    yield _company(363, "Pemberly Optik", GERMANY, tax_id="DE811907980", owner=2)
    yield _company(471, "Quillon Textiles", JAPAN)
    yield _company(592, "Marram Packaging", NETHERLANDS, tax_id="NL004495445B01", term="N15", role="both")
    yield replace(
        _company(684, "Tillerman Haulage", UNITED_STATES, tax_id="91-1144442", term="N30", role="vendor"),
        lifecycle="other",
    )
    skerry = _company(711, "Skerry Tide Gauges", UNITED_STATES, tax_id="27-4408812", term="N15", people=2)
    gone = [
        replace(_company(number, name, UNITED_STATES, people=0), archived=True, lifecycle="opportunity")
        for number, name in ((829, "Skerry Tide Gauges Purchasing"), (937, "Skerry Gauges"))
    ]
    first, second = skerry.people
    people = (first, replace(second, also_at=(halyard.id,)))
    yield replace(skerry, people=people, merged=tuple(company.id for company in gone))
    yield from gone


def _company(
    number: int,
    name: str,
    country: Country,
    *,
    tax_id: str = "",
    term: str = "",
    role: str = "",
    owner: int = 0,
    people: int = 1,
) -> Company:
    city, state, postal_code = country.cities[0]
    domain = domain_of(name)
    return Company(
        id=f"20415200{number}",
        name=name,
        domain=domain,
        address=Address(f"{number % 97 + 1} Ropewalk", city, state, postal_code, country),
        phone=country.dialling.replace("#", "4"),
        owner_id=OWNERS[owner][0],
        tax_id=tax_id,
        term=term,
        people=tuple(_person(number + at, at, domain, country) for at in range(people)),
        lifecycle="customer",
        became=datetime(2026, 11, 9 + number % 6, 9, number % 60, tzinfo=UTC),
        role=role,
    )


def _person(number: int, at: int, domain: str, country: Country, also_at: tuple[str, ...] = ()) -> Person:
    given, family, job = (
        ("Roswitha", "Ackerblom", "Accounts Payable"),
        ("Piers", "Dunwoody", "Purchasing"),
        ("Imke", "Terpstra", "Finance Manager"),
    )[at]
    email = f"{given}.{family}.{number}@{domain}".lower()
    return Person(f"60118100{number}", given, family, email, country.dialling.replace("#", "5"), job, also_at)


def _first_follower(company: Company, newcomers: list[Company]) -> Unit:
    """Nearly the same company once more, in another town; the open renewal that a rep made; and a person who works for
    the customer, for a company without customer and for a vendor."""
    others = tuple(one.id for one in newcomers if one.name.startswith(("Halyard", "Tillerman")))
    double = replace(
        _company(153, f"{company.name} Corp", UNITED_STATES, people=0),
        domain=domain_of(company.name, "-west"),
        address=Address("12 Ropewalk", "Spokane", "WA", "99201", UNITED_STATES),
    )
    shared = replace(
        _company(166, f"{company.name} Shared Services", UNITED_STATES, people=0),
        domain=domain_of(company.name, "-shared"),
        people=(_person(166, 2, domain_of(company.name, "-shared"), UNITED_STATES, (company.id, *others)),),
        lifecycle="opportunity",
    )
    closes, created = datetime(2026, 12, 10, 17, tzinfo=UTC), datetime(2026, 11, 5, 10, 20, tzinfo=UTC)
    renewal = _renewal(311, company, closes, (StageChange(_TALKING, created, OWNERS[1][1]),))
    return Unit(companies=(double, shared), deals=(renewal,))


def _second_follower(company: Company) -> Unit:
    """A renewal that the customer declined."""
    created, dropped = datetime(2026, 10, 12, 8, 45, tzinfo=UTC), datetime(2026, 11, 6, 15, 10, tzinfo=UTC)
    history = (StageChange(_TALKING, created, OWNERS[2][1]), StageChange(_DROPPED, dropped, OWNERS[2][1]))
    return Unit(deals=(_renewal(427, company, dropped, history),))


def _renewal(number: int, company: Company, closes: datetime, history: tuple[StageChange, ...]) -> Deal:
    line = Line("PLAN-ENT", "10", "1188", frequency="annually", term_months=12, starts=date(2026, 12, 11))
    return Deal(
        id=f"99999994{number}",
        name=f"{company.name}: annual subscription (renewal) (Q994{number})",
        case="a renewal that a rep made by hand",
        expect="ignored",
        reason=None,
        currency="USD",
        amount=decimal_text(line_net(line.quantity, line.price, "USD"), "USD"),
        lines=(line,),
        line_ids=(f"123400600{number}",),
        company=company,
        other_companies=(),
        customer=None,
        entity=None,
        billing_entity="",
        pipeline=PARTNER_PIPELINE,
        stage=history[-1].stage,
        closed_at=closes,
        created_at=history[0].at,
        updated_at=history[-1].at,
        history=history,
        owner_id=next(owner for owner, user, *_ in OWNERS if user == history[0].user_id),
        invoice_date=None,
        posting_date=None,
        term="",
        deal_type="existingbusiness",
    )


def _archived(customer: Customer) -> Company:
    """A company that a sales person deleted, though Intacct still has the customer."""
    return replace(
        _company(195, customer.name, UNITED_STATES, people=0),
        domain=domain_of(customer.name),
        address=customer.address,
        customer_id=customer.id,
        archived=True,
    )
