"""Notices as writes of the one write path."""

from __future__ import annotations

from collections.abc import Sequence

from include.core.decisions import Key, Write
from include.notices.notice import Notice, Section

About = tuple[str, str, str]
"""Whose notice it is: source system, source object, source id. Never an address: keys stand in logs."""


def mail_write(notice: Notice, about: About, part: str) -> Write:
    """The notice as an e-mail, sent once for (``about``, ``part``): later contents of the same key are not sent, so a
    digest's ``part`` carries its day (``overdue-2026-11-20``). Raises ``ValueError`` for a notice without ``to``."""
    if not notice.to:
        raise ValueError("a notice without an address cannot be sent by mail")
    return _write("mail", notice, about, part)


def slack_write(notice: Notice, about: About, part: str) -> Write:
    """The notice as a message to the webhook's channel, posted once for (``about``, ``part``)."""
    return _write("slack", notice, about, part)


def writes_to(
    mail: str, subject: str, sections: Sequence[Section], about: About, part: str, *, slack: bool
) -> list[Write]:
    """The same message by mail to ``mail`` and to Slack; none to nobody (``""``, not ``slack``)."""
    writes = [mail_write(Notice(mail, subject, sections), about, part)] if mail else []
    return [*writes, slack_write(Notice("", subject, sections), about, part)] if slack else writes


def _write(system: str, notice: Notice, about: About, part: str) -> Write:
    key = Key(system, "message", *about, part)
    # The key alone is what the message stands for: were the contents part of it, a rerun an hour later would be held.
    return Write(key, payload=notice.to_json(), facts={"notice": part}, summary=f"{system} {part}")
