"""What the documents of one change are made from: the deal as it is now, what stands in Intacct, and what was planned
of the change so far. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from include.core.books import Books, Entity
from include.core.calendar import PeriodClosed
from include.core.calendar_terms import Term
from include.core.changed_deal_table import Change
from include.core.decisions import Decision, Key, Write
from include.core.money import Money
from include.core.periods import AskBeforePosting, Dates, closed_through, dates_for
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.change_parts import Parts
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_as_billed import check_same_tax

Whole = Callable[[Bill, bool], list[Decision]]
"""The deal planned as if nothing had been billed: perhaps its new customer, and its invoice; whether with its posting
date, or without it for a document of another date."""


@dataclass
class Work:
    """``bill`` is the deal as it is now, ``None`` where it is no longer won. ``asks``: whether a document would be
    posted on a day that the period policy asks about; then any amount is asked about. ``ends``: what this change takes
    out of the books; what comes after refers to it. ``refund``: what a person decides about, once that is known.
    ``again``: the deal was lost and credited before, and what was settled of it is open again. ``taxed_anew``: its tax
    goes by the settings, whatever its documents bear."""

    record: DealRecord
    bill: Bill | None
    live: LiveDeal
    change: Change
    parts: Parts
    settings: WonDealSettings
    books: Books
    today: date
    owner_id: str | None
    whole: Whole
    terms: Mapping[str, Term] = field(default_factory=dict)
    again: bool = False
    taxed_anew: bool = False
    asks: bool = False
    ends: list[Key] = field(default_factory=list)
    refund: Money | None = None
    memo_planned: bool = False

    @property
    def why(self) -> str:
        return f"HubSpot deal {self.record.deal_id} changed after it was invoiced"

    def entity_name(self, entity_id: str) -> str:
        entity = self.books.entities.get(entity_id)
        return entity.name if entity else entity_id

    def billed_anew(self, *, dated: bool = False) -> list[Write]:
        """The whole deal's writes, its invoice last. Raises ``HoldThis`` where it cannot be billed, and what ``whole``
        raises."""
        if self.bill is None:
            raise ValueError("a deal that is not won has no invoice")
        decisions = self.whole(self.bill, dated)
        writes = [one for one in decisions if isinstance(one, Write)]
        for one in decisions:
            if not isinstance(one, Write):
                message = getattr(one, "message", "").removeprefix(f"{self.record.title}: ")
                raise HoldThis(getattr(one, "code", "changed_after_posting"), message)
        if writes[-1].key.target_object != "invoice":
            raise HoldThis(
                "changed_after_posting", "it was invoiced and would be a sales order now. Decide in Intacct."
            )
        if not self.taxed_anew:
            items, rates = writes[-1].payload["invoiceitems"], self.settings.tax.rates
            check_same_tax(self.live, items, rates, by_label=self.books.line_accounts == "label")
        return writes

    def same_customer(self, invoice: Write) -> None:
        """Raises ``HoldThis`` where what stands is another customer's."""
        stands = {one.standing.customer_id for one in self.live.standing}
        if {invoice.expect["CUSTOMERID"]} != stands:
            raise HoldThis(
                "changed_after_posting",
                f"it was invoiced to customer {', '.join(sorted(stands))}, and its company is customer "
                f"{invoice.expect['CUSTOMERID']} now. Correct the company's customer id, or correct it in Intacct.",
            )

    def dates(self, entity: Entity) -> Dates:
        """Those of a document that is made today. Raises ``HoldThis`` where the period policy says so."""
        try:
            return dates_for(entity, "AR", self.today)
        except AskBeforePosting as ask:
            self.asks = True
            return Dates(self.today, ask.proposal)
        except PeriodClosed:
            raise HoldThis(
                "closed_period",
                f"its change would be posted on {self.today}, and {entity.name} has closed receivables through "
                f"{closed_through(entity, 'AR')}. Reopen the period; it goes on by itself then.",
            ) from None


def dated(dates: Dates) -> str:
    return f"dated {dates.document}" + (f", posted on {dates.posting}" if dates.moved else "")
