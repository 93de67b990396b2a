"""The demo's renewals as the tests see them, and what people do about them in the two systems.

The demo's day is 16 November 2026: RECUR-1003 (yearly, C-9003, from 10 December) and RECUR-1005 (quarterly, C-9005,
from 15 January 2027, the sixtieth day) come up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.connectors.hubspot.batch import Link, NewRecord, batch_create, batch_update
from include.flows.intacct_renewal_to_hubspot_deal import FLOW
from tests.flows.office import Office

NINE = datetime(2026, 11, 16, 9, tzinfo=UTC)
TOLLIVER, SKELBY = "20415100151", "20415100185"
RENEWALS, SIGNED, DROPPED, TALKING = "78411290", "186520417", "186520419", "186520411"


def run(demo: Office, **options: Any) -> Mapping[str, int]:
    return demo.run_flow(FLOW, **options)


def records(demo: Office, kind: str) -> list[dict[str, Any]]:
    return [one for one in demo.sandbox.control.books("hubspot") if one["type"] == kind and not one["archived"]]


def deals(demo: Office, number: str = "") -> list[dict[str, Any]]:
    """The renewal deals that Tieout made (of one recurring invoice), as HubSpot holds them."""
    ours = [one for one in records(demo, "deals") if one["properties"].get("tieout_source_key")]
    return [one for one in ours if number in {"", one["properties"]["intacct_contract"]}]


def deal(demo: Office, number: str) -> dict[str, Any]:
    (found,) = deals(demo, number)
    return found


def lines(demo: Office, number: str) -> list[dict[str, str]]:
    ids = deal(demo, number)["associations"].get("line_items", [])
    return [one["properties"] for one in records(demo, "line_items") if one["id"] in ids]


def picture(demo: Office) -> list[dict[str, Any]]:
    kept = [*deals(demo), *(one for one in records(demo, "line_items") if one["properties"].get("tieout_source_key"))]
    return [{name: one[name] for name in ("id", "properties", "associations")} for one in kept]


def change(demo: Office, kind: str, record_id: str, **values: str) -> None:
    """What a person does in HubSpot."""
    assert not batch_update(demo.hubspot(), kind, {record_id: values}).failed


def add_deal(demo: Office, company: str, line: Mapping[str, str] | None = None, **values: str) -> str:
    """A deal that a person makes in HubSpot."""
    hubspot = demo.hubspot()
    properties = {"dealname": "By hand", "pipeline": RENEWALS, "dealstage": TALKING, "amount": "100.00", **values}
    (made,) = batch_create(hubspot, "deals", {"one": NewRecord(properties, (Link(company, 341),))}).created.values()
    if line is not None:
        item = NewRecord({"name": "Line", "quantity": "1", "price": "100", **line}, (Link(made.id, 20),))
        assert batch_create(hubspot, "line_items", {"one": item}).created
    return made.id


def in_intacct(demo: Office, number: str, line: Mapping[str, Any] | None = None, **values: Any) -> None:
    """What a person changes of a recurring invoice in Intacct, whose API has no function for it. Amounts in cents."""
    twin = demo.sandbox.sandbox.twins["intacct"]
    with twin._lock, twin._db.transaction():
        (head,) = twin._db.rows("SELECT RECORDNO FROM ARRECURINVOICE WHERE RECORDID = ?", (number,))
        if values:
            twin._db.update("ARRECURINVOICE", head["RECORDNO"], values)
        if line:
            (first, *_) = twin._db.matching("ARRECURINVOICEENTRY", "RECORDKEY", head["RECORDNO"])
            twin._db.update("ARRECURINVOICEENTRY", first["RECORDNO"], line)


def setting(settings: Path, old: str, new: str) -> None:
    file = settings / f"{FLOW.name}.yaml"
    text = file.read_text()
    assert f"\n{old}\n" in text
    file.write_text(text.replace(f"\n{old}\n", f"\n{new}\n"))


def recurring(demo: Office, number: str, customer: str, *, start: str, **values: str) -> None:
    """A yearly recurring invoice that a person enters, which ran once."""
    line = {"ACCOUNTNO": "4000", "TRX_AMOUNT": "11880.00", "ENTRYDESCRIPTION": "Plan", "LOCATIONID": "100"}
    fields = {
        "RECORDID": number,
        "CUSTOMERID": customer,
        "TERMNAME": "N30",
        "CURRENCY": "USD",
        "WHENCREATED": start,
        "STARTDATE": start,
        "REPEATBY": "Years",
        "EXECCOUNT": "1",
        **values,
    }
    dimensions = {"DEPARTMENTID": "D10", "CLASSID": "SAAS", "ITEMID": "PLAN-ENT"}
    record = {"object": "ARRECURINVOICE", "fields": fields, "items": [line | dimensions]}
    demo.sandbox.sandbox.twins["intacct"].load([record])
