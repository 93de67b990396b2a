"""What Tieout creates in Intacct: for each target object how one is found again and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from include.connectors.intacct.contacts import build_create_contact
from include.connectors.intacct.corrections import (
    build_application,
    build_create_aradjustment,
    build_delete_draft,
    build_reverse_invoice,
)
from include.connectors.intacct.customers import build_create_customer
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.invoices import build_create_invoice
from include.connectors.intacct.orders import build_create_sotransaction
from include.connectors.intacct.query import Query
from include.connectors.intacct.recurring_writes import KEY, build_create_recurringinvoice
from include.connectors.intacct.vendors import build_create_vendor
from include.core.decisions import Json, Key
from include.core.errors import SettingsError

PLAN = "tieout"
"""In a payload: what the flow wants to know of its plan when it is carried out; never sent. It may hold ``Ref`` JSON of
records that must be there first."""

Effect = Literal["made", "reversed", "deleted"]
"""What a write does: it makes a record, or it reverses or deletes the one that its payload names."""


@dataclass(frozen=True, slots=True)
class TargetObject:
    """One kind of record.

    ``id_field`` is the field of the payload and the record by which it is found, ``""`` where the document key is
    what finds it. ``natural_id`` is the field that other records refer to it by, ``target_id`` the one that the
    answer to its creation tells. What reverses or deletes is found where the record it names is reversed or gone.
    """

    object_name: str
    plural: str
    build: Callable[[Json], etree._Element]
    natural_id: str
    id_field: str = ""
    target_id: str = "RECORDNO"
    effect: Effect = "made"

    def field(self, document_key: DocumentKey) -> str:
        """The field in which one is looked up."""
        return self.id_field or document_key.field_of(self.object_name)

    def needle(self, key: Key, payload: Json) -> str:
        """What stands in that field. Raises ``SettingsError`` for a payload that could not be found again."""
        if not self.id_field:
            return key.document_key()
        text = payload.get(self.id_field)
        if not isinstance(text, str) or not text.strip():
            raise SettingsError(
                f"A {key.target_object} that Tieout creates needs a {self.id_field} in its payload, else it could not "
                "be found again.",
                system=SYSTEM,
                record_id=key.source_id,
            )
        return text.strip()

    def element(self, key: Key, payload: Json, document_key: DocumentKey) -> etree._Element:
        """The function that creates one. Raises what ``build`` raises, and as ``needle``."""
        needle = self.needle(key, payload)
        sent = {name: value for name, value in payload.items() if name != PLAN}
        return self.build(sent if self.id_field else document_key.put(sent, needle, self.object_name))

    def query(self, needles: Iterable[str], expected: Iterable[str], document_key: DocumentKey) -> Query:
        """The query that finds these, with the fields that are expected of them."""
        field = self.field(document_key)
        state = () if self.id_field and self.effect == "made" else ("STATE",)
        fields = dict.fromkeys((self.target_id, self.natural_id, *state, field, *sorted(expected)))
        return Query(self.object_name, list(fields), is_in(field, list(dict.fromkeys(needles))))


OBJECTS: Mapping[str, TargetObject] = {
    "invoice": TargetObject("ARINVOICE", "invoices", build_create_invoice, "RECORDID"),
    "credit_memo": TargetObject("ARADJUSTMENT", "credit memos", build_create_aradjustment, "RECORDNO"),
    "credit_application": TargetObject("ARPYMT", "applied credits", build_application, "RECORDNO", "DOCNUMBER"),
    "reversal": TargetObject("ARINVOICE", "invoices", build_reverse_invoice, "RECORDNO", "RECORDNO", effect="reversed"),
    "draft_deletion": TargetObject(
        "ARINVOICE", "invoices", build_delete_draft, "RECORDNO", "RECORDNO", effect="deleted"
    ),
    "recurring_invoice": TargetObject(
        "ARRECURINVOICE", "recurring invoices", build_create_recurringinvoice, "RECORDID", KEY
    ),
    "sales_order": TargetObject("SODOCUMENT", "orders", build_create_sotransaction, "DOCID", target_id="DOCID"),
    "customer": TargetObject("CUSTOMER", "customers", build_create_customer, "CUSTOMERID", "CUSTOMERID"),
    "vendor": TargetObject("VENDOR", "vendors", build_create_vendor, "VENDORID", "VENDORID"),
    "contact": TargetObject("CONTACT", "contacts", build_create_contact, "CONTACTNAME", "CONTACTNAME"),
}


def target_object(name: str) -> TargetObject:
    """Raises ``SettingsError`` for an object that Tieout does not create."""
    if name not in OBJECTS:
        raise SettingsError(f"Tieout writes {', '.join(OBJECTS)} to Sage Intacct, not {name!r:.40}.", system=SYSTEM)
    return OBJECTS[name]
