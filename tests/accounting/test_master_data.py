"""Cases 44 to 50: what a document refers to, and who it is for."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from include.connectors.intacct.xmltext import append, clean_text
from include.core.decisions import Hold, Key, Write
from include.core.money import Money
from include.flows.customers.new_customer import LONGEST_CUSTOMER_ID, new_customer_id
from include.flows.deals.reference_check import References, held_by_references
from include.flows.figures.customer_standing import OpenItem, Standing, standings
from include.flows.sync.field_agreement import Shown, settle
from include.flows.sync.settings import FieldRule
from tests.accounting.amounts import eur, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import ACME, KNOWN, SETTINGS, deal, decide, hold
from tests.flows.test_reference_check import invoice as invoice_of
from tests.flows.test_reference_check import line as item_of

TODAY = date(2026, 11, 16)


def test_case_44_a_line_that_lacks_a_demanded_dimension_holds_the_whole_invoice() -> None:
    known = References(demanded={"4000": ("CLASS",)})
    good, bad = invoice_of("1", item_of(classid="SAAS")), invoice_of("2", item_of(classid="SAAS"), item_of())
    kept, held = held_by_references([good, bad], known)
    assert kept is good
    assert isinstance(held, Hold)
    assert held.code == "missing_dimension"


def test_case_45_an_inactive_reference_is_held_with_its_successor() -> None:
    known = References(inactive={("ITEM", "plan-old"): "Plan"}, successors={("ITEM", "plan-old"): ["PLAN-NEW"]})
    (held,) = held_by_references([invoice_of("1", item_of(itemid="PLAN-OLD"))], known)
    assert isinstance(held, Hold)
    assert held.code == "inactive_reference"
    assert "PLAN-NEW has the same name and is active" in held.message
    assert hold(deal(), replace(KNOWN, customers=[replace(ACME, active=False)])).code == "customer_inactive"


def test_case_46_a_company_that_was_merged_keeps_its_customer_and_its_invoices() -> None:
    (first,) = decide(deal())
    assert isinstance(first, Write)
    merged = replace(deal(), company={**deal().company, "id": "71", "hs_merged_object_ids": "70"})
    (again,) = decide(merged, replace(KNOWN, invoiced={"501": first.facts}))
    assert isinstance(again, Write)
    assert again.content_hash == first.content_hash
    stranger = replace(deal(), company={**deal().company, "id": "71"})
    (other,) = decide(stranger, replace(KNOWN, invoiced={"501": first.facts}))
    assert isinstance(other, Write)
    assert other.content_hash != first.content_hash


def test_case_47_two_customers_of_one_company_are_summed_by_currency() -> None:
    items = [
        OpenItem("C-1", usd(100), None, TODAY),
        OpenItem("C-2", eur(50), None, TODAY),
        OpenItem("C-2", usd(20), None, TODAY),
    ]
    of_company = [replace(item, customer_id="company") for item in items]
    assert {one.currency: one.open.text for one in standings(["company"], of_company, [])["company"].balances} == {
        "USD": "120.00",
        "EUR": "50.00",
    }
    found = standings(["C-1", "C-2"], items, [])
    assert (found["C-1"].in_currency("USD").open, found["C-2"].in_currency("EUR").open) == (usd(100), eur(50))
    assert Standing("C-3").balances == ()


def test_case_48_the_legal_name_is_intaccts_and_the_brand_hubspots() -> None:
    hubspot, intacct = Shown("Acme Clouds"), Shown("Acme Inc")
    assert settle(hubspot, intacct, "intacct", lambda side: side == "hubspot") == "to_hubspot"
    assert settle(hubspot, intacct, "hubspot", lambda side: side == "intacct") == "to_intacct"
    assert FieldRule(hubspot="company.legal_name", intacct="NAME", owner="intacct").owner == "intacct"
    with pytest.raises(ValidationError, match="finance's"):
        FieldRule(hubspot="company.limit", intacct="CREDITLIMIT", owner="hubspot")


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_case_49_ids_are_short_plain_deterministic_and_do_not_collide(one: str, other: str) -> None:
    ids = [new_customer_id(company, SETTINGS.customer) for company in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert all(len(each) <= LONGEST_CUSTOMER_ID for each in ids)
    keys = [Key("intacct", "invoice", "hubspot", "deal", source, "invoice").document_key() for source in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,30}", key) for key in keys)


def test_case_49_a_usual_id_stays_readable() -> None:
    assert new_customer_id("5156001", SETTINGS.customer) == "HS-5156001"
    assert Key("intacct", "invoice", "hubspot", "deal", "5156001", "invoice").document_key() == (
        "hs-deal-5156001-invoice"
    )


def test_case_50_only_what_xml_cannot_carry_is_taken_out_and_its_number_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = "Müller\x00 & <Söhne> ]]> 😀 \u202eabc\u202c \ud800\x1b\U0001d518"
    with caplog.at_level(logging.WARNING):
        cleaned = clean_text(text, "NAME")
    assert cleaned == "Müller & <Söhne> ]]> 😀 \u202eabc\u202c \U0001d518"
    assert "3 characters" in caplog.text
    assert "Müller" not in caplog.text


@given(st.text(st.characters(codec=None), max_size=80))
def test_case_50_every_text_survives_its_way_through_xml(text: str) -> None:
    root = etree.Element("r")
    append(root, "NAME", text)
    back = etree.fromstring(etree.tostring(root, encoding="UTF-8"))[0].text or ""
    # XML itself reads a carriage return written as such; lxml writes it as a reference, so it comes back.
    assert back == clean_text(text, "NAME")
    assert clean_text(back, "NAME") == back


def test_case_47_nothing_is_converted_between_the_currencies() -> None:
    found = standings(["C-1"], [OpenItem("C-1", Money.of("100", "JPY"), None, TODAY)], [])["C-1"]
    assert [one.currency for one in found.balances] == ["JPY"]
