"""Bills that wait for approval: approving, declining, and what waits."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.payables import APBILL
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import refused
from include.sandbox.intacct.ledger.changes import changeable
from include.sandbox.intacct.ledger.documents import post_pending
from include.sandbox.intacct.ledger.kinds import BILL
from include.sandbox.intacct.masters.flatten import flatten
from include.sandbox.intacct.masters.records import find_record
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.audit import modified
from include.sandbox.intacct.store.database import Row


def approve(context: Context, element: Element) -> Result:
    return _decide(context, element, approved=True)


def decline(context: Context, element: Element) -> Result:
    return _decide(context, element, approved=False)


def _decide(context: Context, element: Element, *, approved: bool) -> Result:
    if element[0].tag != "APBILL":
        raise refused("BL01001973", f"{element.tag} is not supported for {element[0].tag}.")
    head = find_record(context, APBILL, flatten(element[0]))
    changeable(context, BILL, head["RECORDNO"])
    if head["STATE"] != "Submitted":
        raise refused("BL01001973", f"The bill {head['RECORDID']} is not waiting for approval.")
    if approved:
        post_pending(context, BILL, head["RECORDNO"])
    else:
        context.db.update("APBILL", head["RECORDNO"], {"STATE": "Declined", "RAWSTATE": "U", **modified(context)})
    _record_decision(context, head, "approved" if approved else "declined", child_text(element[0], "COMMENT"))
    parts = [leaf("RECORDNO", str(head["RECORDNO"])), leaf("RECORDID", head["RECORDID"])]
    return Result(node("data", node("apbill", *parts), listtype="objects", count="1"))


def _record_decision(context: Context, head: Row, action: str, comment: str) -> None:
    context.db.insert(
        "AUDITHISTORY",
        {
            "OBJECTTYPE": "apbill",
            "OBJECTKEY": str(head["RECORDNO"]),
            "OBJECTDESC": comment or None,
            "USERID": context.userid,
            "ACCESSTIME": context.stamp,
            "ACCESSMODE": "M",
            "SOURCE": "XML Gateway",
            "WORKFLOWACTION": action,
        },
    )


def approval_history(context: Context, element: Element) -> Result:
    rows = context.db.rows(
        "SELECT USERID, ACCESSTIME, WORKFLOWACTION, OBJECTDESC FROM AUDITHISTORY WHERE OBJECTTYPE = 'apbill' "
        "AND OBJECTKEY = ? AND WORKFLOWACTION IS NOT NULL ORDER BY RECORDNO",
        (child_text(element, "docid"),),
    )
    shown = [
        node(
            "approval",
            leaf("approver", row["USERID"] or ""),
            leaf("state", row["WORKFLOWACTION"]),
            leaf("comments", row["OBJECTDESC"] or ""),
        )
        for row in rows
    ]
    return Result(node("data", *shown, listtype="approvalhistory", count=str(len(rows))))


def to_approve(context: Context, element: Element) -> Result:
    rows = context.db.rows(
        "SELECT RECORDNO, RECORDID, VENDORID FROM APBILL WHERE STATE = 'Submitted' ORDER BY RECORDNO"
    )
    wanted = text_of(element.find("module")).upper() in {"AP", "APBILL", "3.AP"}
    shown = [
        node("transaction", leaf("RECORDNO", str(row["RECORDNO"])), leaf("RECORDID", row["RECORDID"]))
        for row in rows
        if wanted
    ]
    return Result(node("data", *shown, listtype="transactions", count=str(len(shown))))


HANDLERS = {
    "approve": approve,
    "decline": decline,
    "getApprovalHistory": approval_history,
    "getTransactionsToApprove": to_approve,
}
