"""Revenue that is recognised: from the deferred account to the revenue account, entry by entry of a schedule."""

from __future__ import annotations

from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, refused
from include.sandbox.intacct.ledger import journal, periods
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.schedules import end_schedule
from include.sandbox.intacct.store.audit import modified, trail
from include.sandbox.intacct.store.database import Row

_FROM = {
    "On hold": {"Not started", "In progress"},
    "In progress": {"On hold"},
    "Terminated": {"Not started", "In progress", "On hold"},
}
"""From which states a schedule may go to the state."""


def move_schedule(context: Context, recordno: int, wanted: str, category: str, memo: str) -> None:
    """Raises Refused where the schedule is unknown or in a state that does not allow it."""
    schedule = _schedule(context, recordno)
    if schedule["STATUS"] not in _FROM[wanted]:
        raise refused("BL01001973", f"The revenue schedule {recordno} is {schedule['STATUS'].lower()}.")
    if wanted == "Terminated":
        end_schedule(context, schedule)
    after = _running(context, recordno) if wanted == "In progress" else wanted
    changes = {"STATUS": after, "CHANGECATEGORY": category or None, "CHANGEMEMO": memo or None, **modified(context)}
    context.db.update("REVRECSCHEDULE", recordno, changes)
    trail(context, "REVRECSCHEDULE", recordno, "M")


def post_entry(context: Context, recordno: int) -> None:
    """Post on the entry's own day. Raises Refused for a posted entry, a schedule on hold and a closed period."""
    entry = context.db.get("REVRECSCHEDULEENTRY", recordno)
    if entry is None:
        raise invalid("Revenue schedule entry", str(recordno))
    schedule = _schedule(context, entry["REVRECSCHEDULEKEY"])
    if entry["POSTED"] == "true" or schedule["STATUS"] not in {"Not started", "In progress"}:
        raise refused("BL01001973", f"The revenue schedule entry {recordno} cannot be posted.")
    day = date.fromisoformat(entry["POSTINGDATE"])
    periods.check_open(context, "AR", day, {entry["_ENTITY"] or ""})
    place, dims = entry["LOCATIONID"] or "", _dimensions(entry)
    lines = [
        Entry(str(entry["_DEFERREDACCTNO"]), entry["AMOUNT"], entry["TRX_AMOUNT"], place, dimensions=dims),
        Entry(entry["ACCOUNTNO"], -entry["AMOUNT"], -entry["TRX_AMOUNT"], place, entry["DEPARTMENTID"] or "", "", dims),
    ]
    # The postings belong to the invoice: what undoes the invoice undoes them.
    source = journal.Source(
        "8.SO", "RRJ", "rv", schedule["RECORDKEY"], schedule["INVOICENO"] or "", f"Revenue of {schedule['INVOICENO']}"
    )
    batch = journal.post(context, source, day, lines, rate_of({**entry, "WHENCREATED": entry["POSTINGDATE"]}), schedule)
    changes = {"POSTED": "true", "POSTED_AMOUNT": entry["AMOUNT"], "GLBATCHKEY": batch, **modified(context)}
    context.db.update("REVRECSCHEDULEENTRY", recordno, changes)
    context.db.update("REVRECSCHEDULE", schedule["RECORDNO"], {"STATUS": "In progress", **modified(context)})
    trail(context, "REVRECSCHEDULEENTRY", recordno, "M")


def unpost_entry(context: Context, recordno: int) -> None:
    """Remove the posting. Raises Refused for an entry that is not posted, an ended schedule and a closed period."""
    entry = context.db.get("REVRECSCHEDULEENTRY", recordno)
    if entry is None:
        raise invalid("Revenue schedule entry", str(recordno))
    schedule = _schedule(context, entry["REVRECSCHEDULEKEY"])
    if entry["POSTED"] != "true" or schedule["STATUS"] == "Terminated":
        raise refused("BL01001973", f"The revenue schedule entry {recordno} cannot be unposted.")
    periods.check_open(context, "AR", date.fromisoformat(entry["POSTINGDATE"]), {entry["_ENTITY"] or ""})
    context.db.remove_where("GLENTRY", "BATCHNO", [entry["GLBATCHKEY"]])
    context.db.delete("GLBATCH", entry["GLBATCHKEY"])
    changes = {"POSTED": "false", "POSTED_AMOUNT": None, "GLBATCHKEY": None, **modified(context)}
    context.db.update("REVRECSCHEDULEENTRY", recordno, changes)
    if schedule["STATUS"] == "In progress":
        status = _running(context, schedule["RECORDNO"])
        context.db.update("REVRECSCHEDULE", schedule["RECORDNO"], {"STATUS": status, **modified(context)})
    trail(context, "REVRECSCHEDULEENTRY", recordno, "M")


def _schedule(context: Context, recordno: int) -> Row:
    schedule = context.db.get("REVRECSCHEDULE", recordno)
    if schedule is None:
        raise invalid("Revenue schedule", str(recordno))
    owner = schedule.get("MEGAENTITYID")
    if owner and owner != context.entity:
        raise refused("BL01001973", f"The revenue schedule belongs to entity {owner} and can only be changed there.")
    return schedule


def _running(context: Context, recordno: int) -> str:
    """In progress once anything is posted."""
    posted = any(
        one["POSTED"] == "true" for one in context.db.matching("REVRECSCHEDULEENTRY", "REVRECSCHEDULEKEY", recordno)
    )
    return "In progress" if posted else "Not started"


def _dimensions(entry: Row) -> dict[str, str]:
    names = ("CUSTOMERID", "ITEMID", "CLASSID", "PROJECTID")
    return {name: str(entry[name]) for name in names if entry.get(name)}
