"""Legacy create and delete of master data (create_arterm, delete_customer ...): records of the generic objects."""

from __future__ import annotations

from collections.abc import Callable

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, text_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import invalid, no_permission
from include.sandbox.intacct.masters.records import create_record, delete_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.schemas.masters import DELETED_BY

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


def _deleter(name: str, attribute: str) -> Callable[[Context, Element], Result]:
    """Deletes the one record whose natural id (a task's RECORDNO) the attribute gives. Raises Refused."""

    def delete(context: Context, element: Element) -> Result:
        item = context.db.catalogue.objects[name.upper()]
        if not context.may_make(item.name):
            raise no_permission("delete", item.name)
        given = str(element.get(attribute) or "")
        column = "RECORDNO" if name == "task" else item.key
        found = context.db.find(item.name, column, given) if given else None
        if found is None:
            raise invalid(item.title, given)
        delete_record(context, item, int(found["RECORDNO"]))
        return Result()

    return delete


HANDLERS = {
    **{f"delete_{name}": _deleter(name, attribute) for name, attribute in DELETED_BY.items()},
    "create_arterm": _creator("ARTERM"),
    "create_department": _creator("DEPARTMENT"),
    "create_class": _creator("CLASS"),
}
