"""The settings of ``hubspot_won_deal_onboarding``.

What a customer looks like, which entity bills it and which pipelines count stand in the main job's file alone, so that
no two flows make two customers of one company.
"""

from __future__ import annotations

from datetime import date
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from include.core.books import Strict
from include.flows.deals.settings import WonDealSettings

PLACEHOLDERS = frozenset({"company", "deal"})
CUSTOMER, SEQUENCE = "customer", "sequence"


def _template(text: str) -> str:
    names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if names - PLACEHOLDERS:
        raise ValueError("write {company} and {deal} for the two names, and no other braces")
    return text


Template = Annotated[str, Field(min_length=1), AfterValidator(_template)]


class TaskSettings(Strict):
    """One task: ``days_after`` the win it is due, in the billing entity's calendar."""

    subject: Template
    body: Template
    days_after: int = Field(default=0, ge=0, le=365)
    priority: Literal["NONE", "LOW", "MEDIUM", "HIGH"] = "MEDIUM"
    type: Literal["TODO", "CALL", "EMAIL"] = "TODO"


class ChecklistTask(TaskSettings):
    """``key`` names the task for good: a changed subject is the same task, a changed key another one."""

    key: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)

    @field_validator("key")
    @classmethod
    def _free(cls, key: str) -> str:
        if key in {CUSTOMER, SEQUENCE}:
            raise ValueError(f"{key} is the name of another step; choose another key")
        return key


class SequenceSettings(Strict):
    """The onboarding sequence, and in whose name contacts are enrolled. ``instead``: the owner's task where HubSpot
    does not let this connection enrol."""

    id: str = Field(pattern=r"^[0-9]+$")
    user_id: str = Field(pattern=r"^[0-9]+$")
    sender_email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    instead: TaskSettings


class OnboardingSettings(Strict):
    go_live: date
    fallback_owner: str = ""
    sequence: SequenceSettings | None = None
    checklist: tuple[ChecklistTask, ...] = Field(min_length=1)

    @field_validator("checklist")
    @classmethod
    def _each_key_once(cls, checklist: tuple[ChecklistTask, ...]) -> tuple[ChecklistTask, ...]:
        keys = [task.key for task in checklist]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"two tasks have the key {', '.join(twice)}; give each its own")
        return checklist

    @property
    def steps(self) -> list[str]:
        """The names of all steps, in the order in which the deal shows them."""
        return [CUSTOMER, *([SEQUENCE] if self.sequence else []), *(task.key for task in self.checklist)]

    def first_day(self, main: WonDealSettings) -> date:
        """Nothing won before it is onboarded: no customer is made whose deals the main job leaves alone."""
        return max(self.go_live, main.go_live)
