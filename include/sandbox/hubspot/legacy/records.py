"""``/deals/v1`` and ``/companies/v2``: reading and writing deals and companies as older clients do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.linking import Linker
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import COMPANY, CONTACT, DEAL, TICKET, ObjectType, scopes
from include.sandbox.hubspot.errors import invalid, not_found
from include.sandbox.hubspot.legacy import forms
from include.sandbox.hubspot.objects import single, writing
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import COLUMNS, Record, from_row

_MOST, _MOST_RECENT = 250, 100
_ASSOCIATED = (
    ("associatedVids", CONTACT),
    ("associatedCompanyIds", COMPANY),
    ("associatedDealIds", DEAL),
    ("associatedTicketIds", TICKET),
)
_ENDS = {"contact": CONTACT, "company": COMPANY, "deal": DEAL}
_ORDERS = {"modified": "updated", "created": "created"}


def shown(
    call: Call, kind: ObjectType, records: Sequence[Record], names: Sequence[str] | None, *, every: bool, related: bool
) -> list[dict[str, Any]]:
    """``every``: older values too; ``related``: ids of associated records."""
    values = forms.properties(call, kind, records, names, all_versions=every)
    rows = []
    for record in records:
        row: dict[str, Any] = {
            "portalId": call.world.account.portal_id,
            f"{kind.singular}Id": record.id,
            "isDeleted": record.archived_at is not None,
            "properties": values[record.id],
            "imports": [],
            "stateChanges": [],
        }
        if kind is DEAL:
            row["associations"] = {
                name: forms.linked(call, kind, record.id, other.id) if related else [] for name, other in _ASSOCIATED
            }
        else:
            row |= {"additionalDomains": [], "mergeAudits": []}
        rows.append(row)
    return rows


def paged(call: Call, kind: ObjectType) -> Reply:
    limit = forms.capped(call, "limit", 100, _MOST)
    start = call.number("offset", 0, least=0)
    records = call.world.records.page(kind.id, start, limit + 1, archived=False)
    every = call.first("allPropertiesFetchMode") != "latest_version"
    names = None if call.flag("includeAllProperties") else forms.named(call, "properties", "propertiesWithHistory")
    rows = shown(call, kind, records[:limit], names, every=every, related=call.flag("includeAssociations"))
    more = len(records) > limit
    offset = records[limit].id if more else (records[-1].id if records else start)
    return Reply(200, {kind.plural: rows, "hasMore" if kind is DEAL else "has-more": more, "offset": offset})


def recent(call: Call, kind: ObjectType, order: str) -> Reply:
    column = _ORDERS.get(order)
    if column is None:
        raise not_found()
    count, offset = forms.capped(call, "count", 20, _MOST_RECENT), call.number("offset", 0, least=0)
    since = call.number("since", 0, least=0)
    where = f"FROM objects WHERE type = ? AND archived_at IS NULL AND {column} >= ?"
    total = call.world.db.rows(f"SELECT count(*) {where}", (kind.id, since))[0][0]
    sql = f"SELECT {COLUMNS} {where} ORDER BY {column} DESC, id DESC LIMIT ? OFFSET ?"
    records = [from_row(row) for row in call.world.db.run(sql, (kind.id, since, count, offset))]
    rows = shown(call, kind, records, None, every=call.flag("includePropertyVersions"), related=True)
    end = offset + len(rows)
    return Reply(200, {"results": rows, "hasMore": end < total, "offset": end, "total": total})


def of_domain(call: Call, domain: str) -> Reply:
    """``POST domains/{domain}/companies``: the companies with this domain, the properties asked for."""
    sent = call.json()
    asked = body.inner(sent, "requestOptions") if sent.get("requestOptions") else {}
    names = body.texts(asked, "properties") if asked.get("properties") else ["domain", "createdate", "name"]
    limit = min(body.whole(sent, "limit", 2), 100)
    sql = (
        f"SELECT {COLUMNS} FROM objects WHERE type = ? AND archived_at IS NULL"  # noqa: S608 - our own words
        " AND lower(json_extract(props, '$.domain')) = ? ORDER BY id LIMIT ?"
    )
    found = [from_row(row) for row in call.world.db.run(sql, (COMPANY.id, domain.lower(), limit + 1))]
    rows = shown(call, COMPANY, found[:limit], names, every=False, related=False)
    place = {"isPrimary": True, "companyId": found[limit - 1].id if len(found) > limit else 0}
    return Reply(200, {"results": rows, "hasMore": len(found) > limit, "offset": place})


def get(call: Call, kind: ObjectType, record_id: str) -> Reply:
    record = single.located(call, kind, record_id, None)
    return Reply(200, shown(call, kind, [record], None, every=True, related=True)[0])


def create(call: Call, kind: ObjectType) -> Reply:
    record = writing.create(call.world, kind, forms.given(call, "name"), call.author)
    related = body.inner(call.json(), "associations") if call.json().get("associations") else {}
    linker = Linker(call.world, call.source, call.now)
    for name, other in _ASSOCIATED:
        for target in forms.ids(related.get(name) or ()):
            linker.default(End(kind.id, record.id), linker.end(other, target))
    saved = call.world.records.get(kind.id, record.id) or record
    return Reply(200, shown(call, kind, [saved], None, every=True, related=True)[0])


def update(call: Call, kind: ObjectType, record_id: str) -> Reply:
    record = single.located(call, kind, record_id, None)
    saved = writing.update(call.world, kind, record, forms.given(call, "name"), call.author)
    return Reply(200, shown(call, kind, [saved], None, every=True, related=True)[0])


def delete(call: Call, kind: ObjectType, record_id: str) -> Reply:
    record = single.located(call, kind, record_id, None)
    writing.archive(call.world, kind, record, source=call.source, now=call.now)
    return Reply(204) if kind is DEAL else Reply(200, {"companyId": record.id, "deleted": True})


def associated_deals(call: Call, other: str, record_id: str) -> Reply:
    end = _end(other)
    limit, start = forms.capped(call, "limit", 100, 100), call.number("offset", 0, least=0)
    anchor = single.located(call, end, record_id, None)
    found = [number for number in forms.linked(call, end, anchor.id, DEAL.id) if number >= start]
    records = list(call.world.records.fetch(DEAL.id, found[:limit]).values())
    rows = shown(call, DEAL, records, forms.named(call, "properties"), every=True, related=True)
    more = len(found) > limit
    return Reply(200, {"deals": rows, "hasMore": more, "offset": found[limit] if more else 0})


def associate_deal(call: Call, deal_id: str, other: str) -> Reply:
    linker = Linker(call.world, call.source, call.now)
    deal = linker.end(DEAL, deal_id)
    for target in call.names("id"):
        linker.default(deal, linker.end(_end(other), target))
    return Reply(204)


def part_deal(call: Call, deal_id: str, other: str) -> Reply:
    linker = Linker(call.world, call.source, call.now)
    deal = linker.end(DEAL, deal_id)
    for target in call.names("id"):
        linker.remove(deal, linker.end(_end(other), target))
    return Reply(204)


def _end(name: str) -> ObjectType:
    kind = _ENDS.get(name.lower())
    if kind is None:
        raise invalid(f"{name[:60]} was not one of the allowed options: [{', '.join(_ENDS)}]")
    return kind


def _of(kind: ObjectType, handler: Callable[..., Reply]) -> Callable[..., Reply]:
    return lambda call, *found: handler(call, kind, *found)


def _both(area: str, noun: str, kind: ObjectType) -> tuple[Route, ...]:
    read, write = fixed(*scopes(kind, "read")), fixed(*scopes(kind, "write"))
    return (
        route("GET", area, f"{noun}/paged", _of(kind, paged), read),
        route("GET", area, f"{noun}/recent/{{}}", _of(kind, recent), read),
        route("GET", area, f"{noun}/{{n}}", _of(kind, get), read),
        route("POST", area, noun, _of(kind, create), write, writes=True),
        route("PUT", area, f"{noun}/{{n}}", _of(kind, update), write, writes=True),
        route("DELETE", area, f"{noun}/{{n}}", _of(kind, delete), write, writes=True),
    )


_WRITE_DEALS = fixed(*scopes(DEAL, "write"))
ROUTES: tuple[Route, ...] = (
    *_both("legacy-deals", "deal", DEAL),
    *_both("legacy-companies", "companies", COMPANY),
    route("POST", "legacy-companies", "domains/{}/companies", of_domain, fixed(*scopes(COMPANY, "read"))),
    route("GET", "legacy-deals", "deal/associated/{}/{}/paged", associated_deals, fixed(*scopes(DEAL, "read"))),
    route("PUT", "legacy-deals", "deal/{n}/associations/{}", associate_deal, _WRITE_DEALS, writes=True),
    route("DELETE", "legacy-deals", "deal/{n}/associations/{}", part_deal, _WRITE_DEALS, writes=True),
)
