"""create_arterm, create_department, create_class: the same records as their generic objects."""

from __future__ import annotations

from collections.abc import Callable

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, text_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.masters.records import create_record
from include.sandbox.intacct.results import Result

_PATHS = {
    "ARTERM": {
        "NAME": "name",
        "DESCRIPTION": "description",
        "STATUS": "status",
        "DUEDATE": "due/days",
        "DUEFROM": "due/from",
        "DISCDATE": "discount/days",
        "DISCFROM": "discount/from",
        "DISCAMOUNT": "discount/amount",
        "DISCPERCAMN": "discount/percamn",
        "DISCFUDGEDAYS": "discount/fudgedays",
        "DISCCALCON": "disccalcon",
    },
    "DEPARTMENT": {"DEPARTMENTID": "departmentid", "TITLE": "title", "PARENTID": "parentid", "STATUS": "status"},
    "CLASS": {
        "CLASSID": "classid",
        "NAME": "name",
        "DESCRIPTION": "description",
        "PARENTID": "parentid",
        "STATUS": "status",
    },
}


def _creator(object_name: str) -> Callable[[Context, Element], Result]:
    def create(context: Context, element: Element) -> Result:
        found = {name: text_of(element.find(path)) for name, path in _PATHS[object_name].items()}
        item = context.db.catalogue.objects[object_name]
        row = create_record(context, item, {name: text for name, text in found.items() if text})
        return Result(leaf("key", str(row[item.key])))

    return create


HANDLERS = {
    "create_arterm": _creator("ARTERM"),
    "create_department": _creator("DEPARTMENT"),
    "create_class": _creator("CLASS"),
}
