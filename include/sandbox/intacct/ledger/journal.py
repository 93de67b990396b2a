"""Journal entries: what every document posts. They balance per entity, or nothing is posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from include.sandbox.intacct.catalogue.books import GLBATCH, GLENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.ledger.places import entity_of
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.store.audit import created

_JOURNALS = {
    "ARJ": "Invoices",
    "ARAJ": "AR adjustments",
    "CRJ": "Payments received",
    "APJ": "Bills",
    "CDJ": "Payments made",
    "RRJ": "Revenue recognition",
    "APAJ": "AP adjustments",
    "CMRJ": "Other receipts and deposits",
}


class Unbalanced(Exception):
    """The rules made entries that do not balance: an error of the twin."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``base`` and ``trx`` are hundredths, debits positive."""

    account: str
    base: int
    trx: int
    location: str = ""
    department: str = ""
    memo: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def mirrored(self) -> Entry:
        return Entry(self.account, -self.base, -self.trx, self.location, self.department, self.memo, self.dimensions)


@dataclass(frozen=True, slots=True)
class Source:
    """The document that posts: its module, journal, record and number."""

    module: str
    journal: str
    record_type: str
    recordno: int
    number: str
    title: str


def post(
    context: Context, source: Source, day: date, entries: list[Entry], rate: Rate, owner: Mapping[str, object]
) -> int | None:
    """Store the batch and answer its RECORDNO; ``None`` where there is nothing to post. Raises Unbalanced.

    ``owner`` is the entity the source document belongs to (MEGAENTITYKEY, MEGAENTITYID).
    """
    kept = [entry for entry in entries if entry.base or entry.trx]
    if not kept:
        return None
    entities = _balanced(context, kept)
    db = context.db
    megaid = owner.get("MEGAENTITYID")
    head = {
        "BATCHNO": db.next_number("GLBATCHNO"),
        "BATCH_TITLE": source.title,
        "JOURNAL": source.journal,
        "BATCH_DATE": day.isoformat(),
        "MODULE": source.module,
        "USERKEY": context.userno,
        "REFERENCENO": source.number,
        "MODIFIED": context.stamp,
        "STATE": "Posted",
        "_SOURCEKEY": source.recordno,
        "_SOURCETYPE": source.record_type,
        "_SOURCEID": source.number,
        "MEGAENTITYKEY": owner.get("MEGAENTITYKEY"),
        "MEGAENTITYID": megaid,
        **created(context, GLBATCH),
    }
    batch = db.insert("GLBATCH", head)  # type: ignore[arg-type]
    stamps = created(context, GLENTRY)
    for number, (entry, entity) in enumerate(zip(kept, entities, strict=True)):
        _store(context, batch, number, entry, entity, day, rate, {**stamps, "_MEGAENTITYID": megaid})
    return batch


def _store(
    context: Context,
    batch: int,
    number: int,
    entry: Entry,
    entity: str,
    day: date,
    rate: Rate,
    more: Mapping[str, object],
) -> None:
    side = entry.base or entry.trx
    values = {
        "BATCHNO": batch,
        "LINE_NO": number,
        "TR_TYPE": 1 if side > 0 else -1,
        "ENTRY_DATE": day.isoformat(),
        "AMOUNT": abs(entry.base),
        "TRX_AMOUNT": abs(entry.trx),
        "ACCOUNTNO": entry.account,
        "DEPARTMENT": entry.department or None,
        "LOCATION": entry.location or None,
        "DESCRIPTION": entry.memo or None,
        "BASECURR": rate.base,
        "CURRENCY": rate.currency,
        "EXCHANGE_RATE": str(rate.rate),
        "STATE": "Posted",
        "_ENTITY": entity or None,
        **{name: value for name, value in entry.dimensions.items() if value},
        **more,
    }
    context.db.insert("GLENTRY", values)  # type: ignore[arg-type]


def _balanced(context: Context, entries: list[Entry]) -> list[str]:
    """The entity of each entry; raises Unbalanced where an entity's debits are not its credits."""
    entities = [entity_of(context, entry.location) for entry in entries]
    sums: dict[str, int] = defaultdict(int)
    for entry, entity in zip(entries, entities, strict=True):
        sums[entity] += entry.base
    if any(sums.values()):
        raise Unbalanced(dict(sums))
    return entities


def batches_of(context: Context, recordno: int) -> list[int]:
    rows = context.db.rows("SELECT RECORDNO FROM GLBATCH WHERE _SOURCEKEY = ? ORDER BY RECORDNO", (recordno,))
    return [row["RECORDNO"] for row in rows]


def mirrored_entries(context: Context, recordno: int) -> list[Entry]:
    """What the record posted, the other way round."""
    dims = [name for name in GLENTRY.fields if name.endswith("ID") and GLENTRY.fields[name].stored]
    names = [name for name in dims if name not in {"EXCH_RATE_TYPE_ID"}]
    entries: list[Entry] = []
    for batch in batches_of(context, recordno):
        for row in context.db.matching("GLENTRY", "BATCHNO", batch):
            sign = -int(row["TR_TYPE"])
            entries.append(
                Entry(
                    row["ACCOUNTNO"],
                    sign * row["AMOUNT"],
                    sign * row["TRX_AMOUNT"],
                    row["LOCATION"] or "",
                    row["DEPARTMENT"] or "",
                    row["DESCRIPTION"] or "",
                    {name: row[name] for name in names if row[name]},
                )
            )
    return entries


def journals() -> Mapping[str, str]:
    """Symbols and titles of the journals the documents post to."""
    return _JOURNALS
