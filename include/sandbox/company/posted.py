"""The won deals of the demo that must become invoices."""

from __future__ import annotations

from datetime import date, timedelta

from include.sandbox.company.cases import Case, Found, Lines, lines, utc
from include.sandbox.company.catalogue import PARTNER_PIPELINE
from include.sandbox.company.model import Line
from include.sandbox.company.places import AUSTRIA, FRANCE, GERMANY, JAPAN, NETHERLANDS, UNITED_KINGDOM

SIMPLE = (
    Case("one line", lines=lines(Line("SENSOR-1", "12", "189.5"))),
    Case("a company that is not a customer yet", found=Found.NEW, term="N30"),
    Case("found by tax id", found=Found.TAX_ID, country=UNITED_KINGDOM, currency="GBP"),
    Case("found by e-mail domain", found=Found.DOMAIN, country=GERMANY, currency="EUR"),
    Case("found by name and address", found=Found.NAME_AND_ADDRESS),
)

_THREE_AT_10_05 = (Line("SENSOR-1", "1", "10.05"), Line("GATEWAY-2", "1", "10.05"), Line("ONBOARD", "1", "10.05"))


def _ten_percent_off(line: Line) -> Line:
    return Line(line.sku, line.quantity, line.price, discount_percent="10")


DISCOUNTS = (
    Case("percentage discounts, rounded line by line", lines=lines(*map(_ten_percent_off, _THREE_AT_10_05))),
    Case(
        "header discount shared to the cent",
        found=Found.NEW,
        term="N15",
        lines=lines(*_THREE_AT_10_05),
        header_percent="10",
    ),
    Case(
        "discount in money per unit",
        found=Found.TAX_ID,
        lines=lines(Line("SENSOR-1", "40", "189.5", discount="14.255"), Line("GATEWAY-2", "3", "745")),
    ),
    Case(
        "prices with many decimals",
        lines=lines(Line("PLAN-TEAM", "12345", "0.00375"), Line("SENSOR-1", "7", "181.428571")),
    ),
    Case(
        "half a cent goes up",
        found=Found.NEW,
        term="N30",
        lines=lines(Line("SENSOR-1", "1", "10.005"), Line("GATEWAY-2", "2.5", "0.45"), Line("ONBOARD", "1", "1000")),
    ),
    Case(
        "free lines",
        found=Found.DOMAIN,
        country=FRANCE,
        currency="EUR",
        lines=lines(
            Line("GATEWAY-2", "2", "690"),
            Line("ONBOARD", "1", "0"),
            Line("TRAIN-DAY", "1", "1240", discount_percent="100"),
        ),
    ),
    Case(
        "a credit line inside a positive invoice",
        lines=lines(Line("GATEWAY-2", "4", "745"), Line("SENSOR-1", "3", "40", discount="115")),
    ),
    Case(
        "twenty lines under one header discount",
        found=Found.NEW,
        term="N30",
        header_percent="7.5",
        lines=lines(
            *(Line(sku, str(n + 1), f"{19 + 7 * n}.99") for n in range(5) for sku in ("SENSOR-1", "GATEWAY-2")),
            *(Line(sku, "1", f"{101 + 13 * n}.35") for n in range(5) for sku in ("ONBOARD", "TRAIN-DAY")),
        ),
    ),
)


def _subscription_and_onboarding(day: date) -> tuple[Line, ...]:
    return (
        Line("PLAN-ENT", "8", "1188", frequency="annually", term_months=12, starts=day),
        Line("SUPPORT-GOLD", "1", "320", frequency="monthly", term_months=12, starts=day),
        Line("ONBOARD", "1", "2400"),
    )


def _started_last_week(day: date) -> tuple[Line, ...]:
    start = day - timedelta(days=7)
    return (Line("PLAN-TEAM", "25", "49", frequency="monthly", term_months=24, starts=start),)


_QUARTERLY: Lines = lines(
    Line("PLAN-TEAM", "60", "127.4", discount_percent="12.5", frequency="quarterly", term_months=36)
)
_NO_TERM: Lines = lines(Line("SUPPORT-GOLD", "2", "320", frequency="monthly"))

RECURRING = (
    Case(
        "one-time and recurring lines together: the first period is billed",
        found=Found.NEW,
        country=UNITED_KINGDOM,
        currency="GBP",
        term="N30",
        lines=_subscription_and_onboarding,
    ),
    Case("billing started before the deal was won", lines=_started_last_week),
    Case(
        "quarterly billing",
        found=Found.NEW,
        country=UNITED_KINGDOM,
        currency="GBP",
        term="N15",
        lines=_QUARTERLY,
    ),
    Case("recurring without a term", lines=_NO_TERM, country=NETHERLANDS, currency="EUR"),
)

ENTITIES = (
    Case(
        "euros billed by the US entity",
        found=Found.NEW,
        country=GERMANY,
        currency="EUR",
        billing_entity="US",
        term="N30",
    ),
    Case(
        "yen have no decimals",
        found=Found.NEW,
        country=JAPAN,
        currency="JPY",
        billing_entity="US",
        term="N30",
        lines=lines(Line("SENSOR-1", "3", "1250.5"), Line("GATEWAY-2", "7", "98333")),
    ),
    Case(
        "the deal's billing entity goes before the country",
        found=Found.NEW,
        country=UNITED_KINGDOM,
        currency="GBP",
        billing_entity="DE",
        term="N30",
    ),
    Case("Austria is billed by the GmbH", found=Found.NEW, country=AUSTRIA, currency="EUR", term="EOM30"),
    Case(
        "dollars billed by the UK entity",
        found=Found.NEW,
        country=UNITED_KINGDOM,
        currency="USD",
        billing_entity="UK",
        term="N15",
    ),
)

DATES = (
    Case("won at 23:30 on the last evening of a month", won=utc(2026, 11, 1, 3, 30)),
    Case(
        "won after midnight in London, the day before by UTC",
        found=Found.NEW,
        country=UNITED_KINGDOM,
        currency="GBP",
        term="N15",
        won=utc(2026, 10, 14, 23, 30),
    ),
    Case("won on the last evening of a closed quarter", won=utc(2026, 10, 1, 3, 30)),
    Case("won in a closed month", found=Found.TAX_ID, won=utc(2026, 8, 14, 15, 20)),
    Case(
        "won while its entity's period is open and the others' are closed",
        country=GERMANY,
        currency="EUR",
        won=utc(2026, 9, 15, 9, 10),
    ),
    Case("due thirty days after the end of the month", found=Found.NEW, term="EOM30"),
    Case("the customer's own terms, which HubSpot does not know", term="N15", term_in_hubspot=False),
)

COMPANIES = (
    Case("won in the second pipeline's numeric stage", found=Found.NAME_AND_ADDRESS, pipeline=PARTNER_PIPELINE),
    Case("two deals of one new company", found=Found.NEW, term="N30", deals=2),
    Case("two equal amounts for one customer", deals=2, same_lines=True),
    Case("two companies on the deal, the primary one counts", second_company=True),
    Case(
        "names with accents and markup characters",
        found=Found.NEW,
        country=GERMANY,
        currency="EUR",
        term="N30",
        name_suffix=" Süd & Søn",
        deal_suffix=' <"Çelik">',
    ),
    Case("customers with nearly the same name", look_alikes=True, reopened=True),
    Case("a new company without a contact", found=Found.NEW, term="N30", people=0),
)

ORDINARY = (
    Case("an ordinary deal", deals=2, people=3),
    Case("an ordinary deal", country=UNITED_KINGDOM, currency="GBP", people=2),
    Case("an ordinary deal", found=Found.NEW, country=NETHERLANDS, currency="EUR", term="N30"),
    Case("an ordinary deal", found=Found.DOMAIN, country=GERMANY, currency="EUR", deals=2),
)
