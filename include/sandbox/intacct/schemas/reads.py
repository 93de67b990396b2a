"""Sessions, reads and metadata."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.parts import typed

_COMPARE = Model("field value")
_OPERATORS = [
    "equalto",
    "notequalto",
    "lessthan",
    "lessthanorequalto",
    "greaterthan",
    "greaterthanorequalto",
    "between",
    "in",
    "notin",
    "like",
    "notlike",
    "isnull",
    "isnotnull",
]
_ANY_OPERATOR = " | ".join([*_OPERATORS, "and", "or"])


def _filter() -> Model:
    operators: dict[str, Model] = {name: _COMPARE for name in _OPERATORS}
    operators["between"] = Model("field value value")
    operators["in"] = operators["notin"] = Model("field value+")
    operators["isnull"] = operators["isnotnull"] = Model("field")
    # A lone child of and/or and several under filter are sent by shipped clients; the function decides on them.
    group = Model(f"({_ANY_OPERATOR})+", operators)
    operators["and"] = operators["or"] = group
    return Model(f"({_ANY_OPERATOR})*", operators)


_FILTER = _filter()


def _expressions() -> Model:
    inside: dict[str, Model] = {"expression": Model("field operator value")}
    inside["logical"] = Model("(logical | expression)+", inside, frozenset({"logical_operator"}))
    return Model("logical | expression", inside)


FUNCTIONS = {
    "getAPISession": Model("locationid?"),
    "query": Model(
        "(select | object | docparid | filter | orderby | options | pagesize | offset)*",
        {
            "select": Model("(field | count | avg | min | max | sum)+"),
            "filter": _FILTER,
            "orderby": Model("order+", {"order": Model("field (ascending | descending)?")}),
            "options": Model("caseinsensitive? showprivate? returnformat?"),
        },
        any_order=True,
    ),
    # Shipped clients differ in the order of these: one sends the object last, the official Node client the query first.
    "readByQuery": Model("object fields? query pagesize? returnFormat? docparid?", any_order=True),
    "readMore": Model("object | view | reportId | resultId"),
    "read": Model("object keys fields? returnFormat? docparid?", any_order=True),
    "readByName": Model("object keys fields? returnFormat? docparid?", any_order=True),
    "lookup": Model("object docparid?"),
    "inspect": Model("object | name", attributes=frozenset({"detail"})),
    "readUserFormatting": Model("key | userId"),
    "getDimensions": Model(""),
    "get_applications": Model(""),
    "get_companyprefs": Model("", attributes=frozenset({"application"})),
    "get_list": Model(
        "filter? sorts? fields?",
        {
            "filter": _expressions(),
            "sorts": Model("sortfield*", {"sortfield": Model("", attributes=frozenset({"order"}))}),
            "fields": Model("field*"),
        },
        attributes=frozenset({"object", "start", "maxitems", "showprivate"}),
    ),
    "get": Model("fields?", {"fields": Model("field*")}, frozenset({"object", "key", "externalkey"})),
    "get_invoice": Model("fields?", {"fields": Model("field*")}, frozenset({"key", "externalkey"})),
    "get_araging": typed(
        "agingperiods? customerid? invoiceno? locationid? departmentid? asofdate? useduedate? showdetails? "
        "documenttype? useglpostdate? showzerowithactivity?"
    ),
}
