"""A small written form for seeded definitions: one line per property.

``name  Label words  type/field  flags``, the columns set apart by `` | ``. Flags: ``ro`` (value may not be written),
``calc`` (calculated, so read-only too), ``unique``, ``ext`` (options live elsewhere), ``money=<property>``,
``opts=A;B`` or ``opts=A:Label;B:Label``. A line ``[group]`` starts a property group.
"""

from __future__ import annotations

from collections.abc import Iterator

from include.sandbox.hubspot.definitions.property import Option, Property

_FIELDS = {
    "string": "text", "number": "number", "date": "date", "datetime": "date", "bool": "booleancheckbox",
    "enumeration": "select", "phone_number": "phonenumber", "json": "text", "object_coordinates": "text",
}  # fmt: skip


def read_table(text: str) -> Iterator[Property]:
    group = ""
    for line in text.strip().splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[]")
        elif line:
            yield _row(line, group)


def _row(line: str, group: str) -> Property:
    name, label, kind, *rest = (cell.strip() for cell in line.split("|"))
    flags = dict(flag.partition("=")[::2] for flag in (rest[0].split() if rest else ()))
    type_, _, field = kind.partition("/")
    calculated = "calc" in flags
    return Property(
        name=name,
        label=label,
        type=type_,
        field_type=field or ("calculation_equation" if calculated and type_ == "number" else _FIELDS[type_]),
        group=group,
        options=tuple(_options(flags.get("opts", ""), type_)),
        read_only=calculated or "ro" in flags,
        calculated=calculated,
        unique="unique" in flags,
        external="ext" in flags,
        currency_property=flags.get("money"),
    )


def _options(text: str, type_: str) -> Iterator[Option]:
    if type_ == "bool":
        text = text or "true:Yes;false:No"
    for order, part in enumerate(part for part in text.split(";") if part):
        value, _, label = part.partition(":")
        yield Option(label=(label or value.replace("_", " ").capitalize()).replace("~", " "), value=value, order=order)
