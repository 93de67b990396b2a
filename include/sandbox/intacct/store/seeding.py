"""Bulk loading of a tenant: settings, master records, and documents through the posting rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import Refused
from include.sandbox.intacct.ledger import periods
from include.sandbox.intacct.ledger.journal import journals
from include.sandbox.intacct.masters.flatten import flatten_seed, seed_text
from include.sandbox.intacct.masters.records import create_record
from include.sandbox.intacct.store.customfields import define_custom_field
from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.store.documents import DOCUMENTS, DocumentLoader
from include.sandbox.intacct.tenant import Tenant

Fields = Mapping[str, Any]
_MASTERS_SINCE = datetime(2024, 1, 1, 12, tzinfo=UTC)


class Seeder:
    """One load. Documents without their own timestamps get noon (UTC) of their date, master records the start of
    2024, so that the same seed makes the same books on any day."""

    def __init__(self, db: Database, tenant: Tenant, context: Context, loaders: Mapping[str, DocumentLoader]) -> None:
        self._db = db
        self._tenant = tenant
        self._context = context
        self._masters = replace(context, now=_MASTERS_SINCE)
        self._documents = {**DOCUMENTS, **loaders}
        self._settings: dict[str, Callable[[Fields], None]] = {
            "_COMPANY": self._company,
            "_USER": self._user,
            "_SENDER": self._sender,
            "_CLOSED": self._closed,
            "_RATE": self._rate,
            "_CUSTOMFIELD": self._custom_field,
        }

    def load(self, records: Iterable[Fields]) -> None:
        """Raises ValueError, saying which record and why, where the books do not accept one; the load is undone."""
        for number, record in enumerate(records, 1):
            name = str(record["object"]).upper()
            try:
                self._take(name, record)
            except Refused as error:
                raise ValueError(f"seed record {number} ({name}): {error.entries[0].description2}") from None
            except (KeyError, ValueError) as error:
                raise ValueError(f"seed record {number} ({name}): {error!r}") from error

    def _take(self, name: str, record: Fields) -> None:
        fields: Fields = record.get("fields") or {}
        setting = self._settings.get(name)
        if setting is not None:
            setting(fields)
        else:
            self._record(name, fields, record.get("items") or ())

    def _record(self, name: str, fields: Fields, items: Iterable[Fields]) -> None:
        texts = flatten_seed(fields)
        item = self._db.catalogue.objects[name]
        document = self._documents.get(name)
        if document is not None:
            document(self._at(texts), texts, [flatten_seed(line) for line in items])
            return
        row = create_record(self._masters, item, texts)
        self._db.at_least(item.sequence, int(row["RECORDNO"]))

    def _at(self, texts: Mapping[str, str]) -> Context:
        """The context at the moment the document was entered."""
        for name in ("AUWHENCREATED", "WHENCREATED", "RECEIPTDATE", "BATCH_DATE", "PAYMENTDATE"):
            if texts.get(name):
                day = seed_date(texts[name])
                return replace(self._context, now=datetime.combine(day, time(12), UTC))
        return self._context

    def _company(self, fields: Fields) -> None:
        self._tenant.configure(fields)
        for symbol, title in {"GJ": "General Journal", **journals()}.items():
            if not self._db.exists("JOURNAL", "SYMBOL", symbol):
                self._db.insert("JOURNAL", {"SYMBOL": symbol, "TITLE": title, "STATUS": "active"})

    def _user(self, fields: Fields) -> None:
        self._tenant.add_user(str(fields["user_id"]), str(fields["user_password"]), list(fields.get("denied", ())))

    def _sender(self, fields: Fields) -> None:
        self._tenant.add_sender(
            str(fields["sender_id"]),
            str(fields["sender_password"]),
            authorised=bool(fields.get("authorised", True)),
        )

    def _closed(self, fields: Fields) -> None:
        periods.close(
            self._context,
            seed_text(fields.get("LOCATIONID")),
            str(fields.get("MODULE", "AR")),
            seed_date(str(fields["THROUGH"])),
        )

    def _rate(self, fields: Fields) -> None:
        rate = Decimal(str(fields["RATE"]))
        if not rate.is_finite() or rate <= 0:
            raise ValueError(f"not an exchange rate: {fields['RATE']}")
        kind = str(fields.get("TYPE", self._tenant["retained_rate_type"]))
        if not self._db.exists("EXCHANGERATETYPES", "NAME", kind):
            self._db.insert("EXCHANGERATETYPES", {"NAME": kind, "STATUS": "active"})
        self._db.execute(
            'INSERT OR REPLACE INTO "_rate" (source, target, type, day, rate) VALUES (?, ?, ?, ?, ?)',
            (fields["FROM"], fields["TO"], kind, seed_date(str(fields["DATE"])).isoformat(), str(rate)),
        )

    def _custom_field(self, fields: Fields) -> None:
        define_custom_field(
            self._db,
            str(fields["OBJECT"]),
            str(fields["ID"]),
            str(fields.get("DATATYPE", "TEXT")),
            str(fields.get("LABEL", "")),
        )


def seed_date(text: str) -> date:
    """ISO (the date part is taken) or MM/DD/YYYY."""
    if "/" in text:
        month, day, year = text[:10].split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(text[:10])
