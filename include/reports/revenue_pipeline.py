"""What the sales floor promises: pipeline, weighted and booked, from HubSpot's deals. Pure.

A deal's history says when it was first won and what was changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from include.connectors.hubspot.instants import parse_instant
from include.connectors.hubspot.pipelines import Stage
from include.connectors.hubspot.records import Change, CrmRecord
from include.core.currencies import MINOR_UNITS
from include.core.money import EXACT, BadAmount, Money, decimal_of, round_half_up, zero
from include.core.revenue_columns import WonEvent, booking, worth
from include.core.rounding import allocate
from include.reports.revenue_facts import Deal, Fact, Measure
from include.reports.revenue_floor import Floor, Sheet

EntityOf = Callable[[Sheet, Sheet], str]
"""Which entity bills: from the deal's and its company's properties; ``""`` where nothing says so."""


@dataclass(frozen=True, slots=True)
class Calendars:
    """Each entity's zone and base currency, and the zone of deals that no entity bills."""

    zones: Mapping[str, ZoneInfo]
    bases: Mapping[str, str]
    otherwise: ZoneInfo

    def day(self, entity: str, instant: datetime) -> date:
        return instant.astimezone(self.zones.get(entity, self.otherwise)).date()


@dataclass(frozen=True, slots=True)
class Sales:
    """The deals and the facts about them. ``entity_of_invoiced``: deal id -> the entity of its invoices, which wins
    over what the settings would say. ``billed``: what each deal was billed, in both currencies."""

    floor: Floor
    calendars: Calendars
    entity_of: EntityOf
    entity_of_invoiced: Mapping[str, str]
    billed: Mapping[str, tuple[Money, Money]]
    as_of: date

    def deals(self) -> list[Deal]:
        return [self._deal(one) for one in self.floor.deals]

    def facts(self) -> Iterator[Fact]:
        """Pipeline and weighted of open deals on their close date, booked of those that were ever won."""
        for record, deal in zip(self.floor.deals, self.deals(), strict=True):
            if deal.state == "open":
                day, why = deal.close_date or self.as_of, "" if deal.close_date else "no close date"
                told = f"{deal.stage}{', ' + why if why else ''}"
                yield from self._by_product(record, deal, "pipeline", deal.amount, day, record.updated_at, "", told)
                yield from self._by_product(record, deal, "weighted", deal.weighted, day, record.updated_at, "", told)
            yield from self._booked(record, deal)

    def _deal(self, record: CrmRecord) -> Deal:
        sheet = record.properties
        company = self.floor.companies.get(record.id, {})
        entity = self.entity_of_invoiced.get(record.id) or self.entity_of(sheet, company)
        pipeline, stage = self._stage(record, sheet.get("dealstage"))
        currency = self._currency(sheet)
        amount = _money(sheet.get("amount"), currency)
        state = "open" if stage is None or not stage.is_closed else "won" if stage.is_won else "lost"
        chance = stage.probability if stage is not None and stage.probability is not None else Decimal(0)
        closes = sheet.get("closedate")
        return Deal(
            deal_id=record.id,
            name=sheet.get("dealname") or "",
            company=company.get("name") or "",
            owner=self.floor.owners.get(sheet.get("hubspot_owner_id") or "", ""),
            pipeline=pipeline,
            stage=stage.label if stage is not None else sheet.get("dealstage") or "",
            state=state,
            close_date=self.calendars.day(entity, parse_instant(closes)) if closes else None,
            entity=entity,
            amount=amount,
            weighted=worth(amount, chance, 12).weighted if state == "open" else zero(currency),
            url=self.floor.account.record_url("deals", record.id),
        )

    def _stage(self, record: CrmRecord, stage_id: str | None) -> tuple[str, Stage | None]:
        pipeline = record.properties.get("pipeline") or ""
        label, stage = self.floor.stages.get((pipeline, stage_id or ""), (pipeline, None))
        return label, stage

    def _currency(self, sheet: Sheet) -> str:
        code = sheet.get("deal_currency_code") or self.floor.account.company_currency
        return code if code in MINOR_UNITS else self.floor.account.company_currency

    def _booked(self, record: CrmRecord, deal: Deal) -> Iterator[Fact]:
        """By the first time that it was won, on the close date as it stood then; what changed later on the day of the
        change (accounting case 63)."""
        events = self._won_events(record, deal)
        if not events:
            return
        (instant, first_day, _), *_ = events
        found = booking([WonEvent(day, amount) for _, day, amount in events])
        yield from self._by_product(record, deal, "booked", found.first, first_day, instant, "won", "first won")
        changes = [(at, after - before) for (_, _, before), (at, _, after) in pairwise(events) if after != before]
        for number, ((at, difference), (day, _)) in enumerate(zip(changes, found.adjustments, strict=True), 1):
            why = "amount or stage changed after it was won"
            yield from self._by_product(record, deal, "booked", difference, day, at, f"change {number}", why)

    def _won_events(self, record: CrmRecord, deal: Deal) -> list[tuple[datetime, date, Money]]:
        """(instant, business day, what was won as of then), oldest first, from the first win on."""
        stages, amounts = _oldest_first(record, "dealstage"), _oldest_first(record, "amount")
        won = [change.at for change in stages if self._is_won(record, change.value)]
        if not won:
            # A history that HubSpot has cut: what is won now is won.
            return [(record.created_at, deal.close_date or self.as_of, deal.amount)] if deal.state == "won" else []
        first = won[0]
        found = []
        for at in sorted({first, *(one.at for one in (*stages, *amounts) if one.at > first)}):
            is_won = self._is_won(record, _value_at(stages, at))
            amount = _money(_value_at(amounts, at), deal.amount.currency) if is_won else zero(deal.amount.currency)
            day = self.calendars.day(deal.entity, at)
            if at == first:
                closes = _value_at(_oldest_first(record, "closedate"), at) or record.properties.get("closedate")
                # HubSpot moves the close date to the day of the win, a moment later; an import brings its own.
                later = [one for one in _oldest_first(record, "closedate") if first <= one.at]
                closes = later[0].value if later and (later[0].at - first).total_seconds() < 60 else closes
                day = self.calendars.day(deal.entity, parse_instant(closes)) if closes else day
            found.append((at, day, amount))
        return found

    def _is_won(self, record: CrmRecord, stage_id: str | None) -> bool:
        _, stage = self._stage(record, stage_id)
        return stage is not None and stage.is_won

    def _by_product(
        self, record: CrmRecord, deal: Deal, measure: Measure, amount: Money, day: date, at: datetime, piece: str,
        why: str,
    ) -> Iterator[Fact]:  # fmt: skip
        """Shared by the deal's lines, to the cent."""
        lines: dict[str, Decimal] = {}
        for sku, weight in self.floor.lines.get(record.id, ()):
            lines[sku] = lines.get(sku, Decimal(0)) + weight
        lines = {sku: weight for sku, weight in lines.items() if weight > 0} or {"": Decimal(1)}
        base = self._base(record, deal, amount)
        parts = _shared(amount, list(lines.values()))
        base_parts = _shared(base, list(lines.values())) if base is not None else [None] * len(parts)
        for sku, part, in_base in zip(lines, parts, base_parts, strict=True):
            yield Fact(
                measure=measure, amount=part, base=in_base, day=day, entered_at=at.astimezone(UTC), entity=deal.entity,
                system="hubspot", object="deal", record_no=deal.deal_id, piece=piece, number=deal.name, url=deal.url,
                deal_id=deal.deal_id, product=sku, why=why,
            )  # fmt: skip

    def _base(self, record: CrmRecord, deal: Deal, amount: Money) -> Money | None:
        """In the entity's base currency: as it is; else as the deal was billed; else by HubSpot's own rate where that
        currency is the account's; else unknown."""
        base = self.calendars.bases.get(deal.entity, "")
        if amount.currency == base:
            return amount
        billed = self.billed.get(deal.deal_id)
        if billed and billed[0].currency == amount.currency and billed[1].currency == base and billed[0].amount > 0:
            whole, in_base = billed
        elif record.properties.get("amount_in_home_currency") and base == self.floor.account.company_currency:
            whole, in_base = deal.amount, _money(record.properties.get("amount_in_home_currency"), base)
        else:
            return None
        if whole.is_zero:
            return None
        return round_half_up(EXACT.divide(EXACT.multiply(in_base.amount, amount.amount), whole.amount), base)


def _shared(whole: Money, weights: list[Decimal]) -> list[Money]:
    """By the weights; most deals sell one product, which takes all."""
    return [whole] if len(weights) == 1 else allocate(whole, weights)


def _money(text: str | None, currency: str) -> Money:
    """At the currency's precision: HubSpot takes any number of decimals."""
    try:
        return round_half_up(decimal_of(text or "0"), currency)
    except BadAmount:
        return zero(currency)


def _oldest_first(record: CrmRecord, name: str) -> list[Change]:
    return sorted(record.history.get(name, ()), key=lambda one: one.at)


def _value_at(changes: Sequence[Change], at: datetime) -> str | None:
    """The value that held at ``at``; of a history that starts later its first one."""
    held = [one.value for one in changes if one.at <= at]
    return held[-1] if held else changes[0].value if changes else None
