"""Which invoices came out of the sales orders that deals became: the order posted one, or somebody converted it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import optional
from include.connectors.intacct.filters import any_of, is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import Query, read_together
from include.connectors.intacct.replies import Record

MODULE = "8.SO"
"""The module of invoices that order entry made."""
_KEY = re.compile(r"hs-deal-(\d+)-order(?:-\d+)?")


def deals_of_order_invoices(
    intacct: IntacctClient, document_key: DocumentKey, record_numbers: Iterable[str]
) -> dict[str, str]:
    """Invoice record number -> the deal whose order it came from, by Tieout's key in the order. Two requests per 1,000
    such invoices."""
    key = document_key.field_of("SODOCUMENT")
    made = _documents(intacct, ("DOCID", "CREATEDFROM", "PRRECORDKEY", key), "PRRECORDKEY", record_numbers)
    origins = {optional(one, "CREATEDFROM") for one in made} - {""}
    keys = {optional(one, "DOCID"): optional(one, key) for one in made}
    keys |= {
        optional(one, "DOCID"): optional(one, key) for one in _documents(intacct, ("DOCID", key), "DOCID", origins)
    }
    found = dict[str, str]()
    for one in made:
        for document in (optional(one, "CREATEDFROM"), optional(one, "DOCID")):
            if match := _KEY.fullmatch(keys.get(document, "")):
                found[optional(one, "PRRECORDKEY")] = match[1]
    return found


def invoices_of_orders(intacct: IntacctClient, deal_of_order: Mapping[str, str]) -> dict[str, set[str]]:
    """Deal -> record numbers of the invoices that came out of its orders (DOCID -> deal). A request per 500 orders."""
    found = defaultdict[str, set[str]](set)
    for chunk in chunks(deal_of_order, 500):
        fields = ("DOCID", "CREATEDFROM", "PRRECORDKEY")
        either = any_of(is_in("DOCID", chunk), is_in("CREATEDFROM", chunk))
        (documents,) = read_together(intacct, [Query("SODOCUMENT", fields, either)])
        for one in documents:
            deal = deal_of_order.get(optional(one, "DOCID")) or deal_of_order.get(optional(one, "CREATEDFROM"))
            if deal and optional(one, "PRRECORDKEY"):
                found[deal].add(optional(one, "PRRECORDKEY"))
    return dict(found)


def _documents(intacct: IntacctClient, fields: tuple[str, ...], field: str, values: Iterable[str]) -> list[Record]:
    queries = [Query("SODOCUMENT", fields, is_in(field, chunk)) for chunk in chunks(values)]
    return [record for records in read_together(intacct, queries) for record in records]
