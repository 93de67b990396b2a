"""Deals of the demo that are none of the flow's business: open, lost, or won before the first day that
counts."""

from __future__ import annotations

from include.sandbox.company.cases import Case, Closing, Found, utc
from include.sandbox.company.catalogue import PARTNER_PIPELINE
from include.sandbox.company.places import GERMANY, UNITED_KINGDOM

IGNORED = (
    Case("still open", closing=Closing.OPEN, found=Found.NEW, term="N30"),
    Case(
        "won half an hour before the first day that counts, by the entity's calendar",
        before_go_live=True,
        won=utc(2026, 8, 1, 3, 30),
    ),
    Case(
        "a stage that is called won and is not",
        closing=Closing.WON_IN_NAME_ONLY,
        pipeline=PARTNER_PIPELINE,
    ),
    Case("lost", closing=Closing.LOST, found=Found.NEW, country=UNITED_KINGDOM, currency="GBP", term="N30"),
    Case(
        "won long before the first day that counts",
        before_go_live=True,
        won=utc(2026, 6, 17, 11, 5),
        country=GERMANY,
        currency="EUR",
    ),
    Case("lost in the second pipeline", closing=Closing.LOST, pipeline=PARTNER_PIPELINE),
)
