"""create, update and delete of any object; objects with rules of their own have their own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import (
    ErrorEntry,
    Refused,
    no_permission,
    refused,
    unknown_object,
)
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.records import create_record, delete_record, update_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.database import Row

MOST_OBJECTS = 100
DOCUMENTS = frozenset(
    {
        "ARINVOICE",
        "ARADJUSTMENT",
        "ARPYMT",
        "ARADVANCE",
        "ARRECURINVOICE",
        "APBILL",
        "APADJUSTMENT",
        "APPYMT",
        "GLBATCH",
        "SODOCUMENT",
        "OTHERRECEIPTS",
        "DEPOSIT",
    }
)
Writer = Callable[[Context, Element], Row]
Remover = Callable[[Context, int], None]

CREATORS: dict[str, Writer] = {}
UPDATERS: dict[str, Writer] = {}
REMOVERS: dict[str, Remover] = {}
"""Objects whose documents follow posting rules, filled by their areas in ``registry``."""


def create(context: Context, element: Element) -> Result:
    return _each(context, element, "create", CREATORS, create_record)


def update(context: Context, element: Element) -> Result:
    return _each(context, element, "update", UPDATERS, update_record)


def _each(
    context: Context,
    element: Element,
    operation: str,
    own: Mapping[str, Writer],
    shared: Callable[[Context, ObjectType, Mapping[str, str]], Row],
) -> Result:
    """Each object is its own unit: what succeeded stays, the answer is a failure that lists what was done."""
    objects = [child for child in element if isinstance(child.tag, str)]
    if len(objects) > MOST_OBJECTS:
        raise refused("BL03000018", f"At most {MOST_OBJECTS} objects can be written by one function.")
    if len({str(child.tag) for child in objects}) > 1:
        raise refused("BL03000018", "All objects of one function must be of one type.")
    for child in objects:
        item = _writable(context, str(child.tag), operation)
        if item.name in DOCUMENTS and item.name not in own:
            raise refused("BL01001973", f"{operation} is not supported for {item.name}.")
    done: list[str] = []
    errors: list[ErrorEntry] = []
    for child in objects:
        item = _writable(context, str(child.tag), operation)
        try:
            with context.db.transaction():
                writer = own.get(item.name)
                row = writer(context, child) if writer else shared(context, item, flatten(child))
        except Refused as error:
            errors.extend(error.entries)
            continue
        done.append(_written(item, row))
    data = node("data", *done, listtype="objects", count=str(len(done)))
    return Result(data, transactions=len(done), errors=tuple(errors))


def _written(item: ObjectType, row: Row) -> str:
    parts = [leaf("RECORDNO", str(row["RECORDNO"]))]
    if item.key != "RECORDNO" and row.get(item.key) is not None:
        parts.append(leaf(item.key, str(row[item.key])))
    return node(item.name.lower(), *parts)


def delete(context: Context, element: Element) -> Result:
    """All keys or none."""
    item = _writable(context, child_text(element, "object"), "delete")
    keys = [key.strip() for key in child_text(element, "keys").split(",") if key.strip()]
    if item.name in DOCUMENTS and item.name not in REMOVERS:
        raise refused("BL01001973", f"delete is not supported for {item.name}.")
    if not keys or len(keys) > MOST_OBJECTS or not all(key.isdecimal() and len(key) < 19 for key in keys):
        raise refused("BL03000018", f"Between 1 and {MOST_OBJECTS} record numbers are expected in keys.")
    for key in keys:
        remover = REMOVERS.get(item.name)
        if remover is not None:
            remover(context, int(key))
        else:
            delete_record(context, item, int(key))
    return Result(transactions=len(keys))


def _writable(context: Context, name: str, operation: str) -> ObjectType:
    item = context.db.catalogue.find(name)
    if item is None:
        raise unknown_object(name)
    if not context.may_make(item.name):
        raise no_permission(operation, item.name)
    if not item.writable:
        raise refused("BL01001973", f"{operation} is not supported for {item.name}.")
    return item


HANDLERS = {"create": create, "update": update, "delete": delete}
