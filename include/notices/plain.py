"""Text from anywhere made fit for one line of a message: no header, no mark-up and no display trick can hide in it."""

from __future__ import annotations

import re
import unicodedata

from include.core.errors import Unmapped

LONGEST = 1_000
_TURNS_THE_LINE = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Characters that show the text after them in another order than it is in."""
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def one_line(value: str, longest: int = LONGEST) -> str:
    """The text on one line: control characters and line ends become spaces, runs of spaces one; characters that turn
    the reading direction go; what is no character becomes U+FFFD. Ends with ``...`` where it was longer."""
    text = " ".join("".join(_shown(c) for c in value[: 4 * longest]).split())
    return text if len(text) <= longest else text[: longest - 3].rstrip() + "..."


def _shown(character: str) -> str:
    if character in _TURNS_THE_LINE:
        return ""
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cs" | "Cn":
            return "\ufffd"
        case _:
            return character


def mail_address(value: str) -> str:
    """The address as it goes into an envelope: a plain local part, the domain in ASCII.

    Raises ``Unmapped``, without showing the address, where it is none.
    """
    local, at, domain = value.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        domain = ""
    if not at or len(local) > 64 or len(domain) > 189 or not _LOCAL_PART.fullmatch(local):
        raise _no_address()
    if not _DOMAIN.fullmatch(domain):
        raise _no_address()
    return f"{local}@{domain}"


def can_be_mailed(value: str) -> bool:
    """Whether it is an address that a message can be sent to."""
    try:
        return bool(mail_address(value))
    except Unmapped:
        return False


def _no_address() -> Unmapped:
    return Unmapped("The recipient of a notice has no e-mail address that a message can be sent to.", system="mail")
