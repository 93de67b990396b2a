"""Accounts and dimensions of lines: they exist, are active and visible, and none required is missing."""

from __future__ import annotations

from collections.abc import Mapping

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing, refused
from include.sandbox.intacct.ledger.places import entity_of, is_multi_entity
from include.sandbox.intacct.store.database import Row

DIMENSIONS = {
    "CUSTOMERID": ("CUSTOMER", "Customer"),
    "VENDORID": ("VENDOR", "Vendor"),
    "EMPLOYEEID": ("EMPLOYEE", "Employee"),
    "ITEMID": ("ITEM", "Item"),
    "CLASSID": ("CLASS", "Class"),
    "PROJECTID": ("PROJECT", "Project"),
    "CONTRACTID": ("CONTRACT", "Contract"),
    "WAREHOUSEID": ("WAREHOUSE", "Warehouse"),
    "TASKID": ("TASK", "Task"),
}
_REQUIRED = {
    "REQUIRECUSTOMER": "CUSTOMERID",
    "REQUIREVENDOR": "VENDORID",
    "REQUIREEMPLOYEE": "EMPLOYEEID",
    "REQUIREITEM": "ITEMID",
    "REQUIRECLASS": "CLASSID",
    "REQUIREPROJECT": "PROJECTID",
    "REQUIREWAREHOUSE": "WAREHOUSEID",
}


def usable(context: Context, object_name: str, key: str, value: str, title: str) -> Row:
    """The active record of this id. Raises Refused (BL01001973) where it is unknown, inactive or another entity's."""
    found = context.db.lookup(object_name, key, value)
    if found is None:
        raise invalid(title, value)
    owner = found.get("MEGAENTITYID")
    if owner and context.entity and owner != context.entity:
        raise invalid(title, value)
    if found.get("STATUS") == "inactive":
        raise refused("BL01001973", f"{title} '{value}' is inactive.")
    return found


def account(context: Context, number: str) -> Row:
    return usable(context, "GLACCOUNT", "ACCOUNTNO", number, "GL account")


def check_dimensions(
    context: Context, line_no: int, location: str, department: str, dimensions: Mapping[str, str]
) -> None:
    """Every given dimension exists and is active; a location is given where there are entities."""
    if location:
        usable(context, "LOCATION", "LOCATIONID", location, "Location")
        if context.entity and entity_of(context, location) != context.entity:
            raise invalid("Location", location)
    elif is_multi_entity(context):
        raise missing(f"Line {line_no}: Location is required.")
    if department:
        usable(context, "DEPARTMENT", "DEPARTMENTID", department, "Department")
    for field, value in dimensions.items():
        if value:
            object_name, title = DIMENSIONS[field]
            usable(context, object_name, field, value, title)


def check_required(line_no: int, gl: Row, location: str, department: str, dimensions: Mapping[str, str]) -> None:
    """Raises Refused (BL03000018) for a dimension that the account requires and the line does not have."""
    lacking = []
    if gl["REQUIRELOC"] == "true" and not location:
        lacking.append("Location")
    if gl["REQUIREDEPT"] == "true" and not department:
        lacking.append("Department")
    for flag, field in _REQUIRED.items():
        if gl[flag] == "true" and not dimensions.get(field):
            lacking.append(DIMENSIONS[field][1])
    if lacking:
        raise missing(f"Line {line_no}: account {gl['ACCOUNTNO']} requires a value for {', '.join(lacking)}.")
