"""Whether what the settings name in Intacct exists there and is active: one request for everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import to_read_exception
from include.connectors.intacct.fields import is_active, optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.query import build_query
from include.connectors.intacct.replies import Record
from include.core.settings_problems import Problem
from include.flows.checks.catalogue_names import Kind, Named
from include.flows.checks.finding import Finding


@dataclass(frozen=True, slots=True)
class _Object:
    name: str
    id_field: str
    word: str


_OBJECTS: Mapping[Kind, _Object] = {
    "account": _Object("GLACCOUNT", "ACCOUNTNO", "GL account"),
    "account_label": _Object("ARACCOUNTLABEL", "ACCOUNTLABEL", "AR account label"),
    "item": _Object("ITEM", "ITEMID", "item"),
    "class": _Object("CLASS", "CLASSID", "class"),
    "department": _Object("DEPARTMENT", "DEPARTMENTID", "department"),
    "project": _Object("PROJECT", "PROJECTID", "project"),
    "term": _Object("ARTERM", "NAME", "AR term"),
    "vendor_term": _Object("APTERM", "NAME", "AP term"),
    "location": _Object("LOCATION", "LOCATIONID", "location"),
    "entity": _Object("LOCATIONENTITY", "LOCATIONID", "entity"),
    "revenue_template": _Object("REVRECTEMPLATE", "TEMPLATEID", "revenue recognition template"),
    "definition": _Object("SODOCUMENTPARAMS", "DOCID", "order entry transaction definition"),
    "rate_type": _Object("EXCHANGERATETYPES", "NAME", "exchange rate type"),
    "vendor": _Object("VENDOR", "VENDORID", "vendor"),
    "tax_detail": _Object("TAXDETAIL", "DETAILID", "tax detail"),
    "tax_solution": _Object("TAXSOLUTION", "SOLUTIONID", "tax solution"),
}


def check_intacct_names(intacct: IntacctClient, names: Sequence[Named]) -> list[Finding]:
    """One problem for each place that names what is not there or inactive; one good finding for all others together.

    An object that the user may not read is one ``unknown``. Raises what ``IntacctClient.call`` raises.
    """
    by_kind: dict[Kind, list[Named]] = {}
    for one in names:
        if one.kind in _OBJECTS:
            by_kind.setdefault(one.kind, []).append(one)
    if not by_kind:
        return []
    functions = [_function(_OBJECTS[kind], its) for kind, its in by_kind.items()]
    findings, good = list[Finding](), 0
    for (kind, its), result in zip(by_kind.items(), intacct.call(functions), strict=True):
        what = _OBJECTS[kind]
        if not result.ok:
            error = to_read_exception(result.failure, f"{what.word}s")
            why = f"Whether the {what.word}s in the settings exist was not checked: {error.message}"
            findings.append(Finding("settings", f"{what.word}s", "unknown", why))
            continue
        wrong = _wrong(what, its, result.records)
        findings += [Finding.of(problem) for problem in wrong]
        good += len(its) - len(wrong)
    if good:
        told = f"{good} accounts, items, dimensions, terms and the like exist in Intacct and are active."
        findings.append(Finding("settings", "catalogue of Intacct", "ok", told))
    return findings


def _function(what: _Object, names: Iterable[Named]) -> Function:
    fields = ("RECORDNO", what.id_field, "STATUS")
    ids = list(dict.fromkeys(one.value for one in names))
    return Function(build_query(what.name, fields, is_in(what.id_field, ids)), what.name)


def _wrong(what: _Object, names: Iterable[Named], records: Iterable[Record]) -> list[Problem]:
    # A record without a status cannot be made inactive.
    active = {optional(one, what.id_field).casefold(): is_active(one) or not optional(one, "STATUS") for one in records}
    found = []
    for one in names:
        state = active.get(one.value.casefold())
        if state is None:
            remedy = f"Intacct has no {what.word} of that name: correct it, or make it in Intacct"
        elif not state:
            remedy = f"this {what.word} is inactive in Intacct: name an active one, or make it active again"
        else:
            continue
        found.append(Problem(one.file, one.key, one.value, remedy, one.line))
    return found
