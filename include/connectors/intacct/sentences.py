"""The common refusals in a finance person's words: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable

DUPLICATE_SENTENCE = "A record with this number or id exists already in Sage Intacct."
_UNKNOWN = "Sage Intacct refused the record."

_DIMENSION = (
    r"location|department|class|project|customer|vendor|employee|item|warehouse|contract|task|cost type"
    r"|\w+ dimension"
)
_THING = (
    r"customer|vendor|gl account|account number|account label|account|item|term|location|entity|department|class"
    r"|project|contract|warehouse|tax solution|revenue recognition template|currency|exchange rate type|template"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
_BARE = re.compile(r"\W+([A-Za-z0-9_-]*\d[A-Za-z0-9_-]*)")


def _id(found: re.Match[str]) -> str:
    """The id that Intacct names: the first quoted text, or a word with a digit right after the thing's own word."""
    named = _QUOTED.search(found.string, found.start()) or _BARE.match(found.string, found.end("what"))
    return f" {named[1]}" if named else ""


def _what(found: re.Match[str]) -> str:
    said = " ".join(found["what"].lower().split())
    return said.replace("gl account", "GL account")


def _closed(found: re.Match[str]) -> str:
    day = re.search(r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}", found.string)
    on = f" {day[0]}" if day else ""
    return (
        f"The posting date{on} lies in a closed period; open the period in Sage Intacct, or let the settings post into "
        "the first open day."
    )


def _customer(found: re.Match[str]) -> str:
    return (
        f"Sage Intacct does not accept the customer{_id(found)}; check that it exists and that this entity may use it."
    )


def _inactive(found: re.Match[str]) -> str:
    return f"The {_what(found)}{_id(found)} is inactive in Sage Intacct; activate it there, or map to another one."


def _dimension(found: re.Match[str]) -> str:
    return (
        f"A line lacks the dimension {_what(found)}, which its account demands; add it to the mapping, or change the "
        "account's rule in Sage Intacct."
    )


def _rate(found: re.Match[str]) -> str:
    return (
        "Sage Intacct has no exchange rate for this currency on this date; add the rate there, or correct the "
        "currency or the exchange rate type."
    )


def _required(found: re.Match[str]) -> str:
    name = found.groupdict().get("field")
    which = f"the field {name}" if name else "a required field"
    return f"Sage Intacct misses {which}; add it to the mapping."


def _unknown_thing(found: re.Match[str]) -> str:
    return (
        f"Sage Intacct does not know the {_what(found)}{_id(found)}, or may not use it here; correct the mapping, or "
        "create it in Sage Intacct."
    )


def _label(found: re.Match[str]) -> str:
    return "This company books by AR account labels; let the mapping name an account label instead of a GL account."


_REFUSED = r"(not valid|invalid|not found|does not exist)\b"

# The first pattern that fits decides, so the narrow ones come first.
_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_compiled(r"\bperiods?\b.*\bclosed\b|\bclosed\b.*\b(period|books?)\b|\bbooks?\b.*\bclosed\b"), _closed),
    (_compiled(r"\baccount labels?\b.*\b(required|must|instead)\b|override.*\baccount\b.*\bdisabled\b"), _label),
    (_compiled(rf"\b(?P<what>{_THING})\b.*\b(is|are) (inactive|not active)\b"), _inactive),
    (_compiled(rf"\binactive (?P<what>{_THING})\b"), _inactive),
    (_compiled(r"\binvalid (?P<what>customer)\b"), _customer),
    (_compiled(rf"\b(?P<what>customer)\b.*\b{_REFUSED}"), _customer),
    (_compiled(r"\bexchange rate\b(?! type).*\b(not|no|missing|required|unable)\b|\bno exchange rate\b"), _rate),
    (_compiled(rf"\bempty (?P<what>{_DIMENSION})\b.*\binvalid\b"), _dimension),
    (_compiled(rf"\b(?P<what>{_DIMENSION})\b.*\b(is|are|was|must be)( \w+)? (required|missing|mandatory)"), _dimension),
    (_compiled(rf"\b(missing|requires?|required|lacks?)\b(?: \w+){{0,3}}?:? (?P<what>{_DIMENSION})\b"), _dimension),
    (_compiled(rf"\b(?P<what>{_THING})\b.*\b{_REFUSED}"), _unknown_thing),
    (_compiled(rf"\binvalid (?P<what>{_THING})\b"), _unknown_thing),
    (
        _compiled(r"\bfield\W+(?P<field>[A-Za-z0-9_.]+)\W.*\b(required|missing|mandatory|must)\b"),
        _required,
    ),
    (_compiled(r"\brequired field\b|\bmissing\b.*\bfield\b|\b(is|are) (required|mandatory|missing)\b"), _required),
)


def sentence_for(text: str) -> str:
    """A sentence for Intacct's words about one refused record; a plain one where they are not known."""
    for pattern, sentence in _SENTENCES:
        found = pattern.search(text)
        if found:
            return sentence(found)
    return _UNKNOWN


_SIGN_IN: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _compiled(r"not authorized to make web services|invalid web services authorization"),
        "The company has not authorised the sender id; an administrator adds it to the Web Services authorizations "
        "in the company's security settings.",
    ),
    (
        _compiled(r"not authorized for xml"),
        "The company has not subscribed to Web Services; an administrator subscribes to it in Sage Intacct.",
    ),
    (_compiled(r"PL04000055|expired"), "The Sage Intacct company is an expired demo."),
    (
        _compiled(r"GW-0011"),
        "Sage Intacct does not know the company or the sender id, or they are inactive; check both ids.",
    ),
)
_WHO = {
    "control": "Sage Intacct refused the sender; check sender_id and sender_password.",
    "authentication": "Sage Intacct refused the user; check company_id, the web services user and the user's password.",
}


def sign_in_sentence(errorno: str, text: str, level: str) -> str:
    """A sentence for a refused sign-in: which of the credentials, or what the company has to allow.

    ``level`` is where the gateway refused: the sender is looked at in the ``control`` block, company and user in the
    ``authentication`` block, and before either of them nothing tells who it was.
    """
    for pattern, sentence in _SIGN_IN:
        if pattern.search(f"{errorno} {text}"):
            return sentence
    return _WHO.get(level) or (
        "Sage Intacct refused the sign-in; check company, user, sender and their passwords in the connection, and that "
        "the company has authorised the sender id for web services."
    )
