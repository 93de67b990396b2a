"""The few rules of contacts, tasks, notes, quotes and payments."""

from __future__ import annotations

import re

from include.sandbox.hubspot.errors import invalid
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.values import decimal, plain
from include.sandbox.hubspot.world import World


def contact(_: World, draft: Draft) -> None:
    email = draft.value("email")
    draft.set("hs_email_domain", email.rpartition("@")[2] if email else "")
    full = " ".join(part for part in (draft.value("firstname"), draft.value("lastname")) if part)
    draft.set("hs_full_name_or_email", full or email)


def task(_: World, draft: Draft) -> None:
    if draft.is_new:
        for name, value in (("status", "NOT_STARTED"), ("priority", "NONE"), ("type", "TODO")):
            draft.set(f"hs_task_{name}", draft.value(f"hs_task_{name}") or value)
    done = draft.value("hs_task_status") == "COMPLETED"
    draft.set("hs_task_is_completed", "1" if done else "0")
    if draft.changed("hs_task_status"):
        draft.set("hs_task_completion_date", wire(draft.now) if done else "")


def note(_: World, draft: Draft) -> None:
    preview = re.sub(r"\s+", " ", re.sub(r"<[^>]{0,500}>", " ", draft.value("hs_note_body"))).strip()
    draft.set("hs_body_preview", preview[:300])


def quote(world: World, draft: Draft) -> None:
    if draft.is_new:
        draft.set("hs_status", draft.value("hs_status") or "DRAFT")
    here = End("0-14", draft.id)
    items = world.records.fetch("0-8", links.linked_ids(world.db, here, "0-8")).values()
    draft.set("hs_quote_amount", plain(sum((decimal(i.props.get("amount")) for i in items), decimal(None))))
    published = draft.value("hs_status") in {"APPROVAL_NOT_NEEDED", "APPROVED"}
    if published and draft.changed("hs_status") and not draft.loading:
        _may_publish(world, here)
        draft.set("hs_quote_number", draft.value("hs_quote_number") or f"Q-{draft.id}")
        draft.set("hs_public_url_key", draft.value("hs_public_url_key") or f"key{draft.id}")
        draft.set("hs_quote_link", f"https://quotes.example/{draft.value('hs_public_url_key')}")


def _may_publish(world: World, here: End) -> None:
    needed = (("quote template", "0-64"), ("deal", "0-3"), ("line item", "0-8"))
    missing = [word for word, type_id in needed if not links.linked_ids(world.db, here, type_id)]
    if missing:
        raise invalid(f"Quote cannot be published without an associated {', '.join(missing)}")


def payment(world: World, draft: Draft) -> None:
    """Payments are facts: once succeeded, amount, date and currency stand."""
    if draft.is_new:
        draft.set("hs_latest_status", draft.value("hs_latest_status") or "succeeded")
        draft.set("hs_currency_code", draft.value("hs_currency_code") or world.account.currency)
        draft.set("hs_payment_id", str(draft.id))
    elif draft.before.get("hs_latest_status") == "succeeded":
        fixed = ("hs_initial_amount", "hs_initiated_date", "hs_currency_code")
        if any(draft.changed(name) for name in fixed):
            raise invalid("A processed payment cannot be changed")
    net = decimal(draft.value("hs_initial_amount")) - decimal(draft.value("hs_fees_amount"))
    draft.set("hs_net_amount", plain(net))
