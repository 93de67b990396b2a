"""``/contacts/v1`` and the contacts of a company in ``/companies/v2``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.linking import Linker
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import COMPANY, CONTACT, scopes
from include.sandbox.hubspot.legacy import forms
from include.sandbox.hubspot.legacy.records import shown as shown_records
from include.sandbox.hubspot.objects import merging, single, writing
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.store.records import COLUMNS, Record, from_row

_MOST = 100
_LISTED = ("firstname", "lastname", "company", "lastmodifieddate")
_SEARCHED = "('email', 'firstname', 'lastname', 'phone', 'company')"


def shown(call: Call, records: Sequence[Record], names: Sequence[str] | None, *, short: bool) -> list[dict[str, Any]]:
    """``short``: values alone, as lists show them."""
    values = forms.properties(call, CONTACT, records, names)
    return [
        {
            "addedAt": record.created,
            "vid": record.id,
            "canonical-vid": record.id,
            "merged-vids": [],
            "portal-id": call.world.account.portal_id,
            "is-contact": True,
            "properties": {
                name: {"value": entry["value"]} if short else entry for name, entry in values[record.id].items()
            },
            "form-submissions": [],
            "list-memberships": [],
            "identity-profiles": [_identity(record)],
            "merge-audits": [],
        }
        for record in records
    ]


def _identity(record: Record) -> dict[str, Any]:
    email = record.props.get("email")
    known = [{"type": "EMAIL", "value": email, "timestamp": record.created, "is-primary": True}] if email else []
    return {
        "vid": record.id,
        "saved-at-timestamp": record.created,
        "deleted-changed-timestamp": 0,
        "identities": known,
    }


def listed(call: Call) -> Reply:
    count, start = forms.capped(call, "count", 20, _MOST), call.number("vidOffset", 0, least=0)
    records = call.world.records.page(CONTACT.id, start, count + 1, archived=False)
    more = len(records) > count
    rows = shown(call, records[:count], (*_LISTED, *forms.named(call, "property")), short=True)
    offset = records[count].id if more else (records[-1].id if records else 0)
    return Reply(200, {"contacts": rows, "has-more": more, "vid-offset": offset})


def newest(call: Call, column: str) -> Reply:
    """By time, newest first; a page goes on before ``timeOffset`` (and ``vidOffset`` among equal times)."""
    count = forms.capped(call, "count", 20, _MOST)
    last = call.now + 1
    at, vid = call.number("timeOffset", last, least=0), call.number("vidOffset", 0, least=0)
    sql = (
        f"SELECT {COLUMNS} FROM objects WHERE type = ? AND archived_at IS NULL"  # noqa: S608 - our own words
        f" AND ({column} < ? OR ({column} = ? AND id < ?)) ORDER BY {column} DESC, id DESC LIMIT ?"
    )
    records = [from_row(row) for row in call.world.db.run(sql, (CONTACT.id, at, at, vid, count + 1))]
    page = records[:count]
    rows = shown(call, page, (*_LISTED, *forms.named(call, "property")), short=True)
    end = page[-1] if page else None
    place = {"vid-offset": end.id if end else 0, "time-offset": getattr(end, column) if end else 0}
    return Reply(200, {"contacts": rows, "has-more": len(records) > count, **place})


def changed_lately(call: Call) -> Reply:
    return newest(call, "updated")


def made_lately(call: Call) -> Reply:
    return newest(call, "created")


def get(call: Call, vid: str) -> Reply:
    return _one(call, single.located(call, CONTACT, vid, None))


def get_by_email(call: Call, email: str) -> Reply:
    return _one(call, single.located(call, CONTACT, email, "email"))


def _one(call: Call, record: Record) -> Reply:
    row = shown(call, [record], forms.named(call, "property") or None, short=False)[0]
    companies = forms.linked(call, CONTACT, record.id, COMPANY.id)[:1]
    found = list(call.world.records.fetch(COMPANY.id, companies).values())
    for company in shown_records(call, COMPANY, found, None, every=False, related=False):
        row["associated-company"] = {
            "company-id": company["companyId"],
            "portal-id": company["portalId"],
            "properties": {name: {"value": entry["value"]} for name, entry in company["properties"].items()},
        }
    return Reply(200, row)


def several(call: Call) -> Reply:
    """Those of the ``vid`` or ``email`` that exist, by vid."""
    found = [single.find(call.world, CONTACT, vid, None) for vid in call.names("vid")]
    found += [single.find(call.world, CONTACT, email, "email") for email in call.names("email")]
    records = list({record.id: record for record in found if record is not None}.values())
    rows = shown(call, records, forms.named(call, "property") or None, short=False)
    return Reply(200, {str(row["vid"]): row for row in rows})


def search(call: Call) -> Reply:
    count, offset = forms.capped(call, "count", 20, _MOST), call.number("offset", 0, least=0)
    text = (call.first("q") or "").lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    where = (
        "FROM objects o WHERE o.type = ? AND o.archived_at IS NULL"  # noqa: S608 - our own words
        " AND EXISTS (SELECT 1 FROM json_each(o.props) p"
        f" WHERE p.key IN {_SEARCHED} AND lower(p.value) LIKE ? ESCAPE '\\')"
    )
    known = (CONTACT.id, f"%{text}%")
    total = call.world.db.rows(f"SELECT count(*) {where}", known)[0][0]
    sql = f"SELECT {COLUMNS} {where} ORDER BY o.id LIMIT ? OFFSET ?"
    records = [from_row(row) for row in call.world.db.run(sql, (*known, count, offset))]
    rows = shown(call, records, forms.named(call, "property") or None, short=True)
    end = offset + len(rows)
    page = {"query": call.first("q") or "", "offset": end, "has-more": end < total, "total": total}
    return Reply(200, {**page, "contacts": rows})


def create(call: Call) -> Reply:
    record = writing.create(call.world, CONTACT, forms.given(call, "property"), call.author)
    return _one(call, record)


def update(call: Call, vid: str) -> Reply:
    _change(call, single.located(call, CONTACT, vid, None))
    return Reply(204)


def update_by_email(call: Call, email: str) -> Reply:
    _change(call, single.located(call, CONTACT, email, "email"))
    return Reply(204)


def upsert(call: Call, email: str) -> Reply:
    record = single.find(call.world, CONTACT, email, "email")
    if record is not None:
        _change(call, record)
        return Reply(200, {"vid": record.id, "isNew": False})
    values = {"email": email, **forms.given(call, "property")}
    return Reply(200, {"vid": writing.create(call.world, CONTACT, values, call.author).id, "isNew": True})


def upsert_many(call: Call) -> Reply:
    """A bare list of ``{vid | email, properties}``; all or none."""
    for row in body.items({"rows": body.parse_any(call.request.body)}, "rows"):
        vid, email = body.text(row, "vid"), body.text(row, "email")
        record = single.find(call.world, CONTACT, vid or email or "", None if vid else "email")
        values = {str(item.get("property")): item.get("value") for item in body.items(row, "properties")}
        if record is not None:
            writing.update(call.world, CONTACT, record, values, call.author)
        else:
            writing.create(call.world, CONTACT, {"email": email, **values}, call.author)
    return Reply(202)


def _change(call: Call, record: Record) -> None:
    writing.update(call.world, CONTACT, record, forms.given(call, "property"), call.author)


def merge(call: Call, vid: str) -> Reply:
    merging.joined(call, CONTACT, vid, body.required_text(call.json(), "vidToMerge"))
    return Reply(200, "SUCCESS", {"Content-Type": "text/plain;charset=utf-8"})


def delete(call: Call, vid: str) -> Reply:
    record = single.located(call, CONTACT, vid, None)
    writing.archive(call.world, CONTACT, record, source=call.source, now=call.now)
    return Reply(200, {"vid": record.id, "deleted": True, "reason": "OK"})


def of_company(call: Call, company_id: str) -> Reply:
    company = single.located(call, COMPANY, company_id, None)
    count, start = forms.capped(call, "count", 20, _MOST), call.number("vidOffset", 0, least=0)
    found = [vid for vid in forms.linked(call, COMPANY, company.id, CONTACT.id) if vid >= start]
    records = list(call.world.records.fetch(CONTACT.id, found[:count]).values())
    rows = [
        {
            "vid": row["vid"],
            "portalId": row["portal-id"],
            "identities": row["identity-profiles"],
            "properties": [{"name": name, "value": entry["value"]} for name, entry in row["properties"].items()],
        }
        for row in shown(call, records, None, short=True)
    ]
    more = len(found) > count
    offset = found[count] if more else (found[-1] if found else 0)
    return Reply(200, {"contacts": rows, "vidOffset": offset, "hasMore": more})


def vids_of_company(call: Call, company_id: str) -> Reply:
    company = single.located(call, COMPANY, company_id, None)
    found = forms.linked(call, COMPANY, company.id, CONTACT.id)
    return Reply(200, {"vids": found, "vidOffset": found[-1] if found else 0, "hasMore": False})


def add_to_company(call: Call, company_id: str, vid: str) -> Reply:
    linker = Linker(call.world, call.source, call.now)
    company = linker.end(COMPANY, company_id)
    linker.default(linker.end(CONTACT, vid), company)
    record = single.located(call, COMPANY, company_id, None)
    return Reply(200, shown_records(call, COMPANY, [record], None, every=True, related=False)[0])


_READ, _WRITE = fixed(*scopes(CONTACT, "read")), fixed(*scopes(CONTACT, "write"))
_AREA, _COMPANIES = "legacy-contacts", "legacy-companies"
ROUTES: tuple[Route, ...] = (
    route("GET", _AREA, "lists/all/contacts/all", listed, _READ),
    route("GET", _AREA, "lists/all/contacts/recent", made_lately, _READ),
    route("GET", _AREA, "lists/recently_updated/contacts/recent", changed_lately, _READ),
    route("GET", _AREA, "contact/vid/{n}/profile", get, _READ),
    route("GET", _AREA, "contact/email/{}/profile", get_by_email, _READ),
    route("GET", _AREA, "contact/vids/batch", several, _READ),
    route("GET", _AREA, "contact/emails/batch", several, _READ),
    route("GET", _AREA, "search/query", search, _READ),
    route("POST", _AREA, "contact", create, _WRITE, writes=True),
    route("POST", _AREA, "contact/batch", upsert_many, _WRITE, writes=True),
    route("POST", _AREA, "contact/vid/{n}/profile", update, _WRITE, writes=True),
    route("POST", _AREA, "contact/email/{}/profile", update_by_email, _WRITE, writes=True),
    route("POST", _AREA, "contact/createOrUpdate/email/{}", upsert, _WRITE, writes=True),
    route("POST", _AREA, "contact/merge-vids/{n}", merge, _WRITE, writes=True),
    route("DELETE", _AREA, "contact/vid/{n}", delete, _WRITE, writes=True),
    route("GET", _COMPANIES, "companies/{n}/contacts", of_company, _READ),
    route("GET", _COMPANIES, "companies/{n}/vids", vids_of_company, _READ),
    route("PUT", _COMPANIES, "companies/{n}/contacts/{n}", add_to_company, _WRITE, writes=True),
)
