"""The order in which the demo tells its cases, over and over until there are as many won deals as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle, zip_longest

from include.sandbox.company.cases import Case
from include.sandbox.company.customers import cast_of
from include.sandbox.company.deals import deal_of
from include.sandbox.company.desk import Desk
from include.sandbox.company.held import HELD
from include.sandbox.company.ignored import IGNORED
from include.sandbox.company.model import Deal, Unit
from include.sandbox.company.past import documents_of
from include.sandbox.company.posted import (
    COMPANIES,
    DATES,
    DISCOUNTS,
    ENTITIES,
    ORDINARY,
    RECURRING,
    SIMPLE,
)

_WON_PER_IGNORED = 5


def _chapters() -> tuple[Case, ...]:
    """The simple cases first (a company of five deals has nothing else), then two that are posted and one
    held."""
    posted = (*DISCOUNTS, *RECURRING, *ENTITIES, *DATES, *COMPANIES, *ORDINARY)
    order: list[Case] = [*SIMPLE]
    for first, second, held in zip_longest(posted[::2], posted[1::2], HELD):
        order += [case for case in (first, second, held) if case is not None]
    return tuple(order)


CHAPTERS = _chapters()


def units(deals: int, seed: int) -> Iterator[Unit]:
    """The story with ``deals`` won deals in scope. The first n units are the same however many follow."""
    numbers = count()
    chapters, ignored = cycle(CHAPTERS), cycle(IGNORED)
    won = 0
    while won < deals:
        case = next(chapters)
        before, unit = won, _unit(case, next(numbers), seed, deals - won)
        won += len(unit.deals)
        yield unit
        if won // _WON_PER_IGNORED > before // _WON_PER_IGNORED:
            yield _unit(next(ignored), next(numbers), seed, 1)


def _unit(case: Case, number: int, seed: int, most: int) -> Unit:
    """The unit of this number, with at most ``most`` of its deals."""
    desk = Desk(number, seed)
    cast = cast_of(case, desk)
    told: list[Deal] = []
    for _ in range(case.deals):
        told.append(deal_of(case, cast, desk, same_as=told[0] if told and case.same_lines else None))
    documents = documents_of(cast, tuple(told), desk)
    return Unit(cast.companies, cast.customers, tuple(told[:most]), documents)
