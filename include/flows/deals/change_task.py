"""The HubSpot task by which finance decides what no rule may: a refund, or a move between accounts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from html import escape

from include.core.changed_deal_table import Action, Change
from include.core.decisions import Json, Key, Ref, Write
from include.core.money import Money
from include.flows.deals.bill import Bill
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord

WHAT: dict[Change, str] = {
    "amount_up": "its amount went up",
    "amount_down": "its amount went down",
    "unwon": "it is no longer won",
    "company_changed": "its company changed",
    "currency_changed": "its currency changed",
    "lines_changed_same_total": "its lines changed (its total did not)",
}


def decision_task(
    key: Key,
    record: DealRecord,
    action: Action,
    change: Change,
    amount: Money,
    live: LiveDeal,
    bill: Bill | None,
    today: date,
    owner_id: str | None,
    after: Sequence[Key] = (),
    told_before: bool = False,
) -> Write:
    """``after``: documents that must be in the books first. ``told_before``: there is a task about it already, and a
    payment came back since."""
    names = ", ".join(one.name for one in live.standing)
    name = record.deal.get("dealname") or record.deal_id
    if action == "reclass_task":
        subject = f"Move revenue of deal “{name}” between accounts"
        todo = (
            f"The customer owes the same. Move what changed from account to account by a journal entry; {names} stays."
        )
    else:
        subject = f"Decide about {amount} of deal “{name}”"
        todo = f"Decide about {amount}: pay it back, keep it as the customer's credit, or move it to another document."
    if told_before:
        todo = f"A payment of it came back. Close the earlier task: {amount} is what is left to decide about."
    now = f"It is {bill.total} now." if bill else "Nothing of it is to be billed now."
    body = f"Deal {record.deal_id}: {WHAT[change]} after {names} was settled in part or whole. {now} {todo}"
    properties = {
        "hs_task_subject": subject,
        "hs_task_body": f"<p>{escape(body, quote=False)}</p>",
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
        "hs_task_priority": "HIGH",
        "hs_timestamp": datetime.combine(today, time(12), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "hubspot_owner_id": owner_id,
    }
    associations: list[Json] = [{"to": "deals", "id": record.deal_id}]
    associations += [{"to": "companies", "id": record.company_id}] if record.company_id else []
    payload: Json = {
        "properties": {field: text for field, text in properties.items() if text},
        "associations": associations,
        "tieout": {"after": [Ref(one).to_json() for one in after]},
    }
    return Write(key, payload, {})
