"""``/settings/currencies``: the company's currency and its exchange rates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import DEAL
from include.sandbox.hubspot.errors import Refusal, invalid, not_found, too_many_inputs
from include.sandbox.hubspot.objects import writing
from include.sandbox.hubspot.replies import batch
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.times import parse_instant, wire
from include.sandbox.hubspot.values import decimal

CODES = {
    "AUD": "Australian Dollar", "BRL": "Brazilian Real", "CAD": "Canadian Dollar", "CHF": "Swiss Franc",
    "CNY": "Chinese Yuan", "CZK": "Czech Koruna", "DKK": "Danish Krone", "EUR": "Euro", "GBP": "British Pound",
    "HKD": "Hong Kong Dollar", "HUF": "Hungarian Forint", "INR": "Indian Rupee", "JPY": "Japanese Yen",
    "KRW": "South Korean Won", "MXN": "Mexican Peso", "NOK": "Norwegian Krone", "NZD": "New Zealand Dollar",
    "PLN": "Polish Zloty", "SEK": "Swedish Krona", "SGD": "Singapore Dollar", "USD": "US Dollar",
    "ZAR": "South African Rand",
}  # fmt: skip
_RATE = re.compile(r"^\d{1,12}(\.\d{1,6})?$")


def company_currency(call: Call) -> Reply:
    return Reply(200, {"currencyCode": call.world.account.currency})


def set_company_currency(call: Call) -> Reply:
    code = _code(call.json(), "currencyCode")
    _account(call, {"companyCurrency": code})
    return Reply(200, {"currencyCode": code})


def codes(_: Call) -> Reply:
    return Reply(200, {"results": [{"currencyCode": code, "currencyName": name} for code, name in CODES.items()]})


def listed(call: Call) -> Reply:
    found = call.world.db.documents("exchange_rate").values()
    return Reply(200, {"results": [_shown(rate) for rate in sorted(found, key=lambda rate: int(rate["id"]))]})


def current(call: Call) -> Reply:
    """The newest rate of every pair that is in force."""
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    rates = call.world.db.documents("exchange_rate").values()
    for rate in sorted(rates, key=lambda rate: parse_instant(rate["effectiveAt"]) or 0):
        if (parse_instant(rate["effectiveAt"]) or 0) <= call.now:
            newest[(rate["fromCurrencyCode"], rate["toCurrencyCode"])] = rate
    return Reply(200, {"results": [_shown(rate) for rate in newest.values()]})


def get(call: Call, rate_id: str) -> Reply:
    return Reply(200, _shown(_existing(call, rate_id)))


def create(call: Call) -> Reply:
    return Reply(201, _shown(_created(call, call.json())))


def update(call: Call, rate_id: str) -> Reply:
    return Reply(200, _shown(_updated(call, rate_id, call.json())))


def batch_create(call: Call) -> Reply:
    return batch(call, 201, [_shown(_created(call, row)) for row in _inputs(call)])


def batch_update(call: Call) -> Reply:
    rows = _inputs(call)
    return batch(call, 200, [_shown(_updated(call, body.required_text(row, "id"), row)) for row in rows])


def batch_read(call: Call) -> Reply:
    results, errors = [], []
    for row in _inputs(call):
        try:
            results.append(_shown(_existing(call, body.required_text(row, "id"))))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            errors.append(refusal.row())
    return batch(call, 200, results, errors)


def update_visibility(call: Call) -> Reply:
    sent = call.json()
    pair = (_code(sent, "fromCurrencyCode"), _code(sent, "toCurrencyCode"))
    visible = body.flag(sent, "visibleInUI", True)
    for rate in list(call.world.db.documents("exchange_rate").values()):
        if (rate["fromCurrencyCode"], rate["toCurrencyCode"]) == pair:
            call.world.db.put_document("exchange_rate", rate["id"], {**rate, "visibleInUI": visible})
    return Reply(204)


def central_information(call: Call) -> Reply:
    return Reply(200, {"centralExchangeRatesEnabled": False, "companyCurrency": call.world.account.currency})


def add_currency(call: Call) -> Reply:
    code = _code(call.json(), "currencyCode")
    others = [one for one in call.world.account.currencies if one != call.world.account.currency]
    _account(call, {"additionalCurrencies": list(dict.fromkeys([*others, code]))})
    return Reply(200, {"currencyCode": code})


def unsupported(_: Call) -> Reply:
    return Reply(200, {"results": []})


def _account(call: Call, change: Mapping[str, Any]) -> None:
    call.world.db.put_document("account", "account", {**call.world.account.body, **change})


def _inputs(call: Call) -> list[dict[str, Any]]:
    rows = body.items(call.json())
    if len(rows) > 100:
        raise too_many_inputs(100)
    return rows


def _existing(call: Call, rate_id: str) -> dict[str, Any]:
    found = call.world.db.document("exchange_rate", rate_id)
    if found is None:
        raise not_found()
    return dict(found)


def _created(call: Call, sent: Mapping[str, Any]) -> dict[str, Any]:
    now = wire(call.now)
    rate = {
        "id": str(call.world.db.next_id()),
        "fromCurrencyCode": _code(sent, "fromCurrencyCode"),
        "toCurrencyCode": _code(sent, "toCurrencyCode"),
        "conversionRate": _conversion(sent),
        "effectiveAt": _effective(sent, now),
        "visibleInUI": body.flag(sent, "visibleInUI", True),
        "createdAt": now,
        "updatedAt": now,
    }
    if rate["toCurrencyCode"] != call.world.account.currency:
        raise invalid(f"toCurrencyCode must be the company currency {call.world.account.currency}")
    _put(call, rate)
    return rate


def _updated(call: Call, rate_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    rate = {**_existing(call, rate_id), "updatedAt": wire(call.now)}
    if sent.get("conversionRate") is not None:
        rate["conversionRate"] = _conversion(sent)
    rate["effectiveAt"] = _effective(sent, rate["effectiveAt"])
    rate["visibleInUI"] = body.flag(sent, "visibleInUI", rate["visibleInUI"])
    _put(call, rate)
    return rate


def _put(call: Call, rate: dict[str, Any]) -> None:
    """Keep a rate; deals in that currency follow (closed ones only as far as the rate at their close changed)."""
    call.world.db.put_document("exchange_rate", rate["id"], rate)
    rows = call.world.db.rows(
        "SELECT id FROM objects WHERE type = '0-3' AND archived_at IS NULL"
        " AND json_extract(props, '$.\"deal_currency_code\"') = ?",
        (rate["fromCurrencyCode"],),
    )
    for (deal_id,) in rows:
        writing.recalculate(call.world, DEAL, deal_id, call.now)


def _code(sent: Mapping[str, Any], name: str) -> str:
    code = body.required_text(sent, name)
    if code not in CODES:
        raise invalid(f"{code[:20]} was not one of the allowed options: [{', '.join(CODES)}]")
    return code


def _conversion(sent: Mapping[str, Any]) -> str:
    text = body.required_text(sent, "conversionRate")
    if not _RATE.match(text) or decimal(text) <= 0:
        raise invalid("conversionRate must be greater than 0 and have at most 6 decimals")
    return text


def _effective(sent: Mapping[str, Any], default: str) -> str:
    given = body.text(sent, "effectiveAt")
    if given is None:
        return default
    ms = parse_instant(given)
    if ms is None:
        raise invalid(f"effectiveAt {given[:40]} is not a time")
    return wire(ms)


def _shown(rate: Mapping[str, Any]) -> dict[str, Any]:
    # A JSON number on the wire, as the service sends it; stored and calculated as text and Decimal.
    return {**rate, "conversionRate": float(rate["conversionRate"])}


_READ, _WRITE = fixed("settings.currencies.read", "settings.currencies.write"), fixed("settings.currencies.write")

ROUTES: tuple[Route, ...] = (
    route("GET", "currencies", "company-currency", company_currency, _READ),
    route("PUT", "currencies", "company-currency", set_company_currency, _WRITE, writes=True),
    route("GET", "currencies", "codes", codes, _READ),
    route("GET", "currencies", "exchange-rates", listed, _READ),
    route("POST", "currencies", "exchange-rates", create, _WRITE, writes=True),
    route("GET", "currencies", "exchange-rates/current", current, _READ),
    route("POST", "currencies", "exchange-rates/update-visibility", update_visibility, _WRITE, writes=True),
    route("POST", "currencies", "exchange-rates/batch/create", batch_create, _WRITE, writes=True),
    route("POST", "currencies", "exchange-rates/batch/read", batch_read, _READ),
    route("POST", "currencies", "exchange-rates/batch/update", batch_update, _WRITE, writes=True),
    route("GET", "currencies", "exchange-rates/{n}", get, _READ),
    route("PATCH", "currencies", "exchange-rates/{n}", update, _WRITE, writes=True),
    route("GET", "currencies", "central-fx-rates/information", central_information, _READ),
    route("POST", "currencies", "central-fx-rates/add-currency", add_currency, _WRITE, writes=True),
    route("GET", "currencies", "central-fx-rates/unsupported-currencies", unsupported, _READ),
)
