"""How far an onboarding is, step by step, as results and HubSpot's own tasks tell; and how the deal shows it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.hubspot.properties import PropertyDefinition
from include.core.decisions import Hold, Json, Key, Write
from include.core.sync import Result
from include.flows.customers.company_customer import customer_key
from include.flows.flow import Applied
from include.flows.onboarding.plan import NO_CONTACT
from include.flows.onboarding.records import ONBOARDING
from include.flows.onboarding.settings import CUSTOMER, SEQUENCE
from include.flows.onboarding.tasks import TASK_PART, associated, task_key

DONE = frozenset({"written", "unchanged"})

OPEN_STEPS = "tieout_onboarding_open"
ONBOARDING_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition(
        ONBOARDING, "Onboarding", "string", "textarea", "Which onboarding steps are done, and why others are open"
    ),
    PropertyDefinition(
        OPEN_STEPS, "Onboarding steps open", "number", "number", "How many onboarding steps are not done; 0: complete"
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """``detail`` says more about a step that is done, and why another is open; ``code`` is why it holds the deal."""

    done: bool
    detail: str = ""
    code: str = ""

    @classmethod
    def of(cls, result: Result) -> Step:
        if result.state in DONE:
            return cls(True)
        code = result.code if result.state == "held" else f"rejected_by_{result.key.target_system}"
        return cls(False, result.message, code)

    def to_json(self) -> Json:
        return {"done": self.done, "detail": self.detail, "code": self.code}


@dataclass(frozen=True, slots=True)
class Onboarding:
    """One deal's onboarding after a run. ``customer`` is empty where there is none yet. A step that was held when it
    was planned is not among ``steps``."""

    deal_id: str
    company_id: str
    customer: str
    steps: Mapping[str, Step]

    def values(self, names: Sequence[str], held: str) -> dict[str, str]:
        """What the deal shows of the steps ``names``; ``held`` is why the deal waits for a person, if it does."""
        lines = [f"{_label(name)}: {_words(self._step(name, held))}" for name in names]
        return {ONBOARDING: "\n".join(lines), OPEN_STEPS: str(self.open_steps(names))}

    def open_steps(self, names: Sequence[str]) -> int:
        return sum(not self._step(name, "").done for name in names)

    @property
    def holds(self) -> list[Hold]:
        return [
            Hold(self.deal_id, step.code, f"Deal {self.deal_id}: {step.detail}")
            for step in self.steps.values()
            if step.code
        ]

    def _step(self, name: str, held: str) -> Step:
        if name in self.steps:
            return self.steps[name]
        return Step(False, NO_CONTACT if name == SEQUENCE else held)

    def to_json(self) -> Json:
        steps = {name: step.to_json() for name, step in self.steps.items()}
        return {"deal_id": self.deal_id, "company_id": self.company_id, "customer": self.customer, "steps": steps}

    @classmethod
    def from_json(cls, data: Json) -> Onboarding:
        return cls(**{**data, "steps": {name: Step(**step) for name, step in data["steps"].items()}})


def stands(applied: Applied, results: Mapping[Key, Result], existing: Collection[str]) -> list[Onboarding]:
    """How far the onboardings of these deals are. ``results`` are those of the run, with those of the tasks that were
    made instead of an enrolment; ``existing`` the ids of the tasks that HubSpot still has."""
    tasks = defaultdict[str, list[Write]](list)
    for write in applied.writes:
        if write.key.target_object == "task":
            tasks[write.key.source_id].append(write)
    enrolments = {write.facts["contact"]: results[write.key] for write in applied.writes if "sequence" in write.facts}
    linked = {update.source_id: update.values["intacct_customer_id"] or "" for update in applied.updates}
    onboardings = []
    for deal_id, its in tasks.items():
        steps = {write.key.part.removeprefix(TASK_PART): _task(results[write.key], existing) for write in its}
        instead = results.get(task_key(deal_id, SEQUENCE))
        enrolment = enrolments.get(associated(its[0], "contacts"))
        if instead is not None:
            asked = _task(instead, existing)
            steps[SEQUENCE] = asked if asked.detail else Step(True, "HubSpot does not let Tieout enrol; a task asks")
        elif enrolment is not None:
            steps[SEQUENCE] = Step.of(enrolment)
        company_id = associated(its[0], "companies") or ""
        made = results.get(customer_key(company_id))
        customer = linked.get(deal_id, "")
        if made is not None:
            steps[CUSTOMER], customer = Step.of(made), made.natural_id if made.state in DONE else ""
        if customer:
            steps[CUSTOMER] = Step(True, customer)
        onboardings.append(Onboarding(deal_id, company_id, customer, steps))
    return onboardings


def _task(result: Result, existing: Collection[str]) -> Step:
    """A task that a person deleted stays done: it is not made again."""
    if result.state in DONE and result.target_id not in existing:
        return Step(True, "the task was deleted in HubSpot")
    return Step.of(result)


def _label(name: str) -> str:
    known = {CUSTOMER: "Intacct customer", SEQUENCE: "Onboarding sequence"}
    return known.get(name) or name.replace("-", " ").capitalize()


def _words(step: Step) -> str:
    if step.done:
        return f"done ({step.detail})" if step.detail else "done"
    return f"open: {step.detail}" if step.detail else "open"
