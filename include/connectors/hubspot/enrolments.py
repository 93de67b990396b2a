"""Enrolling contacts in sequences: one call each, where the account's plan, the user's seat and the token allow it.

There is no key that an enrolment could carry: it is known by its contact and its sequence. HubSpot keeps a contact out
that is enrolled already, so a repeated sending enrols nobody twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.creating import Outcomes, not_sent
from include.connectors.hubspot.errors import Forbidden, NotFound
from include.connectors.hubspot.instants import parse_instant
from include.connectors.hubspot.wire import BadShape, Json, as_id, as_list, as_object, as_text
from include.core.decisions import Key, Write
from include.core.errors import AuthError, OutcomeUnknown, Rejected, SettingsError, TransientError
from include.core.target import Found, Lost, NotSent, Refused, Send, Written

ENROLMENT = "sequence_enrolment"
NOT_ALLOWED = "sequences_not_allowed"
_NEEDED = ("contactId", "sequenceId", "userId", "senderEmail")
_SENT = ("contactId", "sequenceId", "senderEmail", "senderAliasAddress")


class Enrolments:
    """The enrolments of one account."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._unreadable = False

    def find(self, writes: Sequence[Write], ids: Mapping[Key, str]) -> dict[Key, Found]:
        """Which of these contacts are or were enrolled in the sequence; with an instant ``since`` in the payload, at or
        after it.

        ``ids`` are the record ids of contacts that a payload names by ``Ref``. One call for each contact.
        """
        found: dict[Key, Found] = {}
        for write in writes:
            try:
                contact, sequence, since = _wanted(write.payload, ids)
            except Rejected:
                continue  # ``send`` refuses it, so it was never made
            if not contact:
                continue
            try:
                rows = self._of_contact(contact)
            except Forbidden:
                self._unreadable = True  # then none can be made either, which ``send`` says for each record
                return {}
            for row in rows:
                if str(row.get("sequenceId")) == sequence and (since is None or _enrolled_at(row) >= since):
                    enrolment = as_id(row.get("id"), "an enrolment's id")
                    found[write.key] = Found(write.key, enrolment, enrolment)
        return found

    def send(self, sends: Sequence[Send], until: float, outcomes: Outcomes) -> None:
        """Enrol these one after the other; one outcome for each, by ``until`` on the client's clock.

        Raises ``AuthError`` or ``SettingsError`` only while ``outcomes`` holds nothing that may have been made.
        """
        waiting = list(sends)
        while waiting:
            send = waiting.pop(0)
            key = send.key
            try:
                outcomes[key] = self._enrol(send, until)
            except (AuthError, SettingsError) as error:
                not_sent([key, *(one.key for one in waiting)], error, outcomes)
                return
            except OutcomeUnknown as error:
                outcomes[key] = Lost(key, error.message)
            except TransientError as error:
                left = [key, *(one.key for one in waiting)]
                outcomes.update({one: NotSent(one, error.message, error.retry_after) for one in left})
                return

    def _enrol(self, send: Send, until: float) -> Written | Refused | Lost:
        try:
            properties = _checked(send.payload)
            if self._unreadable:
                return _not_allowed(send.key)
            reply = self._client.request(
                "POST",
                self._client.paths.sequences("enrollments"),
                query={"userId": properties["userId"]},
                body={name: properties[name] for name in _SENT if properties.get(name)},
                seconds=max(0.0, until - self._client.now()),
            )
        except Forbidden:
            return _not_allowed(send.key)
        except NotFound as error:
            return Refused(send.key, error.code or "", "HubSpot has no such contact, or no such sequence.")
        except Rejected as error:
            if error.code == "payload":
                return Refused(send.key, "payload", error.message)
            # HubSpot's words are not passed on; looking tells whether the contact is enrolled already.
            return Refused(
                send.key,
                error.code or "",
                "HubSpot did not enrol the contact: it is enrolled already, it has no e-mail address, or the sender "
                "has no connected inbox or reached the day's limit.",
                duplicate=True,
            )
        try:
            enrolment = as_id(reply.body.get("id"), "an enrolment's id")
        except BadShape as error:
            return Lost(send.key, error.message)
        return Written(send.key, enrolment, enrolment)

    def _of_contact(self, contact: str) -> list[Json]:
        try:
            body = self._client.request("GET", self._client.paths.sequences("enrollments", "contact", contact)).body
        except NotFound:
            return []
        rows = as_list(body["results"], "results") if "results" in body else [body]
        return [as_object(row, "an enrolment") for row in rows]


def _wanted(payload: Json, ids: Mapping[Key, str]) -> tuple[str | None, str, datetime | None]:
    """Contact (``None`` while it is not made yet), sequence, and from when on an enrolment counts."""
    properties = payload.get("properties")
    given = properties if isinstance(properties, dict) else {}
    contact = given.get("contactId")
    if isinstance(contact, dict):
        contact = ids.get(Key(*contact["$ref"]))
        given = {**given, "contactId": contact or "not made yet"}
    _checked({"properties": given})
    return contact, given["sequenceId"], _instant(given.get("since"))


def _checked(payload: Json) -> dict[str, str]:
    properties = payload.get("properties")
    given = properties if isinstance(properties, dict) else {}
    absent = [name for name in _NEEDED if not isinstance(given.get(name), str) or not given[name]]
    if absent:
        raise _wrong(f"lacks {', '.join(absent)} (as text)")
    _instant(given.get("since"))
    return given


def _instant(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except (ValueError, TypeError, AttributeError):
        raise _wrong("has a 'since' that is no instant") from None


def _wrong(what: str) -> Rejected:
    return Rejected(f"The planned enrolment {what}.", system="hubspot", code="payload")


def _enrolled_at(row: Json) -> datetime:
    try:
        return parse_instant(as_text(row.get("enrolledAt"), "enrolledAt"))
    except ValueError:
        raise BadShape("enrolledAt", "a time") from None


def _not_allowed(key: Key) -> Refused:
    return Refused(
        key,
        NOT_ALLOWED,
        "HubSpot does not let this connection enrol contacts in sequences: that needs the OAuth token of a user with a "
        "Sales or Service Hub Professional seat and a connected inbox.",
    )
