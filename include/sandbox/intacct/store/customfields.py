"""Custom fields the tenant defined: kept in the file, added to the catalogue and to the object's table."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import Field
from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.values import DATATYPES

_KINDS = {name: kind for kind, name in DATATYPES.items()}


def define_custom_field(db: Database, object_name: str, name: str, datatype: str = "TEXT", label: str = "") -> None:
    """Raises ValueError for an unknown object or data type, or a name that the object already has."""
    item = db.catalogue.find(object_name)
    kind = _KINDS.get(datatype.upper())
    if item is None or kind is None or item.view:
        raise ValueError(f"cannot define {name} of type {datatype} on {object_name}")
    known = item.fields.get(name.upper())
    if known is not None and not known.custom:
        raise ValueError(f"{object_name} already has a field {name}")
    db.execute(
        'INSERT OR REPLACE INTO "_customfield" (object, id, kind, label) VALUES (?, ?, ?, ?)',
        (item.name, name.upper(), kind, label or name),
    )
    db.catalogue.add_custom_field(item.name, Field(name.upper(), kind, label=label or name))
    db.add_custom_field(item.name)


def restore_custom_fields(db: Database) -> None:
    """Bring the file's custom fields into the catalogue when the twin starts."""
    for object_name, name, kind, label in db.execute(
        'SELECT object, id, kind, label FROM "_customfield" ORDER BY object, id'
    ).fetchall():
        db.catalogue.add_custom_field(object_name, Field(name, kind, label=label))
        db.add_custom_field(object_name)
