"""Deals: stage and pipeline belong together; closed flags, stage dates and the home-currency amount follow."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from include.sandbox.hubspot.account import minor_digits
from include.sandbox.hubspot.errors import Violation
from include.sandbox.hubspot.pipelines.stages import Stage
from include.sandbox.hubspot.rules.currencies import rate_text
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.times import parse_instant, wire
from include.sandbox.hubspot.values import InvalidValue, decimal, plain
from include.sandbox.hubspot.world import World


def apply(world: World, draft: Draft) -> None:
    stage = _stage(world, draft)
    if stage is not None:
        if draft.changed("dealstage"):
            _enter(world, draft, stage)
        _flags(draft, stage)
    _home_amount(world, draft, closed=stage is not None and stage.closed)


def _stage(world: World, draft: Draft) -> Stage | None:
    stages = world.stages("0-3")
    stage = stages.get(draft.value("dealstage"))
    if stage is None:
        draft.set("pipeline", draft.value("pipeline") or ("default" if draft.is_new else ""))
        return None
    pipeline = draft.value("pipeline")
    if not pipeline or (draft.changed("dealstage") and "pipeline" not in draft.given):
        draft.set("pipeline", stage.pipeline_id)
    elif pipeline != stage.pipeline_id:
        allowed = ", ".join(found.id for found in stages.values() if found.pipeline_id == pipeline)
        message = f"{stage.id} was not one of the allowed options: [{allowed}]"
        raise InvalidValue(Violation("dealstage", "INVALID_OPTION", message))
    return stage


def _enter(world: World, draft: Draft, stage: Stage) -> None:
    """The stage entered and the one left get their dates; a stage entered again gets the latest date only."""
    at = _entered_at(draft, stage) if draft.loading else draft.now
    entered = f"hs_v2_date_entered_{stage.id}"
    if not (draft.loading and draft.value(entered)):
        draft.set(entered, wire(at))
    draft.set(f"hs_v2_date_exited_{stage.id}", "")
    left = draft.before.get("dealstage", "")
    if left:
        began = parse_instant(draft.before.get(f"hs_v2_date_entered_{left}", "") or wire(draft.created)) or at
        draft.set(f"hs_v2_date_exited_{left}", wire(at))
        draft.set(f"hs_v2_latest_time_in_{left}", str(at - began))
        total = decimal(draft.before.get(f"hs_v2_cumulative_time_in_{left}")) + (at - began)
        draft.set(f"hs_v2_cumulative_time_in_{left}", plain(total))
    if stage.closed and world.switches.closing_fills_closedate and not draft.value("closedate") and not draft.loading:
        draft.set("closedate", wire(draft.now))


def _entered_at(draft: Draft, stage: Stage) -> int:
    """For seeded deals: a closed stage was entered at the close date, an open one at creation."""
    closed = parse_instant(draft.value("closedate")) if stage.closed and draft.value("closedate") else None
    return draft.created if closed is None else max(draft.created, min(closed, draft.now))


def _flags(draft: Draft, stage: Stage) -> None:
    draft.set("hs_is_closed", "true" if stage.closed else "false")
    draft.set("hs_is_closed_won", "true" if stage.won else "false")
    draft.set("hs_is_closed_lost", "true" if stage.lost else "false")
    draft.set("hs_closed_won_date", draft.value("closedate") if stage.won else "")
    draft.set("hs_deal_stage_probability", stage.probability or "")


def _home_amount(world: World, draft: Draft, *, closed: bool) -> None:
    home = world.account.currency
    if draft.is_new and not draft.value("deal_currency_code") and len(world.account.currencies) > 1:
        draft.set("deal_currency_code", home)
    currency = draft.value("deal_currency_code") or home
    if currency == home:
        draft.set("hs_exchange_rate", "1.0")
        draft.set("amount_in_home_currency", draft.value("amount"))
        return
    close = parse_instant(draft.value("closedate")) if closed and draft.value("closedate") else None
    rate = rate_text(world, currency, draft.now if close is None else close)
    draft.set("hs_exchange_rate", rate or "")
    amount = draft.value("amount")
    if not rate or not amount:
        draft.set("amount_in_home_currency", "")
        return
    unit = Decimal(1).scaleb(-minor_digits(home))
    try:
        product = (Decimal(amount) * Decimal(rate)).quantize(unit, ROUND_HALF_UP)
    except ArithmeticError:
        draft.set("amount_in_home_currency", "")
        return
    draft.set("amount_in_home_currency", plain(product))
