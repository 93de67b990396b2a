"""A notice as an e-mail message."""

from __future__ import annotations

from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from include.core.decisions import Key
from include.notices.notice import Notice
from include.notices.render import as_html, as_text

# What a name would have to be quoted for: the standard library loses the quotes where it folds a long header.
_SPECIAL = str.maketrans(dict.fromkeys('()<>[]:;@\\,"', " "))
# Seven bits, so that every server takes it and none rewrites it.
_POLICY = policy.SMTP.clone(cte_type="7bit")


def message_id(key: Key, sender: str) -> str:
    """The same for every sending of one key: mail readers show a message that came twice only once."""
    return f"<{key.controlid(0)[:40]}@{sender.rpartition('@')[2]}>"


def build_message(notice: Notice, key: Key, *, sender: str, sender_name: str, at: datetime) -> bytes:
    """The message in wire form: plain text and HTML, CRLF line ends, marked as sent by a program (RFC 3834)."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(_name(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=notice.to)
    message["Subject"] = _literal(notice.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(notice))
    message.add_alternative(as_html(notice), subtype="html")
    return message.as_bytes()


def _name(text: str) -> str:
    return " ".join(_literal(text).translate(_SPECIAL).split())


def _literal(text: str) -> str:
    """Without what a reader would decode (RFC 2047): an encoded word could hide anything, line ends too."""
    return text.replace("=?", "= ?")
