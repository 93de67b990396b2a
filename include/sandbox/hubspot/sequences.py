"""``/automation/sequences``: sequences of a user, enrolling one contact at a time. There is no way to un-enrol."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import Refusal, invalid, missing_scopes, not_found
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.times import parse_instant, wire

SENDS_PER_DAY = {"professional": 500, "enterprise": 1_000}
DAY_MS = 86_400_000


def listed(call: Call) -> Reply:
    _user(call)
    return Reply(200, {"total": len(call.world.db.documents("sequence")), "results": [
        _brief(sequence) for sequence in call.world.db.documents("sequence").values()]})  # fmt: skip


def get(call: Call, sequence_id: str) -> Reply:
    _user(call)
    return Reply(200, _sequence(call, sequence_id))


def enroll(call: Call) -> Reply:
    """Raises ``Refusal``: 403 where the plan has no sequences or without a user's token, 400 or 404 for contact,
    sequence or sender."""
    user = _user(call)
    if call.world.switches.tier not in SENDS_PER_DAY:
        # An account without the feature cannot grant its scope to anybody.
        raise missing_scopes(("automation.sequences.enrollments.write",))
    if call.world.switches.sequences_need_user_token and call.token.kind != "user_oauth":
        raise _forbidden("Sequence enrollment needs the token of a user with a Sales or Service seat")
    sent = call.json()
    contact_id, sequence_id = body.required_text(sent, "contactId"), body.required_text(sent, "sequenceId")
    body.required_text(sent, "senderEmail")
    _sequence(call, sequence_id)
    contact = call.world.records.get("0-1", body.record_id(contact_id))
    if contact is None:
        raise not_found(f"Contact {contact_id[:40]} does not exist")
    if not contact.props.get("email"):
        raise invalid(f"Contact {contact_id} has no e-mail address")
    if call.world.db.document("enrollment", f"contact {contact.id}") is not None:
        raise invalid(f"Contact {contact_id} is already enrolled in a sequence")
    _daily_sends(call, user)
    enrolment_id = str(call.world.db.next_id())
    now = wire(call.now)
    document = {
        "id": enrolment_id,
        "sequenceId": sequence_id,
        "contactId": str(contact.id),
        "toEmail": contact.props["email"],
        "enrolledBy": user,
        "enrolledAt": now,
        "updatedAt": now,
    }
    call.world.db.put_document("enrollment", f"contact {contact.id}", document)
    shown = ("id", "toEmail", "enrolledAt", "updatedAt")
    return Reply(200, {name: document[name] for name in shown})


def of_contact(call: Call, contact_id: str) -> Reply:
    found = call.world.db.document("enrollment", f"contact {contact_id}")
    if found is None:
        raise not_found()
    return Reply(200, {name: found[name] for name in ("id", "toEmail", "enrolledAt", "updatedAt", "sequenceId")})


def _daily_sends(call: Call, user: str) -> None:
    """A user's enrolments of the last 24 hours."""
    most = SENDS_PER_DAY[call.world.switches.tier]
    recent = [
        one for one in call.world.db.documents("enrollment").values()
        if one["enrolledBy"] == user and (parse_instant(one["enrolledAt"]) or 0) > call.now - DAY_MS
    ]  # fmt: skip
    if len(recent) >= most:
        raise invalid(f"User {user} has reached the limit of {most} sequence sends in 24 hours")


def _user(call: Call) -> str:
    user = call.first("userId")
    if not user or not user.isdigit():
        raise invalid("userId is required")
    return user


def _sequence(call: Call, sequence_id: str) -> dict[str, Any]:
    found = call.world.db.document("sequence", sequence_id)
    if found is None:
        raise not_found(f"Sequence {sequence_id[:40]} does not exist")
    return dict(found)


def _brief(sequence: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sequence.items() if name != "steps"}


def _forbidden(message: str) -> Refusal:
    return Refusal(403, "USER_DOES_NOT_HAVE_PERMISSIONS", message)


_READ, _ENROLL = fixed("automation.sequences.read"), fixed("automation.sequences.enrollments.write")

ROUTES: tuple[Route, ...] = (
    route("GET", "sequences", "", listed, _READ),
    route("POST", "sequences", "enrollments", enroll, _ENROLL, writes=True),
    route("GET", "sequences", "enrollments/contact/{}", of_contact, _READ),
    route("GET", "sequences", "{}", get, _READ),
)
