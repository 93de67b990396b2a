"""Who changed what when: audit columns of records and the AUDITHISTORY trail, the service's only delete feed."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.values import Native


def created(context: Context, item: ObjectType) -> dict[str, Native]:
    """Audit columns of a new record; documents keep WHENCREATED for their own date."""
    values: dict[str, Native] = {}
    fields = item.fields
    if "AUWHENCREATED" in fields:
        values["AUWHENCREATED"] = context.stamp
    elif "WHENCREATED" in fields:
        values["WHENCREATED"] = context.stamp
    if "WHENMODIFIED" in fields:
        values["WHENMODIFIED"] = context.stamp
    if "CREATEDBY" in fields:
        values["CREATEDBY"] = values["MODIFIEDBY"] = context.userno
    return values


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
