"""Which flags a customer's companies and deals get, and who is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from include.connectors.hubspot.properties import PropertyDefinition
from include.core.decisions import Decision, Hold, Skip, Update
from include.flows.credit.records import CreditCompany, CustomerCredit, Shown
from include.flows.credit.settings import CreditSettings
from include.flows.credit.status import OK, OVER_LIMIT, STATUSES, Assessment, assess

STATUS, REASON, SINCE = "intacct_credit_status", "intacct_credit_reason", "intacct_credit_since"
CHANGED_AT = "tieout_credit_changed_at"

FLAG_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition(
        STATUS,
        "Intacct credit status",
        "enumeration",
        "checkbox",
        "ok, or what is wrong with the customer's credit in Sage Intacct",
        options=STATUSES,
    ),
    PropertyDefinition(REASON, "Intacct credit reason", "string", "textarea", "Why the credit is not ok"),
    PropertyDefinition(SINCE, "Intacct credit not ok since", "date", "date", "The day on which the first flag was set"),
)
CHANGE_DEFINITION = PropertyDefinition(
    CHANGED_AT, "Tieout credit change", "string", "text", "When Tieout last changed the credit status; do not edit"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A company whose credit status changes: what its owner is told. ``flags`` are empty where all is well again."""

    company: CreditCompany
    customer_id: str
    flags: tuple[str, ...]
    reason: str


def plan(
    customers: Iterable[CustomerCredit], settings: CreditSettings, now: datetime
) -> tuple[list[Decision], list[Change]]:
    """For every customer the ``Update``s of its companies and deals, a ``Skip``, and a ``Hold`` where its exposure
    cannot be told; with them the changes to be told. ``now`` (aware) marks the changes."""
    decisions: list[Decision] = []
    changes: list[Change] = []
    for customer in customers:
        decisions += _decide(customer, settings, now, changes)
    return decisions, changes


def _decide(customer: CustomerCredit, settings: CreditSettings, now: datetime, changes: list[Change]) -> list[Decision]:
    if not customer.companies:
        return [Skip(customer.customer_id, "no HubSpot company names it in intacct_customer_id")]
    found = assess(customer, settings)
    updates: list[Decision] = []
    for company in customer.companies:
        flags, values = _flags(customer, company.shown, found)
        if flags != company.shown.flags:
            values[CHANGED_AT] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
            changes.append(Change(company, customer.customer_id, _ordered(flags), values[REASON]))
        if _differs(company.shown, values):
            updates.append(_update("companies", company.shown.record_id, customer, values))
    for deal in customer.deals:
        flags, values = _flags(customer, deal.shown, found)
        wanted = flags if deal.is_open else frozenset()  # a closed deal is not flagged anew, but cleared
        if (wanted or deal.shown.flags) and (deal.is_open or not flags) and _differs(deal.shown, values):
            updates.append(_update("deals", deal.shown.record_id, customer, values))
    if found.unknown:
        return [*updates, _unknown(customer, found)]
    return updates or [Skip(customer.customer_id, "its flags are as they should be")]


def _flags(customer: CustomerCredit, shown: Shown, found: Assessment) -> tuple[frozenset[str], dict[str, str]]:
    """What a record is to show. While the exposure cannot be told, ``over_limit`` stays as it was."""
    kept = shown.flags & {OVER_LIMIT} if found.unknown else frozenset[str]()
    flags = frozenset(found.causes) | kept
    reasons = [*found.causes.values()]
    if found.unknown:
        reasons.append("Whether it is over its credit limit is not known.")
    return flags, {
        STATUS: ";".join(_ordered(flags)) or OK,
        REASON: " ".join(reasons) if flags else "",
        SINCE: customer.since if flags else "",
    }


def _ordered(flags: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(flags, key=STATUSES.index))


def _differs(shown: Shown, values: dict[str, str]) -> bool:
    same = Shown(shown.record_id, values[STATUS], values[REASON], values[SINCE])
    return not shown.status or (same.flags, same.reason, same.since) != (
        shown.flags,
        shown.reason,
        shown.since,
    )


def _update(object_type: str, record_id: str, customer: CustomerCredit, values: dict[str, str]) -> Update:
    told = f"customer {customer.customer_id}: {values[STATUS]} on {object_type} {record_id}"
    return Update("hubspot", object_type, record_id, customer.customer_id, values, told)


def _unknown(customer: CustomerCredit, found: Assessment) -> Hold:
    return Hold(
        customer.customer_id,
        "exposure_unknown",
        f"Customer {customer.customer_id}: {found.unknown}. Add the rate under rates, or set limit_currency.",
    )
