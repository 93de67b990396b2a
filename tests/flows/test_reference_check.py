"""What Intacct would refuse is told to a person before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_create, build_update
from include.core.decisions import Hold, Json, Key, Ref, Write
from include.flows.deals.reference_check import References, held_by_references, read_references
from tests.flows.office import Office

CUSTOMER = Key("intacct", "customer", "hubspot", "company", "9", "customer")


def invoice(deal: str, *items: Json, customer: Json | str = "C-1") -> Write:
    key = Key("intacct", "invoice", "hubspot", "deal", deal, "invoice")
    return Write(key, {"customerid": customer, "invoiceitems": list(items)}, {"deal": deal})


def line(**more: str) -> Json:
    return {"glaccountno": "4000", "amount": "10.00", "memo": "Plan", "locationid": "100", **more}


def change(demo: Office, object_name: str, **fields: Any) -> None:
    (done,) = demo.intacct().call([Function(build_update(object_name, fields))])
    assert done.ok


def codes(decisions: list[Any]) -> dict[str, str]:
    return {one.source_id: one.code for one in decisions if isinstance(one, Hold)}


def test_a_line_that_lacks_a_dimension_its_account_demands_holds_the_whole_document() -> None:
    known = References(demanded={"4000": ("CLASS", "CUSTOMER")})
    good, bad = invoice("1", line(classid="SAAS")), invoice("2", line(classid="SAAS"), line())
    decided = held_by_references([good, bad], known, {"2": "Deal “Roof” (2)"})
    assert decided[0] is good
    assert codes(decided) == {"2": "missing_dimension"}
    assert isinstance(decided[1], Hold)
    assert decided[1].message.startswith(
        "Deal “Roof” (2): GL account 4000 demands a class, which the line “Plan” lacks"
    )


def test_a_new_customer_that_only_held_invoices_need_is_not_made() -> None:
    known = References(inactive={("ITEM", "plan"): "Plan"})
    customer = Write(CUSTOMER, {"NAME": "New"}, {})
    ref = Ref(CUSTOMER).to_json()
    bad = invoice("1", line(itemid="PLAN"), customer=ref)
    good = invoice("2", line(), customer=ref)
    assert codes(held_by_references([customer, bad], known)) == {"1": "inactive_reference"}
    assert customer not in held_by_references([customer, bad], known)
    assert customer in held_by_references([customer, bad, good], known)


def test_what_intacct_does_not_show_is_left_to_intacct(demo: Office) -> None:
    decisions = [invoice("1", line(itemid="NO-SUCH-ITEM", projectid="P-0"))]
    known = read_references(demo.intacct(), decisions)
    assert known.inactive == {}
    assert known.demanded == {"4000": ("CLASS",)}


def test_one_request_asks_for_a_whole_slice(demo: Office) -> None:
    client = demo.intacct()
    client.login()
    demo.sandbox.control.forget_calls()
    lines = [line(classid=one, departmentid="D10", itemid="PLAN-TEAM") for one in ("SAAS", "HW", "SVC")]
    read_references(client, [invoice(str(n), *lines) for n in range(50)])
    assert demo.sandbox.control.counts()["calls"] == 1


def test_nothing_is_asked_where_nothing_is_to_be_sent(demo: Office) -> None:
    before = demo.sandbox.control.counts()["calls"]
    assert read_references(demo.intacct(), []) == References()
    assert demo.sandbox.control.counts()["calls"] == before


def test_an_inactive_class_holds_the_deals_concerned_and_names_its_successor(demo: Office) -> None:
    (made,) = demo.intacct().call([Function(build_create("CLASS", {"CLASSID": "HW27", "NAME": "Hardware"}))])
    assert made.ok
    change(demo, "CLASS", CLASSID="HW", STATUS="inactive")
    demo.invoice_won_deals()
    held = {h.source_id: h for h in demo.store().open_holds("hubspot_closed_won_to_intacct_invoice")}
    concerned = [one for one in held.values() if one.code == "inactive_reference"]
    assert concerned
    assert all(
        "class HW (Hardware)" in one.message and "class HW27 has the same name" in one.message for one in concerned
    )
    assert "inactive in Intacct" in (demo.deal(concerned[0].source_id)["tieout_message"] or "")
    posted = demo.invoices()
    assert posted  # the others went on
    # Repaired in Intacct, the next run posts them.
    change(demo, "CLASS", CLASSID="HW", STATUS="active")
    demo.invoice_won_deals()
    assert "inactive_reference" not in demo.hold_codes().values()
    assert demo.verdict().problems == ()


def test_where_accounts_may_not_be_read_intacct_decides(demo: Office, caplog: pytest.LogCaptureFixture) -> None:
    client = demo.intacct()
    decisions = [invoice("1", {**line(), "itemid": "x" * 3})]
    refused = {"system": "intacct", "label": "query GLACCOUNT", "level": "function", "errorno": "PL04000005"}
    with demo.sandbox.control.faulty("refusal", message="no permission", **refused):
        assert read_references(client, decisions) == References()
    assert "not checked" in caplog.text


def test_a_dimension_that_no_setting_gives_is_told_before_anything_is_sent(demo: Office) -> None:
    demo.invoice_won_deals(limit=5)
    posted = len(demo.invoices())
    change(demo, "GLACCOUNT", ACCOUNTNO="4300", REQUIREVENDOR="true")
    demo.invoice_won_deals()
    codes = set(demo.hold_codes().values())
    assert "missing_dimension" in codes
    assert "rejected_by_intacct" not in codes
    assert len(demo.invoices()) > posted
