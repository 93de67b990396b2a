"""Reading objects with ``query``: page by page on RECORDNO, so that nothing is missed or doubled while records are
added or removed, and so that each page costs the server no more than the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import SYSTEM, to_read_exception
from include.connectors.intacct.filters import Filter, all_of, greater
from include.connectors.intacct.replies import FunctionResult, Record
from include.connectors.intacct.xmltext import append, is_field_name
from include.core.errors import InvariantError, SettingsError

MAX_PAGE = 2000
KEY = "RECORDNO"


def build_query(
    object_name: str,
    fields: Sequence[str],
    filter: Filter | None = None,
    *,
    page_size: int = MAX_PAGE,
    ordered: bool = True,
    ignore_case: bool = False,
    aggregate: str = "field",
) -> etree._Element:
    """The ``query`` element. ``ordered`` sorts by RECORDNO; ``aggregate`` may be ``count``, ``sum``, ``min``, ``max``
    or ``avg`` instead of plain fields. Records private to an entity are always included."""
    if not 1 <= page_size <= MAX_PAGE:
        raise SettingsError(f"A page of an Intacct query holds 1 to {MAX_PAGE} records, not {page_size}.")
    for name in (object_name, *fields):
        if not is_field_name(name):
            raise SettingsError(f"{name!r:.80} is no name of an Intacct object or field.")
    query = etree.Element("query")
    append(query, "object", object_name)
    select = append(query, "select")
    for field in fields:
        append(select, aggregate, field)
    if filter is not None:
        append(query, "filter").append(filter.to_xml())
    if ordered:
        order = append(append(query, "orderby"), "order")
        append(order, "field", KEY)
        append(order, "ascending")
    options = append(query, "options")
    if ignore_case:
        append(options, "caseinsensitive", "true")
    append(options, "showprivate", "true")
    append(query, "pagesize", str(page_size))
    return query


def iter_query(
    client: IntacctClient,
    object_name: str,
    fields: Sequence[str],
    filter: Filter | None = None,
    *,
    page_size: int = MAX_PAGE,
    ignore_case: bool = False,
) -> Iterator[Record]:
    """Every record that fits, in the order of RECORDNO (which each record has, asked for or not).

    One call a page, one page in memory. Raises what ``IntacctClient.call`` raises, ``AuthError`` where the user may
    not read the object, ``SettingsError`` where object or fields do not exist, and ``InvariantError`` where the
    answer is not in order (going on would miss records).
    """
    selected = list(dict.fromkeys((KEY, *fields)))
    last = 0
    while True:
        after = greater(KEY, last) if last else None
        conditions = [condition for condition in (filter, after) if condition is not None]
        query = build_query(
            object_name,
            selected,
            all_of(*conditions) if conditions else None,
            page_size=page_size,
            ignore_case=ignore_case,
        )
        result = _answer(client, query, object_name)
        for record in result.records:
            last = _next_key(record, last, object_name)
            yield record
        if not result.records or not _more(result, page_size):
            return


@dataclass(frozen=True, slots=True)
class Query:
    """A query for few records: which object, which fields, which records."""

    object_name: str
    fields: Sequence[str]
    filter: Filter


def read_together(client: IntacctClient, queries: Sequence[Query]) -> list[list[Record]]:
    """The records of several queries, asked in one request; one list for each, in order. Raises as ``iter_query``."""
    if not queries:
        return []
    wanted = [list(dict.fromkeys((KEY, *query.fields))) for query in queries]
    functions = [
        Function(build_query(query.object_name, fields, query.filter, page_size=MAX_PAGE))
        for query, fields in zip(queries, wanted, strict=True)
    ]
    answers = []
    for query, result in zip(queries, client.call(functions), strict=True):
        if not result.ok:
            raise to_read_exception(result.failure, query.object_name)
        whole = not _more(result, MAX_PAGE)
        answers.append(list(result.records if whole else iter_query(client, *astuple(query))))
    return answers


def count(client: IntacctClient, object_name: str, filter: Filter | None = None) -> int:
    """How many records fit. Raises as ``iter_query``."""
    query = build_query(object_name, (KEY,), filter, aggregate="count", ordered=False, page_size=1)
    records = _answer(client, query, object_name).records
    for name in (f"COUNT.{KEY}", KEY):
        if len(records) == 1 and str(records[0].get(name, "")).isdecimal():
            return int(records[0][name])
    raise SettingsError(f"Sage Intacct does not count {object_name} records.", system=SYSTEM)


def _answer(client: IntacctClient, query: etree._Element, object_name: str) -> FunctionResult:
    result = client.call([Function(query)])[0]
    if not result.ok:
        raise to_read_exception(result.failure, object_name)
    return result


def _next_key(record: Record, last: int, object_name: str) -> int:
    text = str(record.get(KEY, ""))
    if not text.isdecimal() or int(text) <= last:
        raise InvariantError(
            f"Sage Intacct answered {object_name} records out of order; reading on would miss some.", system=SYSTEM
        )
    return int(text)


def _more(result: FunctionResult, page_size: int) -> bool:
    remaining = result.counts.get("numremaining")
    return remaining > 0 if remaining is not None else len(result.records) >= page_size
