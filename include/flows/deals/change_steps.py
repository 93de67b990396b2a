"""The actions of the changed-deal table as documents: what is sent for each, with dates, lines and postings. Pure.

Everything is computed from what stands in Intacct now, so that a change that was interrupted is finished by planning it
again: what is done already is not planned a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from include.core.books import Books, Entity
from include.core.calendar import PeriodClosed
from include.core.calendar_terms import Term, due_date
from include.core.changed_deal_table import Action, Change, credit_split
from include.core.decisions import Decision, Key, Ref, Write
from include.core.money import Money, zero
from include.core.periods import AskBeforePosting, Dates, closed_through, dates_for
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.change_lines import added_items, billed, credited_items, wanted
from include.flows.deals.change_parts import Parts, Step
from include.flows.deals.change_postings import postings_of_items, postings_of_lines
from include.flows.deals.change_task import decision_task
from include.flows.deals.documents import MEMO
from include.flows.deals.live import LiveDeal, LiveInvoice, posted_in
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings

Whole = Callable[[Bill, bool], list[Decision]]
"""The deal planned as if nothing had been billed: perhaps its new customer, and its invoice; whether with its posting
date, or without it for a document of another date."""


@dataclass
class Steps:
    """Turns actions into steps. ``bill`` is the deal as it is now, ``None`` where it is no longer won."""

    record: DealRecord
    bill: Bill | None
    live: LiveDeal
    parts: Parts
    settings: WonDealSettings
    books: Books
    today: date
    owner_id: str | None
    terms: Mapping[str, Term] = field(default_factory=dict)
    asks: bool = False
    """Whether a document would be posted on a day that the period policy asks about: then any amount is asked about."""
    _ends: list[Key] = field(default_factory=list)
    _refund: Money | None = None
    _memo_planned: bool = False

    def of(self, chosen: Sequence[Action], change: Change, whole: Whole) -> list[Step]:
        """The steps in order. Raises ``HoldThis`` and what ``whole`` raises."""
        steps: list[Step] = []
        for action in chosen:
            match action:
                case "reverse":
                    steps += self._reversals()
                case "reverse_and_recreate":
                    steps += [*self._reversals(), *self._anew(whole)]
                case "edit_draft":
                    steps += [*self._deletions(), *self._anew(whole, draft=True)]
                case "delete_draft":
                    steps += self._deletions()
                case "replan":
                    steps += self._anew(whole, draft=self.live.state == "draft")
                case "supplementary_invoice":
                    steps += self._supplement(whole)
                case "credit_memo_open_part":
                    steps += self._credit(change, whole, open_part=True)
                case "credit_memo_full":
                    steps += self._credit(change, whole, open_part=False)
                case "refund_decision_task" | "reclass_task":
                    steps += self._task(action, change)
                case "drop_plan" | "nothing":
                    pass
        return steps

    def _reversals(self) -> list[Step]:
        return [self._reversal(one) for one in self.live.standing]

    def _reversal(self, one: LiveInvoice) -> Step:
        day = posted_in(one)
        key = self.parts.reversal(one.standing.record_no)
        self._ends.append(key)
        total = one.standing.invoiced
        payload = {
            "RECORDNO": one.standing.record_no,
            "datereversed": day.isoformat(),
            "description": self._why,
            "tieout": {"entity": one.entity_id},
        }
        return Step(
            f"reverse invoice {one.name} of {total} on {day}, in its own open period",
            (Write(key, payload, {}),),
            postings_of_lines(one.lines, self._entity_name(one.entity_id), reverse=True),
            -total,
            f"{day:%Y-%m}",
        )

    def _deletions(self) -> list[Step]:
        steps = []
        for one in self.live.standing:
            key = self.parts.deletion(one.standing.record_no)
            self._ends.append(key)
            text = f"delete draft {one.name} of {one.standing.invoiced}, which was never posted"
            steps.append(Step(text, (Write(key, {"RECORDNO": one.standing.record_no}, {}),)))
        return steps

    def _anew(self, whole: Whole, *, draft: bool = False) -> list[Step]:
        """The deal as it is now, as a new document; sent only once what it replaces is out of the books."""
        if self.bill is None or self.parts.is_done(self.parts.invoice()):
            return []
        *others, invoice = self._whole(whole, dated=True)
        after = [Ref(key).to_json() for key in (*self.parts.ended, *self._ends)]
        payload = {**invoice.payload, "tieout": {"after": after}}
        is_draft = draft or payload.get("action") == "Draft"
        payload["action"] = "Draft" if is_draft else "Submit"
        made = replace(invoice, key=self.parts.invoice(), payload=payload)
        posting = date.fromisoformat(payload["dateposted"])
        what = "a new draft" if is_draft else "a new invoice"
        text = (
            f"{what} over {self.bill.total} to customer {invoice.expect['CUSTOMERID']}, dated {self.bill.invoice_date}"
        )
        moved = f", posted on {posting}" if posting != self.bill.invoice_date else ""
        return [
            Step(
                text + moved,
                (*others, made),
                ()
                if is_draft
                else postings_of_items(payload["invoiceitems"], self.bill.entity.name, self.bill.currency),
                None if is_draft else self.bill.total,
                f"{posting:%Y-%m}",
            )
        ]

    def _supplement(self, whole: Whole) -> list[Step]:
        if self.bill is None or self.parts.is_done(self.parts.invoice()):
            return []
        difference = self.bill.total - self.live.net
        if difference.amount <= 0:
            return []
        *others, invoice = self._whole(whole)
        self._same_customer(invoice)
        dates = self._dates(self.bill.entity)
        before = billed(self.live, by_label=self.books.line_accounts == "label")
        payload = {
            **invoice.payload,
            "datecreated": dates.document.isoformat(),
            "dateposted": dates.posting.isoformat(),
            "exchratedate": dates.document.isoformat(),
            "invoiceitems": added_items(invoice.payload["invoiceitems"], before, difference),
        }
        term = self.terms.get(str(payload.get("termname")))
        if term:
            payload["datedue"] = due_date(term, dates.document).isoformat()
        expect = {**invoice.expect, "TRX_TOTALENTERED": difference.text}
        made = replace(invoice, key=self.parts.invoice(), payload=payload, expect=expect)
        is_draft = payload.get("action") == "Draft"
        return [
            Step(
                f"{'a draft of a' if is_draft else 'a'} supplementary invoice over {difference} to customer "
                f"{invoice.expect['CUSTOMERID']}, {_dated(dates)}",
                (*others, made),
                ()
                if is_draft
                else postings_of_items(payload["invoiceitems"], self.bill.entity.name, difference.currency),
                None if is_draft else difference,
                f"{dates.posting:%Y-%m}",
            )
        ]

    def _credit(self, change: Change, whole: Whole, *, open_part: bool) -> list[Step]:
        """A credit memo for what is billed too much and its application to what is open; the rest is for a person."""
        nothing = zero(self.live.currency)
        target = self.bill.total if self.bill and change == "amount_down" else nothing
        decrease = self.live.net - target
        memo_key = self.parts.memo()
        steps: list[Step] = []
        credit = nothing
        if not self.parts.is_done(memo_key) and decrease > nothing:
            receivable = max(self.live.receivable, nothing)
            credit = credit_split(decrease, receivable).credit if open_part else decrease
        if credit > nothing:
            after = {}
            if self.bill and change == "amount_down":
                *_, invoice = self._whole(whole)
                self._same_customer(invoice)
                after = wanted(invoice.payload["invoiceitems"], credit.currency)
            steps.append(self._memo(memo_key, credit, after))
            self._memo_planned = True
            self._ends.append(memo_key)
        unapplied = self._unapplied(memo_key, credit)
        applied = min(unapplied, self.live.open)
        if applied > nothing and self.settings.changes.apply_credits_through:
            steps += self._application(memo_key, applied)
        self._refund = decrease - credit if open_part else unapplied - applied
        return steps

    def _unapplied(self, memo_key: Key, credit: Money) -> Money:
        """What of this version's credit memo can be applied: of one that is made already, what is left of it."""
        made = {row.key.part: row.target_id for row in self.parts.documents.made(MEMO).values()}
        left = [-memo.balance for memo in self.live.memos if memo.record_no == made.get(memo_key.part)]
        return left[0] if left else credit

    def _memo(self, key: Key, credit: Money, after: Mapping[tuple[tuple[str, str], ...], Money]) -> Step:
        first = self.live.standing[0]
        entity = self.books.entities[first.entity_id]
        dates = self._dates(entity)
        before = billed(self.live, by_label=self.books.line_accounts == "label")
        names = ", ".join(one.name for one in self.live.standing)
        items = [{**item, "memo": f"Credit on {names}"} for item in credited_items(before, after, credit)]
        payload = {
            "customerid": first.standing.customer_id,
            "datecreated": dates.document.isoformat(),
            "dateposted": dates.posting.isoformat(),
            "action": "Submit",
            "invoiceno": first.standing.number,
            "description": self._why,
            "basecurr": entity.base_currency,
            "currency": credit.currency,
            # The rate of the invoice: what is taken back is worth what it was billed at.
            "exchratedate": first.invoice.invoice_date.isoformat(),
            "exchratetype": self.books.exchange_rate_type,
            "aradjustmentitems": items,
        }
        expect = {
            "TRX_TOTALENTERED": (-credit).text,
            "CURRENCY": credit.currency,
            "CUSTOMERID": first.standing.customer_id,
        }
        return Step(
            f"a credit memo over {credit} to customer {first.standing.customer_id} for {names}, {_dated(dates)}",
            (Write(key, payload, {}, expect),),
            postings_of_items(items, entity.name, credit.currency),
            -credit,
            f"{dates.posting:%Y-%m}",
        )

    def _application(self, memo_key: Key, amount: Money) -> list[Step]:
        key = self.parts.application()
        if self.parts.is_done(key):
            return []
        details, names, left = [], [], amount
        for one in self.live.standing:
            part = min(left, one.standing.balance)
            if part > zero(amount.currency):
                names.append(one.name)
                left = left - part
                details.append(
                    {
                        "RECORDKEY": one.standing.record_no,
                        "ADJUSTMENTKEY": Ref(memo_key).to_json(),
                        "TRX_ADJUSTMENTAMOUNT": part.text,
                    }
                )
        first = self.live.standing[0]
        entity = self.books.entities[first.entity_id]
        dates = self._dates(entity)
        payload = {
            "CUSTOMERID": first.standing.customer_id,
            "PAYMENTMETHOD": "EFT",
            "UNDEPOSITEDACCOUNTNO": self.settings.changes.apply_credits_through,
            "DOCNUMBER": key.document_key(),
            "DESCRIPTION": self._why,
            "RECEIPTDATE": dates.posting.isoformat(),
            "PAYMENTDATE": dates.posting.isoformat(),
            "CURRENCY": amount.currency,
            "BASECURR": entity.base_currency,
            "EXCH_RATE_TYPE_ID": self.books.exchange_rate_type,
            "EXCH_RATE_DATE": first.invoice.invoice_date.isoformat(),
            "ARPYMTDETAILS": {"ARPYMTDETAIL": details},
        }
        return [Step(f"apply {amount} of the credit to {', '.join(names)}, without money", (Write(key, payload, {}),))]

    def _task(self, action: Action, change: Change) -> list[Step]:
        amount = self._refund if self._refund is not None else self.live.net
        key = self.parts.task()
        if amount.amount <= 0 or self.parts.is_done(key):
            return []
        after = [one for one in (self.parts.memo(),) if self._memo_planned or self.parts.is_done(one)]
        write = decision_task(
            key, self.record, action, change, amount, self.live, self.bill, self.today, self.owner_id, after
        )
        what = "refund, keep or move" if action == "refund_decision_task" else "move between accounts"
        return [Step(f"a task for finance in HubSpot: {what} {amount}", (write,))]

    def _whole(self, whole: Whole, *, dated: bool = False) -> list[Write]:
        if self.bill is None:
            raise ValueError("a deal that is not won has no invoice")
        decisions = whole(self.bill, dated)
        writes = [one for one in decisions if isinstance(one, Write)]
        for one in decisions:
            if not isinstance(one, Write):
                message = getattr(one, "message", "").removeprefix(f"{self.record.title}: ")
                raise HoldThis(getattr(one, "code", "changed_after_posting"), message)
        if writes[-1].key.target_object != "invoice":
            raise HoldThis(
                "changed_after_posting", "it was invoiced and would be a sales order now. Decide in Intacct."
            )
        return writes

    def _same_customer(self, invoice: Write) -> None:
        stands = {one.standing.customer_id for one in self.live.standing}
        if {invoice.expect["CUSTOMERID"]} != stands:
            raise HoldThis(
                "changed_after_posting",
                f"it was invoiced to customer {', '.join(sorted(stands))}, and its company is customer "
                f"{invoice.expect['CUSTOMERID']} now. Correct the company's customer id, or correct it in Intacct.",
            )

    def _dates(self, entity: Entity) -> Dates:
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

    def _entity_name(self, entity_id: str) -> str:
        entity = self.books.entities.get(entity_id)
        return entity.name if entity else entity_id

    @property
    def _why(self) -> str:
        return f"HubSpot deal {self.record.deal_id} changed after it was invoiced"


def _dated(dates: Dates) -> str:
    return f"dated {dates.document}" + (f", posted on {dates.posting}" if dates.moved else "")
