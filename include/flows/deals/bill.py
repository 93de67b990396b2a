"""What a won deal bills, and on which day it is posted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from include.core.billing_plan import Instalment
from include.core.books import Entity
from include.core.calendar import PeriodClosed
from include.core.decisions import Json
from include.core.errors import RecordError
from include.core.money import Money
from include.core.periods import AskBeforePosting, closed_through, dates_for
from include.core.tax import DocumentTax
from include.flows.deals.invoice_lines import PricedLine
from include.flows.deals.records import DealRecord
from include.flows.instalments.contract import INSTALMENTS, PLANNED_BY, REST
from include.flows.instalments.settings import Rest


class HoldThis(RecordError):
    """Carries a hold's code out of the checks; ``message`` says cause and remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code: str = code


OPTIONAL_FACTS = ("tax_codes", "line_entities")
"""Facts of a deal that are there only where the settings ask for them."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A deal, priced. The lines add up to ``total``, which equals the deal's own amount.

    ``instalments``: of a deal that is billed bit by bit all of it, by day; ``lines`` then bill once what each line
    bills every time, and ``total`` is the contract's. ``through``: up to which day this bill has all instalments.
    ``instalment``: which of them it is, where it is one. ``planned_by``: what is kept of the settings by which they are
    planned; empty where nothing is.

    ``document_lines.documented`` makes what stands on a document of it (``is_document``): lines with net and tax apart,
    and ``total`` with ``tax``, which is ``None`` where nothing is known of any. ``stays_untaxed``: the settings
    would tax it, and what it corrects was billed without.
    """

    entity_id: str
    entity: Entity
    invoice_date: date
    currency: str
    lines: Sequence[PricedLine]
    total: Money
    instalments: tuple[Instalment, ...] = ()
    through: date | None = None
    instalment: str = ""
    rest: Rest = "by_hand"
    planned_by: Json = field(default_factory=dict)
    is_document: bool = False
    tax: DocumentTax | None = None
    stays_untaxed: bool = False

    def facts(self, record: DealRecord) -> Json:
        """What a person can change in HubSpot and the invoice stands for; nothing that settings or the calendar decide
        (decision 1)."""
        dated: Json = {INSTALMENTS: [one.fact for one in self.instalments]} if self.instalments else {}
        dated |= {PLANNED_BY: self.planned_by} if self.instalments and self.planned_by else {}
        dated |= {REST: self.rest} if self.rest == "recurring_invoice" else {}
        codes, places = [line.tax_code for line in self.lines], [line.entity_id for line in self.lines]
        optional = {"tax_codes": codes} if None not in codes else {}
        optional |= {"line_entities": places} if None not in places else {}
        return (
            dated
            | optional
            | {
                "deal": record.deal_id,
                "company": record.company_id,
                "invoice_date": self.invoice_date.isoformat(),
                "currency": self.currency,
                "total": self.total.text,
                "lines": [
                    [line.sku, f"{line.quantity.normalize():f}", line.net.text, str(line.starts), str(line.ends)]
                    for line in self.lines
                ],
            }
        )


def comparable(facts: Json, billed: Json) -> Json:
    """``facts`` as they would be if the settings asked for just what they asked for when ``billed`` was: whoever starts
    to tax changes no deal that is invoiced."""
    optional = {name: billed[name] for name in OPTIONAL_FACTS if name in billed}
    kept = {name: value for name, value in facts.items() if name not in OPTIONAL_FACTS}
    return kept | {name: facts.get(name, value) for name, value in optional.items()}


def posted_on(bill: Bill, deal_id: str = "", approved: Collection[str] = ()) -> date:
    """The posting date by the entity's period policy, for a bill that is due. ``approved`` are what a person released:
    a posting day that the policy asks about as ``<deal id>:<YYYYMMDD>``."""
    later = [line for line in bill.lines if line.starts and line.starts > bill.invoice_date]
    if later:
        raise HoldThis(
            "billing_starts_later",
            f"billing of “{later[0].name}” starts on {later[0].starts}, after the invoice date {bill.invoice_date}. "
            "Bill it by hand when it is due, or move its start or the won date.",
        )
    try:
        return dates_for(bill.entity, "AR", bill.invoice_date).posting
    except AskBeforePosting as ask:
        token = f"{deal_id}:{ask.proposal:%Y%m%d}"
        if token in approved:
            return ask.proposal
        which = f"for its {bill.instalment}, " if bill.instalment else ""
        message = f"{which}{ask.message} To agree, run the flow with approve: {token}"
        raise HoldThis("ask_posting_date", message) from None
    except PeriodClosed:
        closed = f"{bill.entity.name} has closed receivables through {closed_through(bill.entity, 'AR')}"
        day, remedy = bill.invoice_date, "Reopen the period; it goes by itself then."
        if bill.instalment:
            what = f"its {bill.instalment} is due on {day}"
        elif bill.through:
            what = f"its instalments up to {day} are billed anew"
        else:
            what, remedy = f"it was won on {day}", "Reopen the period, or agree on a later won date."
        raise HoldThis("closed_period", f"{what}, and {closed}. {remedy}") from None
