"""Would Intacct take what a plan's lines refer to? Asked before anything is sent, so that a person is told in words.

``read_references`` asks once for a whole slice, ``held_by_references`` is pure. Only what is certain holds a document:
an account, item or dimension that Intacct has and that is inactive, or a dimension that an account demands and a line
lacks. What Intacct does not show is left to Intacct's own answer. Nothing is ever reactivated.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import is_active, optional, required
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.query import Query, iter_query, read_together
from include.connectors.intacct.reference_records import GLAccount
from include.connectors.intacct.replies import Record
from include.core.decisions import Decision, Hold, Json, Key, Write
from include.core.errors import AuthError, SettingsError
from include.core.matching import normalised_name
from include.core.sync.order import references

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a line's element names: an Intacct object, its id and name fields, and what people call it."""

    object_name: str
    id_field: str
    name_field: str
    word: str


_ACCOUNT = _Kind("GLACCOUNT", "ACCOUNTNO", "TITLE", "GL account")
_TAX = _Kind("TAXDETAIL", "DETAILID", "DESCRIPTION", "tax detail")
_LINE_KINDS: Mapping[str, _Kind] = {
    "glaccountno": _ACCOUNT,
    "defrevaccount": _ACCOUNT,
    "accountlabel": _Kind("ARACCOUNTLABEL", "ACCOUNTLABEL", "DESCRIPTION", "AR account label"),
    "itemid": _Kind("ITEM", "ITEMID", "NAME", "item"),
    "classid": _Kind("CLASS", "CLASSID", "NAME", "class"),
    "departmentid": _Kind("DEPARTMENT", "DEPARTMENTID", "TITLE", "department"),
    "locationid": _Kind("LOCATION", "LOCATIONID", "NAME", "location"),
    "projectid": _Kind("PROJECT", "PROJECTID", "NAME", "project"),
}
_DIMENSIONS: Mapping[str, str] = {
    "DEPARTMENT": "departmentid",
    "LOCATION": "locationid",
    "CLASS": "classid",
    "ITEM": "itemid",
    "VENDOR": "vendorid",
    "EMPLOYEE": "employeeid",
}
"""What an account may demand, and the element of a line that gives it. The customer is the invoice's own."""


@dataclass(frozen=True, slots=True)
class References:
    """``inactive``: (object, folded id) -> name, of those that Intacct shows as inactive; ``successors``: the same ->
    ids of active ones with the same name; ``demanded``: GL account -> the dimensions that its lines must have."""

    inactive: Mapping[tuple[str, str], str] = field(default_factory=dict)
    successors: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    demanded: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_references(intacct: IntacctClient, decisions: Iterable[Decision]) -> References:
    """Everything that these decisions' lines refer to, in one request; a second one only where something is inactive.

    Where the user may not read an object, nothing is known, which the log says, and Intacct decides.
    """
    wanted: dict[_Kind, dict[str, None]] = {}
    for _, _, kind, value in _referred(decisions):
        wanted.setdefault(kind, {})[value] = None
    if not wanted:
        return References()
    queries = [_query(kind, list(ids)) for kind, ids in wanted.items()]
    try:
        answers = read_together(intacct, queries)
        return _known(intacct, dict(zip(wanted, answers, strict=True)))
    except (AuthError, SettingsError) as error:
        log.warning("Accounts and dimensions were not checked before sending: %s", error.message)
        return References()


def held_by_references(
    decisions: Sequence[Decision], known: References, titles: Mapping[str, str] | None = None
) -> list[Decision]:
    """The decisions, with a ``Hold`` for each document that Intacct would refuse, and without the records (a new
    customer) that only such documents refer to. ``titles``: source id -> what people call the record."""
    held: dict[Key, Hold] = {}
    for write, item, kind, value in _referred(decisions):
        if write.key not in held and (kind.object_name, value.casefold()) in known.inactive:
            held[write.key] = _hold(write, titles, "inactive_reference", _inactive(item, kind, value, known))
    for write, item in _lines(decisions):
        account = str(item.get("glaccountno") or "")
        missing = [one for one in known.demanded.get(account, ()) if one in _DIMENSIONS and not _given(item, one)]
        if write.key not in held and missing:
            why = (
                f"GL account {account} demands a {' and a '.join(missing).lower()}, which {_line(item)} lacks. Map it "
                "under fields.line or products in the flow's settings."
            )
            held[write.key] = _hold(write, titles, "missing_dimension", why)
    if not held:
        return list(decisions)
    kept = [one for one in decisions if isinstance(one, Write) and one.key not in held]
    needed = {ref for write in kept for ref in references(write.payload)}
    dropped = {
        ref
        for one in decisions
        if isinstance(one, Write) and one.key in held
        for ref in references(one.payload)
        if ref not in needed
    }
    return [
        held.get(one.key, one) if isinstance(one, Write) else one
        for one in decisions
        if not (isinstance(one, Write) and one.key in dropped)
    ]


def _lines(decisions: Iterable[Decision]) -> Iterator[tuple[Write, Json]]:
    for one in decisions:
        if isinstance(one, Write) and one.key.target_system == "intacct":
            for name in ("invoiceitems", "sotransitems", "aradjustmentitems"):
                yield from ((one, item) for item in one.payload.get(name) or ())


def _referred(decisions: Iterable[Decision]) -> Iterator[tuple[Write, Json, _Kind, str]]:
    for write, item in _lines(decisions):
        for element, kind in _LINE_KINDS.items():
            value = item.get(element)
            if isinstance(value, str) and value:
                yield write, item, kind, value
        for entry in item.get("taxentries") or ():
            yield write, item, _TAX, entry["detailid"]


def _query(kind: _Kind, ids: Sequence[str]) -> Query:
    fields = GLAccount.FIELDS if kind is _ACCOUNT else (kind.id_field, kind.name_field, "STATUS")
    return Query(kind.object_name, fields, is_in(kind.id_field, ids))


def _known(intacct: IntacctClient, answers: Mapping[_Kind, Sequence[Record]]) -> References:
    inactive: dict[tuple[str, str], str] = {}
    successors: dict[tuple[str, str], Sequence[str]] = {}
    demanded: dict[str, Sequence[str]] = {}
    for kind, records in answers.items():
        gone = [record for record in records if not is_active(record)]
        active = iter_query(intacct, kind.object_name, (kind.id_field, kind.name_field, "STATUS")) if gone else ()
        by_name: dict[str, list[str]] = {}
        for record in active:
            if is_active(record):
                name = normalised_name(optional(record, kind.name_field))
                by_name.setdefault(name, []).append(required(record, kind.id_field))
        for record in gone:
            name = optional(record, kind.name_field)
            key = (kind.object_name, required(record, kind.id_field).casefold())
            inactive[key] = name
            successors[key] = by_name.get(normalised_name(name), ()) if name else ()
        if kind is _ACCOUNT:
            accounts = map(GLAccount.from_wire, records)
            demanded = {account.number: account.requires for account in accounts if account.requires}
    return References(inactive, successors, demanded)


def _inactive(item: Json, kind: _Kind, value: str, known: References) -> str:
    key = (kind.object_name, value.casefold())
    name = f" ({known.inactive[key]})" if known.inactive[key] else ""
    others = known.successors.get(key, ())
    instead = (
        f"{kind.word} {' or '.join(others)} has the same name and is active; name it" if others else "Name another"
    )
    return (
        f"{kind.word} {value}{name}, which {_line(item)} names, is inactive in Intacct. {instead} in the flow's "
        "settings, or make it active again."
    )


def _line(item: Json) -> str:
    return (
        f"the line “{item['memo']}”" if item.get("memo") else f"its line of {item.get('amount') or item.get('price')}"
    )


def _given(item: Json, dimension: str) -> bool:
    return bool(item.get(_DIMENSIONS[dimension]))


def _hold(write: Write, titles: Mapping[str, str] | None, code: str, why: str) -> Hold:
    source = write.key.source_id
    title = (titles or {}).get(source) or f"{write.key.source_object.capitalize()} {source}"
    return Hold(source, code, f"{title}: {why}")
