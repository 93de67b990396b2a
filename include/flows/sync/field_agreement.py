"""What to do about one field that two records share: leave it, write it to one side, or ask a person. Pure.

**Why this cannot loop.** Beside each field stands the *base*: digests of what each side showed when the two were last
left in agreement. A side has changed only if it differs from its own base. The base has a digest for each side, so a
target that keeps a value in its own form (an e-mail in lower case, a phone without blanks, a long text cut) counts as
unchanged, though the two sides differ. After a write both sides are read again and what they show becomes the base.
Three signs tell our own writes from other people's: equal contents need nothing, whoever wrote them; a side that shows
its base has no news; and HubSpot's history names the app that wrote a value last (``sourceType`` INTEGRATION with our
app's id as ``sourceId``, where the settings give it), which is no news either, even if our own memory was lost.

A field that both sides changed goes to its owner; ``newest`` decides by time, and where the times do not tell, a person
does. On the first meeting, without a base, the owner's value stands, and an empty one never replaces another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

Side = Literal["hubspot", "intacct"]
Owner = Literal["hubspot", "intacct", "newest"]
Verdict = Literal["alike", "leave", "to_intacct", "to_hubspot", "conflict"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one side shows: the value, when it was last changed there (as exactly as the system tells), and whether that
    change was our own."""

    value: str
    at: datetime | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """Digests of what each side showed when the field was last left in agreement."""

    hubspot: str
    intacct: str


def canonical(value: str | None) -> str:
    """The value without what no person means by it: blanks around and repeated, the case of mail addresses."""
    text = " ".join((value or "").split())
    return text.casefold() if "@" in text else text


def digest(place: str, value: str | None) -> str:
    """A digest of the value at this place. The place is part of it, so that equal values of two people look unlike."""
    return hashlib.sha256(f"{place}\n{canonical(value)}".encode()).hexdigest()


def same_but_for_form(sent: str, shown: str) -> bool:
    """Whether a system that was sent one value shows it in a form of its own: other case, punctuation or blanks, other
    decimals, or cut."""
    try:
        if Decimal(sent) == Decimal(shown):
            return True
    except InvalidOperation:
        pass
    plain_sent, plain_shown = (re.sub(r"[\W_]", "", text).casefold() for text in (sent, shown))
    return plain_sent == plain_shown or (bool(plain_shown) and plain_sent.startswith(plain_shown))


def settle(
    hubspot: Shown, intacct: Shown, owner: Owner, changed: Callable[[Side], bool] | None, *, same: bool | None = None
) -> Verdict:
    """What to do about the field. ``changed``: whether a side differs from its base; ``None``: there is no base yet.

    ``same``: whether the values mean the same, where that is not plain (a lookup table stands between them).
    """
    if same if same is not None else canonical(hubspot.value) == canonical(intacct.value):
        return "alike"
    if changed is None:
        return _first_meeting(hubspot, intacct, owner)
    sides: tuple[tuple[Side, Shown], ...] = (("hubspot", hubspot), ("intacct", intacct))
    news = [side for side, shown in sides if changed(side) and not shown.ours]
    if not news:
        return "leave"
    if len(news) == 2:
        return _newest(hubspot, intacct) if owner == "newest" else _from(owner)
    if owner in {"newest", news[0]}:
        return "to_intacct" if news[0] == "hubspot" else "to_hubspot"
    # Somebody changed what the other side owns: it is put back, but not to nothing.
    return _unless_empty(hubspot, intacct, owner)


def _first_meeting(hubspot: Shown, intacct: Shown, owner: Owner) -> Verdict:
    if owner != "newest":
        return _unless_empty(hubspot, intacct, owner)
    if not canonical(intacct.value):
        return "to_intacct"
    return _newest(hubspot, intacct) if canonical(hubspot.value) else "to_hubspot"


def _unless_empty(hubspot: Shown, intacct: Shown, owner: Owner) -> Verdict:
    theirs = hubspot.value if owner == "hubspot" else intacct.value
    return _from(owner) if canonical(theirs) else "leave"


def _from(owner: Owner) -> Verdict:
    return "to_intacct" if owner == "hubspot" else "to_hubspot"


def _newest(hubspot: Shown, intacct: Shown) -> Verdict:
    if hubspot.ours:
        return "to_hubspot"
    if hubspot.at is None or intacct.at is None:
        return "conflict"
    # Intacct tells whole seconds: within one second nobody knows which came first.
    there, here = (at.replace(microsecond=0) for at in (hubspot.at, intacct.at))
    if there == here:
        return "conflict"
    return "to_intacct" if there > here else "to_hubspot"
