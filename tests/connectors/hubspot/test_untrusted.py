"""Whatever a server answers, a verb gives records or one of our errors: 2,000 damaged copies of good answers."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.associations import associate_default, read_associations
from include.connectors.hubspot.batch import NewRecord, batch_create, batch_read, batch_update, batch_upsert
from include.connectors.hubspot.checks import check_connection
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.deals import DEAL_PROPERTIES, Deal
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.owners import iter_owners
from include.connectors.hubspot.pipelines import get_pipelines, won_stages
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.hubspot.search import iter_search
from include.connectors.hubspot.writeback import update_changed
from include.core.errors import TieoutError
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, record, refusal

SECRET = "ada@customer.example"
DEAL = record(1, **dict.fromkeys(DEAL_PROPERTIES, "x") | {"dealname": SECRET, "amount": "5", "closedate": "2026-10-01"})
PARTIAL = {
    "status": "COMPLETE",
    "results": [{**DEAL, "objectWriteTraceId": "1", "new": True}],
    "numErrors": 1,
    "errors": [refusal(SECRET, context={"objectWriteTraceId": ["2"], "ids": ["2"]})],
}
ASSOCIATED = {
    "results": [
        {
            "from": {"id": "1"},
            "to": [
                {"toObjectId": 8, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": None}]}
            ],
            "paging": {"next": {"after": "A"}},
        }
    ],
    "errors": [refusal(subCategory="crm.associations.NO_ASSOCIATIONS_FOUND", category="OBJECT_NOT_FOUND")],
}
STAGE = {"id": "won", "label": "Won", "metadata": {"isClosed": "true", "probability": "1.0"}, "archived": False}
PROPERTY = {"name": "p", "label": "P", "type": "string", "fieldType": "text", "options": [{"value": "a"}]}
OWNER = {"id": "3", "email": SECRET, "firstName": "A", "lastName": "B", "userId": 7, "archived": False}
DETAILS = {
    "portalId": 4711,
    "accountType": "STANDARD",
    "timeZone": "Europe/Berlin",
    "companyCurrency": "EUR",
    "additionalCurrencies": ["USD"],
    "uiDomain": "app.hubspot.com",
}
PAGED = {"total": 2, "paging": {"next": {"after": "2", "link": "https://api.hubapi.com/crm?after=2"}}}

Verb = Callable[[HubSpotClient], Any]
VERBS: list[tuple[str, Any, Verb]] = [
    ("search", {"results": [DEAL], **PAGED}, lambda c: [Deal.from_wire(r) for r in iter_search(c, "deals", [], [])]),
    ("list", {"results": [DEAL], **PAGED}, lambda c: [Deal.from_wire(r) for r in iter_all(c, "deals", [])]),
    ("read", PARTIAL, lambda c: batch_read(c, "deals", ["1", "2"], [])),
    ("update", PARTIAL, lambda c: batch_update(c, "deals", {"1": {"a": "b"}, "2": {"a": "b"}})),
    ("upsert", PARTIAL, lambda c: batch_upsert(c, "deals", "k", [{"k": "1"}, {"k": "2"}])),
    ("create", PARTIAL, lambda c: batch_create(c, "deals", {"1": NewRecord({"a": "b"}), "2": NewRecord({})})),
    ("write back", PARTIAL, lambda c: update_changed(c, "deals", {"1": {"amount": "7"}, "2": {"amount": "7"}})),
    ("associations", ASSOCIATED, lambda c: read_associations(c, "deals", "companies", ["1", "2"])),
    ("associate", PARTIAL, lambda c: associate_default(c, "deals", "companies", [("1", "8"), ("2", "8")])),
    ("pipelines", {"results": [{"id": "d", "label": "D", "stages": [STAGE]}]}, lambda c: won_stages(get_pipelines(c))),
    ("owners", {"results": [OWNER], **PAGED}, lambda c: list(iter_owners(c))),
    ("account", DETAILS, get_account),
    ("check", DETAILS | {"results": []}, lambda c: check_connection(c, {"crm.objects.deals.read": "to read"}).text()),
    (
        "properties",
        {"results": [PROPERTY], "name": "p"},
        lambda c: ensure_properties(c, "deals", ("g", "G"), [PropertyDefinition("p", "P", "string", "text")]),
    ),
]
ODD = [None, True, -1, 0, 10**40, 1.5, "", "x", "NaN", [], {}, [[]], {"a": None}, "\ud800", "9" * 400, SECRET]
ROUNDS = 2000


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        found += places(one, (*path, key))
    return found


def damaged(good: Any, drawn: random.Random) -> bytes:
    """One to three places replaced, removed or doubled; sometimes the text itself is cut or changed."""
    value = copy.deepcopy(good)
    for _ in range(drawn.randint(1, 3)):
        path = drawn.choice([place for place in places(value) if place] or [()])
        if not path:
            value = drawn.choice(ODD)
            break
        holder = value
        for key in path[:-1]:
            holder = holder[key]
        match drawn.randrange(4):
            case 0:
                del holder[path[-1]]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[path[-1]]))
            case _:
                holder[path[-1]] = drawn.choice(ODD)
    content = bytearray(json.dumps(value).encode())
    if drawn.random() < 0.2:
        place = drawn.randrange(len(content))
        if drawn.random() < 0.5:
            content[place] = drawn.randrange(256)
        else:
            del content[place:]
    return bytes(content)


@pytest.mark.parametrize(("name", "good", "verb"), VERBS, ids=[name for name, _, _ in VERBS])
def test_a_damaged_answer_gives_records_or_one_of_our_errors_and_shows_no_contact_data(
    name: str, good: Any, verb: Verb, server: ScriptedServer, make_client: Callable[..., HubSpotClient]
) -> None:
    client = make_client(request_deadline=0.5)
    outcomes = {"fine": 0, "ours": 0}
    for seed in range(ROUNDS // len(VERBS) + 1):
        drawn = random.Random(f"{name} {seed}")  # noqa: S311 (a repeatable draw)
        status = drawn.choice([200, 200, 200, 207, 400, 404, 500, 429])
        server.answers(Answer(status, damaged(good, drawn)))
        try:
            found = verb(client)
            shown = found if isinstance(found, str) else ""
            outcomes["fine"] += 1
        except TieoutError as error:
            shown = f"{error} {error!r} {vars(error)}"
            outcomes["ours"] += 1
        assert SECRET not in shown, f"seed {seed}"

    assert outcomes["fine"] > 0, "nothing was read"
    assert name == "check" or outcomes["ours"] > 0, "no answer was damaged enough to matter"
