"""From wire texts to kept values of one object, checking kinds, choices and references."""

from __future__ import annotations

import re
from collections.abc import Mapping

from include.sandbox.intacct.catalogue.definition import Field, ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing
from include.sandbox.intacct.values import Native, parse, parse_seed

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_EMAIL_FIELDS = ("EMAIL1", "EMAIL2")
_NOT_CHECKED = {"MEGAENTITYID"}


def read_values(context: Context, item: ObjectType, texts: Mapping[str, str]) -> dict[str, Native]:
    """The writable stored fields among ``texts``; empty texts become ``None`` (cleared).

    Raises Refused for values of the wrong kind or choice, and for unknown names where the switch says so.
    """
    values: dict[str, Native] = {}
    for name, text in texts.items():
        field = item.fields.get(name)
        if field is None:
            if context.switches.unknown_fields == "refuse" and "." not in name:
                raise missing(f"Field {name} is not defined for {item.name}.")
            continue
        if not field.stored or (field.readonly and not context.seeding):
            continue
        values[name] = read_value(context, field, text)
    return values


def read_value(context: Context, field: Field, text: str) -> Native:
    """Raises Refused (BL03000018) where the text is not a value of the field."""
    if field.choices and text:
        return _choice(field, text)
    try:
        value = parse_seed(field.kind, text) if context.seeding else parse(field.kind, text)
    except (ValueError, OverflowError):
        raise missing(f"The value '{text}' is not valid for {field.name}.") from None
    if value is not None and field.name.rpartition(".")[2] in _EMAIL_FIELDS and not _EMAIL.match(str(value)):
        raise missing(f"The e-mail address in {field.name} is not valid.")
    return value


def _choice(field: Field, text: str) -> str:
    for label, code in field.choices:
        if text.lower() == label.lower() or text == code:
            return label
    raise missing(f"The value '{text}' is not valid for {field.name}.")


def check_references(context: Context, item: ObjectType, values: Mapping[str, Native]) -> None:
    """Every value that names another record must name one that exists. Raises Refused (BL01001973)."""
    for relation in item.relations.values():
        value = values.get(relation.key)
        if value is None or relation.key in _NOT_CHECKED or relation.key.startswith("_"):
            continue
        if context.db.lookup(relation.object, relation.field, value) is None:
            raise invalid(context.db.catalogue.objects[relation.object].title, str(value))
