"""The messages on the sandbox's page."""

from __future__ import annotations

from include.sandbox.mail.messages import Messages
from include.sandbox.pages.html import Html, table, tag

_NEWEST = 15


def message_table(messages: Messages) -> Html:
    """The newest messages, newest first, each with what it says."""
    newest = list(messages.listing())[-_NEWEST:]
    if not newest:
        return tag("p", "No mail and no Slack message yet.", class_="dim")
    rows = [
        (
            message["seq"],
            str(message["received_at"])[11:19],
            "Slack" if message["system"] == "slack" else ", ".join(message["to"]),
            _contents(str(message.get("subject") or message["text"]), message),
        )
        for message in reversed(newest)
    ]
    return table(("no.", "time", "to", "message"), rows, numbers=("no.",))


def _contents(subject: str, message: object) -> Html:
    shown = message["text"] if isinstance(message, dict) else ""
    return tag("details", tag("summary", subject or "(no subject)"), tag("pre", shown))
