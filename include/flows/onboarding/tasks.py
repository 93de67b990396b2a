"""What onboarding makes in HubSpot: the checklist's tasks, the enrolment, and the task that stands in for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from include.core.decisions import Json, Key, Write, decision_from_json, decision_to_json
from include.flows.onboarding.records import OnboardingRecord
from include.flows.onboarding.settings import SEQUENCE, ChecklistTask, SequenceSettings, TaskSettings

MORNING = time(9)
"""Tasks are due at nine by the billing entity's clock."""
TASK_PART = "onboarding-"
_INSTEAD = "instead"


def task_key(deal_id: str, name: str) -> Key:
    return Key("hubspot", "task", "hubspot", "deal", deal_id, f"{TASK_PART}{name}")


def enrolment_key(contact_id: str, sequence_id: str) -> Key:
    """Of the contact, not of the deal: nobody is enrolled twice in one sequence."""
    return Key("hubspot", "sequence_enrolment", "hubspot", "contact", contact_id, f"sequence-{sequence_id}")


@dataclass(frozen=True, slots=True)
class Welcome:
    """The onboarding of one deal: who does it, and from which ``day`` (in ``zone``) its tasks count."""

    record: OnboardingRecord
    owner: str | None
    day: date
    zone: ZoneInfo
    today: date

    def task(self, task: ChecklistTask) -> Write:
        return self._task(task, task.key)

    def task_instead(self, sequence: SequenceSettings) -> Write:
        """The owner's task to enrol the contact by hand."""
        return self._task(sequence.instead, SEQUENCE)

    def enrolment(self, sequence: SequenceSettings) -> Write:
        """The enrolment of the contact, with the task to be made where HubSpot does not allow it."""
        contact = str(self.record.won.contact["id"])
        properties = {
            "contactId": contact,
            "sequenceId": sequence.id,
            "userId": sequence.user_id,
            "senderEmail": sequence.sender_email,
        }
        return Write(
            enrolment_key(contact, sequence.id),
            {"properties": properties, _INSTEAD: decision_to_json(self.task_instead(sequence))},
            {"contact": contact, "sequence": sequence.id},
            summary=f"{self.record.title}: contact {contact} into sequence {sequence.id}",
        )

    def _task(self, task: TaskSettings, name: str) -> Write:
        won = self.record.won
        names = {"company": won.company.get("name") or "", "deal": won.deal.get("dealname") or ""}
        safe = {name: escape(text) for name, text in names.items()}
        # Of a deal that is looked at late, nothing is due before today.
        due = datetime.combine(max(self.day + timedelta(days=task.days_after), self.today), MORNING, self.zone)
        properties = {
            "hs_timestamp": due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "hs_task_subject": task.subject.format(**names),
            "hs_task_body": task.body.format(**safe).strip().replace("\n", "<br>"),
            "hs_task_priority": task.priority,
            "hs_task_type": task.type,
            "hs_task_status": "NOT_STARTED",
            "hubspot_owner_id": self.owner,
        }
        parents = [("deals", won.deal_id), ("companies", won.company_id), ("contacts", won.contact.get("id"))]
        return Write(
            task_key(won.deal_id, name),
            {
                "properties": {field: text for field, text in properties.items() if text},
                "associations": [{"to": to, "id": one} for to, one in parents if one],
            },
            {"deal": won.deal_id, "task": name},
            summary=f"{self.record.title}: task {name}, due {due.date()}",
        )


def task_of(enrolment: Write) -> Write:
    """The task that is made where the enrolment is not allowed."""
    task = decision_from_json(enrolment.payload[_INSTEAD])
    assert isinstance(task, Write)  # noqa: S101 - for the type checker
    return task


def associated(task: Write, to: str) -> str | None:
    """The id of the record of that kind that the task belongs to."""
    links: list[Json] = task.payload["associations"]
    return next((str(link["id"]) for link in links if link["to"] == to), None)
