"""Mutated calls: none breaks the twin, and a refused one leaves the books as they were."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode

import pytest

from include.sandbox.exchange import Request
from tests.sandbox.mutations import BATCH, batches, say

TYPES = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
DEAL = {"dealname": "x", "dealstage": "contractsent", "amount": "1.5", "closedate": "2026-10-01"}
CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/crm/v3/objects/deals", {"properties": DEAL, "associations": [{"to": {"id": "8801"}, "types": TYPES}]}),
    ("PATCH", "/crm/v3/objects/deals/5156001", {"properties": {"amount": "7", "dealstage": "closedlost"}}),
    ("DELETE", "/crm/v3/objects/companies/8802", None),
    ("GET", "/crm/v3/objects/deals/5156001", None),
    ("POST", "/crm/v3/objects/deals/batch/read", {"inputs": [{"id": "5156001"}], "properties": ["amount"]}),
    ("POST", "/crm/objects/2026-09/deals/batch/create", {"inputs": [{"properties": DEAL, "objectWriteTraceId": "a"}]}),
    ("POST", "/crm/v3/objects/deals/batch/update", {"inputs": [{"id": "5156002", "properties": {"amount": "2"}}]}),
    ("POST", "/crm/v3/objects/companies/batch/upsert",
     {"inputs": [{"id": "A-1", "idProperty": "erp_key", "properties": {"name": "n"}}]}),
    ("POST", "/crm/v3/objects/contacts/batch/archive", {"inputs": [{"id": "9001"}]}),
    ("POST", "/crm/v3/objects/deals/search", {
        "filterGroups": [{"filters": [
            {"propertyName": "amount", "operator": "BETWEEN", "value": "1", "highValue": "9"}]}],
        "sorts": [{"propertyName": "closedate", "direction": "DESCENDING"}], "limit": 5, "after": "0", "query": "a*"}),
    ("POST", "/crm/v3/objects/companies/merge", {"primaryObjectId": "8801", "objectIdToMerge": "8802"}),
    ("POST", "/crm/v4/associations/deals/companies/batch/read", {"inputs": [{"id": "5156001", "after": "1"}]}),
    ("POST", "/crm/v4/associations/deals/companies/batch/create",
     {"inputs": [{"from": {"id": "5156002"}, "to": {"id": "8802"}, "types": TYPES}]}),
    ("POST", "/crm/v4/associations/deals/companies/batch/archive",
     {"inputs": [{"from": {"id": "5156001"}, "to": [{"id": "8801"}]}]}),
    ("PUT", "/crm/v4/objects/deals/5156001/associations/companies/8802", TYPES),
    ("POST", "/crm/v4/associations/deals/contacts/labels", {"label": "L", "name": "l", "inverseLabel": "M"}),
    ("POST", "/crm/v3/properties/deals", {
        "name": "p", "label": "P", "type": "enumeration", "fieldType": "select", "groupName": "dealinformation",
        "options": [{"label": "a", "value": "1", "displayOrder": 0, "hidden": False}]}),
    ("PATCH", "/crm/v3/properties/companies/erp_key", {"label": "K", "displayOrder": 3}),
    ("POST", "/crm/v3/properties/deals/groups", {"name": "g", "label": "G", "displayOrder": 1}),
    ("POST", "/crm/v3/pipelines/deals", {
        "label": "P", "displayOrder": 1,
        "stages": [{"label": "s", "displayOrder": 0, "metadata": {"probability": "0.5"}}]}),
    ("PATCH", "/crm/v3/pipelines/deals/default/stages/closedwon", {"label": "W", "metadata": {"probability": "0.9"}}),
    ("POST", "/crm/v3/objects/line_items", {"properties": {"price": "9.99", "quantity": "3", "discount": "1"}}),
    ("POST", "/crm/v3/objects/invoices", {"properties": {"hs_currency": "EUR", "hs_invoice_billable": "false"}}),
    ("POST", "/crm/v3/objects/tasks", {"properties": {"hs_timestamp": "2026-10-05", "hs_task_body": "<p>x</p>"}}),
    ("POST", "/crm/v3/lists", {"name": "l", "objectTypeId": "0-2", "processingType": "MANUAL"}),
    ("POST", "/settings/v3/currencies/exchange-rates",
     {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "conversionRate": 0.9, "effectiveAt": "2026-01-01"}),
    ("POST", "/automation/v4/sequences/enrollments",
     {"contactId": "9001", "sequenceId": "5", "senderEmail": "a@x.example"}),
    ("GET", "/crm/v3/owners/301", None),
]  # fmt: skip
QUERY = {
    "properties": "amount,dealname",
    "limit": "5",
    "after": "1",
    "associations": "companies",
    "propertiesWithHistory": "amount",
    "archived": "false",
    "idProperty": "hs_object_id",
    "userId": "77",
}
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**40, 1e308, "", " ",
    "null", "0", "-5", "9" * 30, "closedwon", "2026-02-30", "é☃\U0001d54f",
    "\u202e\x00\x1f", "'\";--", "$.\"x\"", "%", "*", "a" * 300, [], {}, [None], [[]], [{}], {"id": {}}, {"id": []},
    {"properties": None}, ["x", 1, None], "hs_object_id", "associations.company", "EQ", "IN", "DYNAMIC", "0-3",
    "default",
]  # fmt: skip


def _mutated(chance: random.Random, value: Any) -> Any:
    """The value with one or more of its parts changed, dropped, doubled or renamed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        out = dict(value)
        if chance.random() < 0.15:
            del out[key]
        elif chance.random() < 0.1:
            out[str(chance.choice(ODD))] = out.pop(key)
        else:
            out[key] = _mutated(chance, out[key])
        return out
    if isinstance(value, list) and value and chance.random() < 0.85:
        out_list = list(value)
        place = chance.randrange(len(out_list))
        if chance.random() < 0.2:
            return out_list + out_list
        out_list[place] = _mutated(chance, out_list[place])
        return out_list
    return chance.choice(ODD)


def _bytes(chance: random.Random, body: Any) -> bytes:
    raw = b"" if body is None else json.dumps(body).encode()
    if raw and chance.random() < 0.15:
        place = chance.randrange(len(raw))
        cut = chance.choice((b"", b"\xff", b"\\ud800", b"{", b"}", b'"', b",", raw[place : place + 3]))
        raw = raw[:place] + cut + raw[place + chance.randrange(3) :]
    return raw


def _path(chance: random.Random, path: str) -> str:
    if chance.random() > 0.25:
        return path
    parts = path.split("/")
    place = chance.randrange(1, len(parts))
    odd = ("", "0", "9" * 25, "é", "\udcff", "..", "companies", "0-8", "batch", "x" * 300, "2026-09", "1;DROP", "%00")
    parts[place] = chance.choice(odd)
    return "/".join(parts)


def _assert_sound(books: list[Any]) -> None:
    """Associations lead both ways and only to what is there; unique values are held once; stage flags fit the stage."""
    records = {(row["type"], row["id"]): row for row in books if not row["type"].startswith("_")}
    ends = {
        (key, (kind, other))
        for key, row in records.items()
        for kind, ids in row["associations"].items()
        for other in ids
    }
    assert {(there, here) for here, there in ends} == ends
    assert all(here in records and not records[here]["archived"] for here, _ in ends)
    for kind, name in (("companies", "erp_key"), ("contacts", "email")):
        held = [row["properties"].get(name) for (of, _), row in records.items() if of == kind and not row["archived"]]
        held = [value for value in held if value]
        assert len(held) == len(set(held)), (kind, name)
    for (of, _), row in records.items():
        values = row["properties"]
        assert all(isinstance(value, str) and value for value in values.values())
        if of == "deals" and values.get("dealstage") == "closedlost":
            assert (values["hs_is_closed"], values["hs_is_closed_won"]) == ("true", "false")


@pytest.mark.parametrize("batch", batches(default=10_000))
def test_a_mutated_call_breaks_nothing_and_a_refused_one_changes_nothing(make: Any, batch: int) -> None:
    chance = random.Random(20261002 + batch)  # noqa: S311 - the same calls every time
    api = make()
    books, accepted, refused = api.books(), 0, 0
    for _ in range(BATCH):
        method, path, body = chance.choice(CALLS)
        if chance.random() < 0.9 and body is not None:
            body = _mutated(chance, body)
        query = {}
        if chance.random() < 0.3:
            query = {chance.choice(list(QUERY)): str(chance.choice([*QUERY.values(), *ODD]))}
        method = chance.choice(("PUT", "GET", "BREW")) if chance.random() < 0.03 else method
        headers = {"authorization": f"Bearer {api.token}", "content-type": "application/json"}
        sent = Request(method, _path(chance, path), urlencode(query), headers, _bytes(chance, body))
        answer = api.twin.handle(sent)
        assert answer.status < 500, (sent.method, sent.path, sent.query, sent.body)
        assert api.twin.label(sent)
        if answer.status >= 400:
            refused += 1
            assert api.books() == books, (sent, answer)
        else:
            accepted += 1
            books = api.books()
            _assert_sound(books)
    say(accepted, refused)
    assert refused > 50
    assert accepted > 50
