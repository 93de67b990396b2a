"""Creating, changing and deleting a master record by the rules all of them share."""

from __future__ import annotations

from collections.abc import Mapping

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import Refused, already_exists, invalid, missing, refused
from include.sandbox.intacct.masters.contacts import (
    create_display_contact,
    linked_contacts,
    update_display_contact,
)
from include.sandbox.intacct.masters.reading import check_references, read_values
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native

_LETTERS = {"CUSTOMER": "C", "VENDOR": "V"}
_NUMBERED = {
    "CUSTOMER": "CUST-",
    "VENDOR": "VEND-",
    "PROJECT": "PROJ-",
    "CONTRACT": "CTR-",
    "EMPLOYEE": "EMP-",
    "TASK": "TASK-",
}
_USED_BY = {
    "CUSTOMER": (
        ("ARINVOICE", "CUSTOMERID"),
        ("ARPYMT", "CUSTOMERID"),
        ("ARADJUSTMENT", "CUSTOMERID"),
        ("SODOCUMENT", "CUSTVENDID"),
        ("PROJECT", "CUSTOMERID"),
    ),
    "VENDOR": (("APBILL", "VENDORID"), ("APPYMT", "VENDORID")),
    "GLACCOUNT": (("GLENTRY", "ACCOUNTNO"), ("ARINVOICEITEM", "ACCOUNTNO"), ("ARACCOUNTLABEL", "GLACCOUNTNO")),
    "ITEM": (("ARINVOICEITEM", "ITEMID"), ("SODOCUMENTENTRY", "ITEMID")),
    "DEPARTMENT": (("ARINVOICEITEM", "DEPARTMENTID"),),
    "LOCATION": (("ARINVOICEITEM", "LOCATIONID"),),
    "CLASS": (("ARINVOICEITEM", "CLASSID"),),
    "ARTERM": (("CUSTOMER", "TERMNAME"), ("ARINVOICE", "TERMNAME")),
    "CONTACT": (
        ("CUSTOMER", "DISPLAYCONTACTKEY"),
        ("CUSTOMER", "BILLTOKEY"),
        ("CUSTOMER", "SHIPTOKEY"),
        ("VENDOR", "DISPLAYCONTACTKEY"),
    ),
}


def create_record(context: Context, item: ObjectType, texts: Mapping[str, str]) -> Row:
    """RECORDNO and natural key of the new record. Raises Refused with the generic closing entry."""
    try:
        return _create(context, item, texts)
    except Refused as error:
        raise error.and_then("BL01001973", f"Could not create {item.title} record!") from None


def _create(context: Context, item: ObjectType, texts: Mapping[str, str]) -> Row:
    values = read_values(context, item, texts)
    _identify(context, item, values)
    for field in item.fields.values():
        if field.required and field.stored and values.get(field.name) is None:
            raise missing(f"{item.title}: the required field {field.name} is missing.")
    check_references(context, item, values)
    if "STATUS" in item.fields and values.get("STATUS") is None:
        values["STATUS"] = "active"
    _add_owned(context, item, texts, values)
    row = {**created(context, item), **_entity(context, item), **values}
    recordno = context.db.insert(item.name, row)
    if item.name == "LOCATIONENTITY":
        _add_location(context, recordno, values)
    trail(context, item.name, recordno, "C")
    return {**row, "RECORDNO": recordno}


def _identify(context: Context, item: ObjectType, values: dict[str, Native]) -> None:
    if item.key == "RECORDNO":
        return
    given = values.get(item.key)
    if given is None:
        prefix = _NUMBERED.get(item.name)
        automatic = item.name not in _LETTERS or context.switches.customer_autonumber
        if prefix is None or not automatic:
            raise missing(f"{item.title}: the required field {item.key} is missing.")
        values[item.key] = f"{prefix}{context.db.next_number('auto:' + item.name):05d}"
        return
    if context.db.exists(item.name, item.key, given):
        raise already_exists(item.title, str(given))


def _add_owned(context: Context, item: ObjectType, texts: Mapping[str, str], values: dict[str, Native]) -> None:
    letter = _LETTERS.get(item.name)
    if letter is None:
        return
    owner = str(values[item.key])
    values["ENTITY"] = f"{letter}{owner}"
    key = create_display_contact(context, texts, owner, letter)
    values["DISPLAYCONTACTKEY"] = key
    values.update(linked_contacts(context, texts))
    if item.name == "CUSTOMER":
        for name, default in (("ONHOLD", "false"), ("ONETIME", "false"), ("OBJECTRESTRICTION", "Unrestricted")):
            if values.get(name) is None:
                values[name] = default


def _entity(context: Context, item: ObjectType) -> dict[str, Native]:
    return dict(context.entity_fields()) if "MEGAENTITYKEY" in item.fields else {}


def _add_location(context: Context, recordno: int, values: Mapping[str, Native]) -> None:
    """An entity is a top-level location too."""
    if context.db.exists("LOCATION", "LOCATIONID", values["LOCATIONID"]):
        return
    location = context.db.catalogue.objects["LOCATION"]
    names = ("LOCATIONID", "NAME", "STATUS", "CURRENCY")
    context.db.insert("LOCATION", {**created(context, location), **{name: values.get(name) for name in names}})


def find_record(context: Context, item: ObjectType, texts: Mapping[str, str]) -> Row:
    """The record an update means, by RECORDNO or natural id. Raises Refused where there is none."""
    recordno = texts.get("RECORDNO", "")
    if recordno:
        found = context.db.get(item.name, int(recordno)) if recordno.isdecimal() and len(recordno) < 19 else None
        wanted = recordno
    else:
        wanted = texts.get(item.key, "")
        found = context.db.find(item.name, item.key, wanted) if wanted else None
    if found is None:
        raise invalid(item.title, wanted)
    return found


def update_record(context: Context, item: ObjectType, texts: Mapping[str, str]) -> Row:
    """Only supplied fields change, an empty one is cleared. Raises Refused."""
    try:
        return _update(context, item, texts)
    except Refused as error:
        raise error.and_then("BL01001973", f"Could not update {item.title} record!") from None


def _update(context: Context, item: ObjectType, texts: Mapping[str, str]) -> Row:
    found = find_record(context, item, texts)
    _check_level(context, item, found)
    values = read_values(context, item, texts)
    values.pop("RECORDNO", None)
    if item.key != "RECORDNO" and values.get(item.key) == found[item.key]:
        values.pop(item.key)
    elif item.key in values and item.key != "RECORDNO":
        raise refused("BL01001973", f"{item.title}: {item.key} cannot be changed.")
    for name, value in values.items():
        if value is None and item.fields[name].required:
            raise missing(f"{item.title}: the required field {name} is missing.")
    check_references(context, item, values)
    if item.name in _LETTERS:
        update_display_contact(context, found["DISPLAYCONTACTKEY"], texts)
        values.update(linked_contacts(context, texts))
    stamp = modified(context) if "WHENMODIFIED" in item.fields else {}
    context.db.update(item.name, found["RECORDNO"], {**values, **stamp})
    trail(context, item.name, found["RECORDNO"], "M")
    return {**found, **values}


def _check_level(context: Context, item: ObjectType, found: Row) -> None:
    owner = found.get("MEGAENTITYID")
    if owner and owner != context.entity:
        raise refused(
            "BL01001973", f"{item.title}: the record belongs to entity {owner} and can only be changed there."
        )


def delete_record(context: Context, item: ObjectType, recordno: int) -> None:
    """Raises Refused where the record does not exist, is another entity's or is in use."""
    found = context.db.get(item.name, recordno)
    if found is None:
        raise invalid(item.title, str(recordno))
    _check_level(context, item, found)
    for other, column in _USED_BY.get(item.name, ()):
        value = recordno if column.endswith("KEY") else found[item.key]
        if _in_use(context, other, column, value):
            raise refused("BL01001973", f"Cannot delete {item.title} '{found[item.key]}' because it is in use.")
    context.db.delete(item.name, recordno)
    trail(context, item.name, recordno, "D")


def _in_use(context: Context, other: str, column: str, value: Native) -> bool:
    return context.db.exists(other, column, value)
