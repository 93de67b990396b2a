"""The won deals of the demo that must wait for a person, and the reason a person must be told."""

from __future__ import annotations

from datetime import date, timedelta

from include.sandbox.company.cases import Case, Found, lines, utc
from include.sandbox.company.model import Line
from include.sandbox.company.places import BRAZIL, GERMANY, SWITZERLAND, UNITED_KINGDOM


def _starts_next_month(day: date) -> tuple[Line, ...]:
    return (
        Line(
            "PLAN-ENT",
            "5",
            "1188",
            frequency="annually",
            term_months=12,
            starts=day + timedelta(days=31),
        ),
    )


HELD = (
    Case(
        "a product that no mapping knows",
        "unmapped_product",
        lines=lines(Line("GATEWAY-2", "2", "745"), Line("LEGACY-ADDON", "3", "75")),
    ),
    Case("the amount is one cent above the lines", "amount_differs_from_lines", amount_off=1),
    Case(
        "everything is free",
        "zero_total",
        lines=lines(Line("ONBOARD", "1", "0"), Line("TRAIN-DAY", "1", "1350", discount_percent="100")),
    ),
    Case("billing starts after the deal was won", "billing_starts_later", lines=_starts_next_month),
    Case(
        "a currency without an exchange rate",
        "unknown_currency",
        country=SWITZERLAND,
        currency="CHF",
        billing_entity="DE",
        lines=lines(Line("SENSOR-1", "20", "172.5")),
    ),
    Case(
        "won in a closed month of the entity that holds",
        "closed_period",
        country=UNITED_KINGDOM,
        currency="GBP",
        won=utc(2026, 9, 21, 10, 45),
    ),
    Case("no company on the deal", "no_company", found=Found.NO_COMPANY, billing_entity="US"),
    Case("two customers with the company's e-mail domain", "ambiguous_customer", found=Found.TWO_BY_DOMAIN),
    Case("a customer of the same name in another town", "similar_customer", found=Found.SAME_NAME_ELSEWHERE),
    Case("the customer is inactive", "customer_inactive", found=Found.INACTIVE),
    Case(
        "the customer is on hold",
        "customer_on_hold",
        found=Found.ON_HOLD,
        country=UNITED_KINGDOM,
        currency="GBP",
    ),
    Case("a country that no entity bills", "no_entity", found=Found.NEW, country=BRAZIL, term="N30"),
    Case("no line items", "no_lines", lines=lines()),
    Case(
        "the credit is larger than the sale",
        "negative_total",
        lines=lines(Line("SENSOR-1", "1", "189.5"), Line("GATEWAY-2", "2", "100", discount="410")),
    ),
    Case(
        "two customers with the company's tax id",
        "ambiguous_customer",
        found=Found.TWO_BY_TAX_ID,
        country=GERMANY,
        currency="EUR",
    ),
    Case(
        "the amount leaves out the header discount",
        "amount_differs_from_lines",
        found=Found.NEW,
        term="N30",
        header_percent="5",
        amount_before_discount=True,
        lines=lines(Line("GATEWAY-2", "6", "745"), Line("TRAIN-DAY", "1", "1350")),
    ),
)
