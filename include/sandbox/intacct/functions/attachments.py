"""Attachments and their folders: kept, listed and deleted, never opened."""

from __future__ import annotations

import json

from include.sandbox.intacct.catalogue.platform import SUPDOC, SUPDOCFOLDER
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import already_exists, invalid, refused
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native


def create_supdoc(context: Context, element: Element) -> Result:
    name = child_text(element, "supdocid")
    if context.db.exists("SUPDOC", "SUPDOCID", name):
        raise already_exists(SUPDOC.title, name)
    values = {"SUPDOCID": name, **_fields(context, element), **created(context, SUPDOC)}
    recordno = context.db.insert("SUPDOC", values)
    trail(context, "SUPDOC", recordno, "C")
    return Result(leaf("key", name))


def update_supdoc(context: Context, element: Element) -> Result:
    name = child_text(element, "supdocid")
    found = context.db.find("SUPDOC", "SUPDOCID", name)
    if found is None:
        raise invalid(SUPDOC.title, name)
    context.db.update("SUPDOC", found["RECORDNO"], {**_fields(context, element), **modified(context)})
    trail(context, "SUPDOC", found["RECORDNO"], "M")
    return Result(leaf("key", name))


def delete_supdoc(context: Context, element: Element) -> Result:
    name = str(element.get("key") or "")
    found = context.db.find("SUPDOC", "SUPDOCID", name)
    if found is None:
        raise invalid(SUPDOC.title, name)
    context.db.delete("SUPDOC", found["RECORDNO"])
    trail(context, "SUPDOC", found["RECORDNO"], "D")
    return Result()


def create_supdocfolder(context: Context, element: Element) -> Result:
    name = child_text(element, "supdocfoldername")
    if context.db.exists("SUPDOCFOLDER", "NAME", name):
        raise already_exists(SUPDOCFOLDER.title, name)
    context.db.insert(
        "SUPDOCFOLDER",
        {
            "NAME": name,
            "DESCRIPTION": child_text(element, "supdocfolderdescription") or None,
            "PARENTFOLDER": child_text(element, "supdocparentfoldername") or None,
            **created(context, SUPDOCFOLDER),
        },
    )
    return Result(leaf("key", name))


def update_supdocfolder(context: Context, element: Element) -> Result:
    found = _folder(context, child_text(element, "supdocfoldername"))
    names = {"supdocfolderdescription": "DESCRIPTION", "supdocparentfoldername": "PARENTFOLDER"}
    changes: dict[str, Native] = {
        field: child_text(element, name) or None for name, field in names.items() if element.find(name) is not None
    }
    context.db.update("SUPDOCFOLDER", found["RECORDNO"], {**changes, **modified(context)})
    return Result(leaf("key", found["NAME"]))


def delete_supdocfolder(context: Context, element: Element) -> Result:
    """Raises Refused for a folder that still holds attachments."""
    found = _folder(context, str(element.get("key") or ""))
    if context.db.exists("SUPDOC", "FOLDER", found["NAME"]):
        raise refused("BL01001973", f"Cannot delete {SUPDOCFOLDER.title} '{found['NAME']}' because it is in use.")
    context.db.delete("SUPDOCFOLDER", found["RECORDNO"])
    return Result()


def _folder(context: Context, name: str) -> Row:
    found = context.db.find("SUPDOCFOLDER", "NAME", name) if name else None
    if found is None:
        raise invalid(SUPDOCFOLDER.title, name)
    return found


def _fields(context: Context, element: Element) -> dict[str, Native]:
    folder = child_text(element, "supdocfoldername")
    if folder and not context.db.exists("SUPDOCFOLDER", "NAME", folder):
        raise invalid(SUPDOCFOLDER.title, folder)
    names = {"supdocname": "SUPDOCNAME", "supdocfoldername": "FOLDER", "supdocdescription": "DESCRIPTION"}
    values: dict[str, Native] = {
        field: child_text(element, name) for name, field in names.items() if element.find(name) is not None
    }
    if element.find("attachments") is not None:
        files = [
            {
                "name": child_text(one, "attachmentname"),
                "type": child_text(one, "attachmenttype"),
                "data": child_text(one, "attachmentdata"),
            }
            for one in element.iterfind("attachments/attachment")
        ]
        values["_FILES"] = json.dumps(files)
    return values


HANDLERS = {
    "create_supdoc": create_supdoc,
    "update_supdoc": update_supdoc,
    "delete_supdoc": delete_supdoc,
    "create_supdocfolder": create_supdocfolder,
    "update_supdocfolder": update_supdocfolder,
    "delete_supdocfolder": delete_supdocfolder,
}
