"""Attachments (supporting documents)."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.parts import typed

_FILES = typed("attachment*", {"attachment": typed("attachmentname attachmenttype attachmentdata")})
_SUPDOC = "supdocid supdocname? supdocfoldername? supdocdescription? attachments?"
_FOLDER = "supdocfoldername supdocfolderdescription? supdocparentfoldername?"

FUNCTIONS = {
    "create_supdoc": typed(_SUPDOC, {"attachments": _FILES}),
    "update_supdoc": typed(_SUPDOC, {"attachments": _FILES}),
    "delete_supdoc": Model("", attributes=frozenset({"key"})),
    "create_supdocfolder": typed(_FOLDER),
    "update_supdocfolder": typed(_FOLDER),
    "delete_supdocfolder": Model("", attributes=frozenset({"key"})),
}
