"""A case's deal: its lines, dates, stages and amount, and what must become of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from include.sandbox.company.arithmetic import DIGITS, decimal_text, discounted, half_up, line_net
from include.sandbox.company.cases import Case, Closing
from include.sandbox.company.catalogue import (
    BILLING_ENTITIES,
    BY_SKU,
    CLOSED_THROUGH,
    FIRST_OPEN_DAY,
    LOST_STAGE,
    OWNERS,
    PARTNER_PIPELINE,
    PARTNER_STAGES,
    PRODUCTS,
    SALES_STAGES,
    TODAY,
    WON_STAGE,
    ZONES,
)
from include.sandbox.company.customers import Cast
from include.sandbox.company.desk import Desk
from include.sandbox.company.model import Deal, Line, StageChange
from include.sandbox.company.words import PROJECTS

# Somebody edited a third of the deals in one go: many records share one time of last change.
_BULK_EDIT = datetime(2026, 11, 14, 2, 0, tzinfo=UTC)
_LAST_CHANGE = _BULK_EDIT - timedelta(hours=2)
_LAST_WON = date(2026, 11, 13)
_FIRST_WON = {"100": date(2026, 10, 1), "200": date(2026, 10, 1), "300": date(2026, 8, 3)}
_PRICE_FACTOR = {"USD": (1, 1), "EUR": (92, 100), "GBP": (79, 100), "CHF": (95, 100), "JPY": (150, 1)}


def deal_of(case: Case, cast: Cast, desk: Desk, *, same_as: Deal | None = None) -> Deal:
    """``same_as`` is the deal before it of the same company, if this one must have the same lines."""
    entity = _entity(case, cast)
    calendar = ZONES[entity or "100"]
    closed_at = _closed_at(case, entity or "100", desk)
    won_on = closed_at.astimezone(ZoneInfo(calendar)).date()
    lines = _undated(same_as.lines) if same_as else _lines(case, won_on, desk)
    known_until = min(closed_at, _LAST_CHANGE)
    created_at = known_until - timedelta(days=20 + desk.random.randrange(100), hours=desk.random.randrange(9))
    deal_id = desk.hubspot_id("deals")
    history = _history(case, created_at, known_until, desk)
    return Deal(
        id=deal_id,
        name=_deal_name(case, cast, deal_id, desk),
        case=case.title,
        expect=case.expect,
        reason=case.reason,
        currency=case.currency,
        amount=_amount(case, lines, desk),
        lines=lines,
        line_ids=tuple(desk.hubspot_id("line_items") for _ in lines),
        company=cast.company,
        other_companies=cast.others,
        customer=cast.billed,
        entity=entity,
        billing_entity=case.billing_entity,
        pipeline=case.pipeline,
        stage=history[-1].stage,
        closed_at=closed_at,
        created_at=created_at,
        updated_at=_updated_at(history[-1].at, desk),
        history=history,
        owner_id=desk.owner_id(),
        invoice_date=won_on if entity else None,
        posting_date=_posting_date(entity, won_on),
        term=cast.term,
        po_number=f"PO-{desk.random.randrange(10_000, 100_000)}" if desk.random.randrange(5) < 3 else "",
        header_percent=case.header_percent,
        department=desk.random.choice(("SALES", "SALES", "SERVICES")),
    )


def net_of(deal: Deal) -> list[int]:
    """The invoice's line nets in minor units, after all discounts."""
    return discounted([_net(line, deal.currency) for line in deal.lines], deal.header_percent)


def _net(line: Line, currency: str) -> int:
    return line_net(
        line.quantity,
        line.price,
        currency,
        discount=line.discount,
        discount_percent=line.discount_percent,
    )


def _entity(case: Case, cast: Cast) -> str | None:
    if case.billing_entity:
        return BILLING_ENTITIES[case.billing_entity]
    return cast.company.address.country.entity if cast.company else None


def _closed_at(case: Case, entity: str, desk: Desk) -> datetime:
    if case.won is not None:
        return case.won
    if case.closing is Closing.OPEN or case.closing is Closing.WON_IN_NAME_ONLY:
        return desk.working_hour(entity, TODAY + timedelta(days=10), TODAY + timedelta(days=70))
    return desk.working_hour(entity, _FIRST_WON[entity], _LAST_WON)


def _posting_date(entity: str | None, won_on: date) -> date | None:
    """The won date, or the first open day where the entity's policy moves it; ``None`` where it holds the
    deal."""
    if entity is None:
        return None
    return won_on if won_on > CLOSED_THROUGH[entity] else FIRST_OPEN_DAY.get(entity)


def _deal_name(case: Case, cast: Cast, deal_id: str, desk: Desk) -> str:
    """Unique by the end of the deal's own id, as sales people put a quote's number into a name."""
    who = cast.company.name if cast.company else "Walk-in sale"
    quote = f"Q{int(deal_id) - 99_999_000_000}"
    return f"{who}: {desk.random.choice(PROJECTS)}{case.deal_suffix} ({quote})"


def _amount(case: Case, lines: tuple[Line, ...], desk: Desk) -> str:
    """The deal's amount as HubSpot shows it: sometimes without the zeros at the end."""
    percent = "" if case.amount_before_discount else case.header_percent
    total = sum(discounted([_net(line, case.currency) for line in lines], percent)) + case.amount_off
    if not lines:
        total = 125_000
    text = decimal_text(total, case.currency)
    return text.rstrip("0").rstrip(".") if "." in text and desk.random.randrange(3) == 0 else text


def _lines(case: Case, day: date, desk: Desk) -> tuple[Line, ...]:
    if case.lines is not None:
        return case.lines(day)
    sellable = [product for product in PRODUCTS if product.account]
    wanted = 1 + desk.random.randrange(4)
    chosen: list[Line] = []
    for _ in range(wanted):
        product = sellable.pop(desk.random.randrange(len(sellable)))
        chosen.append(
            Line(
                product.sku,
                str(1 + desk.random.randrange(24)),
                _list_price(product.sku, case.currency),
                discount_percent=("", "", "", "5", "10", "12.5")[desk.random.randrange(6)],
                frequency=product.frequency,
                term_months=12 if product.frequency else None,
                starts=day if product.frequency and desk.random.randrange(2) else None,
            )
        )
    return tuple(chosen)


def _undated(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The same sale on another day: billing begins with the deal, not on the other deal's day."""
    return tuple(replace(line, starts=None) for line in lines)


def _list_price(sku: str, currency: str) -> str:
    """The list price in that currency, to the cent (to the yen)."""
    times, over = _PRICE_FACTOR[currency]
    price = Fraction(BY_SKU[sku].price) * Fraction(times, over)
    return decimal_text(half_up(price * 10 ** DIGITS[currency]), currency)


def _history(case: Case, created_at: datetime, end: datetime, desk: Desk) -> tuple[StageChange, ...]:
    """The deal's stages, oldest first; the last one, reached at ``end``, is where it stands."""
    stages = [row[0] for row in (PARTNER_STAGES if case.pipeline == PARTNER_PIPELINE else SALES_STAGES)]
    won, lost = WON_STAGE[case.pipeline], LOST_STAGE[case.pipeline]
    open_stages = [stage for stage in stages if stage not in {won, lost}]
    match case.closing:
        case Closing.WON:
            path = [*open_stages, won]
        case Closing.LOST:
            path = [*open_stages[:2], lost]
        case Closing.OPEN:
            path = open_stages[: 2 + desk.random.randrange(len(open_stages) - 1)]
        case Closing.WON_IN_NAME_ONLY:
            path = open_stages
    if case.reopened:
        path = [*path, open_stages[-1], won]
    step = (end - created_at) / max(1, len(path) - 1)
    user_id = desk.random.choice(OWNERS)[1]
    return tuple(
        StageChange(stage, end if at == len(path) - 1 else created_at + step * at, user_id)
        for at, stage in enumerate(path)
    )


def _updated_at(last_change: datetime, desk: Desk) -> datetime:
    if desk.random.randrange(3) == 0:
        return _BULK_EDIT
    return last_change + timedelta(minutes=desk.random.randrange(5, 600))
