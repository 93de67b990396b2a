"""Who changed what when: audit columns of records and the AUDITHISTORY trail, the service's only delete feed."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.values import Native


def created(context: Context, item: ObjectType) -> dict[str, Native]:
    """Audit columns of a new record; documents keep WHENCREATED for their own date."""
    stamp = "AUWHENCREATED" if "AUWHENCREATED" in item.fields else "WHENCREATED"
    values: dict[str, Native] = {
        stamp: context.stamp,
        "WHENMODIFIED": context.stamp,
        "CREATEDBY": context.userno,
        "MODIFIEDBY": context.userno,
    }
    return {name: value for name, value in values.items() if name in item.fields}


def modified(context: Context) -> dict[str, Native]:
    return {"WHENMODIFIED": context.stamp, "MODIFIEDBY": context.userno}


def trail(context: Context, object_name: str, key: int | str, mode: str) -> None:
    """``mode`` is C created, M modified or D deleted. Seeding leaves no trail."""
    if context.seeding:
        return
    context.db.insert(
        "AUDITHISTORY",
        {
            "OBJECTTYPE": object_name.lower(),
            "OBJECTKEY": str(key),
            "USERID": context.userid,
            "ACCESSTIME": context.stamp,
            "ACCESSMODE": mode,
            "SOURCE": "XML Gateway",
        },
    )
