"""lookup, inspect, getDimensions, readUserFormatting: generated from the same catalogue as reads."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import Field, ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import invalid, unknown_object
from include.sandbox.intacct.ledger.dimensions import DIMENSIONS
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.values import DATATYPES


def lookup(context: Context, element: Element) -> Result:
    """Fields, types, valid values and relations; permissions are ignored."""
    item = _find(context, child_text(element, "object"))
    fields = node("Fields", *(_field(field) for field in item.fields.values()))
    return Result(node("data", node("Type", fields, _relationships(item), Name=item.name, DocumentType="")))


def inspect(context: Context, element: Element) -> Result:
    """``*`` lists the objects; ``detail`` gives each field's description, else its name."""
    name = child_text(element, "object") or child_text(element, "name")
    if name == "*":
        items = sorted(context.db.catalogue.objects.values(), key=lambda one: one.name)
        types = "".join(f'<type typename="{item.name}">{_title(item)}</type>' for item in items)
        return Result(node("data", types, listtype="All", count=str(len(items))))
    item = _find(context, name)
    detailed = element.get("detail") == "1"
    shown = (_field(field) if detailed else leaf("Field", field.name) for field in item.fields.values())
    return Result(node("data", node("Type", node("Fields", *shown), Name=item.name)))


def get_dimensions(context: Context, element: Element) -> Result:
    titles = {"DEPARTMENT": "Department", "LOCATION": "Location", **dict(DIMENSIONS.values())}
    dimensions = [
        node(
            "dimension",
            leaf("objectName", name),
            leaf("objectLabel", title),
            leaf("termLabel", title),
            leaf("userDefined", "false"),
            leaf("enabledInGL", "true"),
        )
        for name, title in titles.items()
    ]
    return Result(node("data", node("dimensions", *dimensions)))


def read_user_formatting(context: Context, element: Element) -> Result:
    """The only way for a client to know the user's date format and zone."""
    user = text_of(element.find("userId"))
    key = text_of(element.find("key"))
    column, value = ("LOGINID", user) if user else ("RECORDNO", key)
    if not context.db.exists("USERINFO", column, value):
        raise invalid("User", value)
    offset = context.switches.gmt_offset_hours
    formatting = node(
        "userformatting",
        leaf("locale", "en_US"),
        leaf("clock", "24"),
        leaf("dateformat", "/mdY"),
        leaf("gmtoffset", f"{'-' if offset < 0 else '+'}{abs(offset):02d}:00"),
        leaf("numberformat", "us"),
    )
    return Result(node("data", formatting))


def _find(context: Context, name: str) -> ObjectType:
    item = context.db.catalogue.find(name)
    if item is None:
        raise unknown_object(name)
    return item


def _title(item: ObjectType) -> str:
    return item.title[:1].upper() + item.title[1:]


def _field(field: Field) -> str:
    values = node("VALIDVALUES", *(leaf("VALIDVALUE", label) for label, _ in field.choices))
    return node(
        "Field",
        leaf("ID", field.name),
        leaf("LABEL", field.label or field.name),
        leaf("DESCRIPTION"),
        leaf("REQUIRED", "true" if field.required else "false"),
        leaf("READONLY", "true" if field.readonly else "false"),
        leaf("DATATYPE", DATATYPES[field.kind]),
        leaf("ISCUSTOM", "true" if field.custom else "false"),
        values if field.choices else "",
    )


def _relationships(item: ObjectType) -> str:
    shown = [
        node(
            "Relationship",
            leaf("OBJECTPATH", relation.name),
            leaf("OBJECTNAME", relation.object),
            leaf("LABEL", relation.name.capitalize()),
            leaf("RELATIONSHIPTYPE", "MANY2ONE"),
            leaf("RELATEDBY", relation.key),
        )
        for relation in item.relations.values()
        if not relation.key.startswith("_")
    ]
    return node("Relationships", *shown)


HANDLERS = {
    "lookup": lookup,
    "inspect": inspect,
    "getDimensions": get_dimensions,
    "readUserFormatting": read_user_formatting,
}
