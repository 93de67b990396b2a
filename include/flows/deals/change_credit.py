"""The credit memo of a change and its application to what is open; what is left is for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.core.changed_deal_table import credit_split
from include.core.decisions import Json, Key, Ref, Write
from include.core.money import Money, sum_money, zero
from include.flows.deals.change_lines import Booked, Coding, billed, credited_items, wanted
from include.flows.deals.change_parts import Step
from include.flows.deals.change_postings import postings_of_items
from include.flows.deals.change_taxes import check_taxes, tax_of_items, tax_solution
from include.flows.deals.change_work import Work, dated
from include.flows.deals.documents import MEMO

Credit = tuple[str | Ref, Money]
"""A credit memo, by its record number or the key under which it is being made, and what of it settles nothing yet."""


def credit(work: Work, *, open_part: bool) -> list[Step]:
    """A credit memo for what is billed too much (``open_part``: at most what is open) and its application."""
    nothing = zero(work.live.currency)
    # The same total here: the memo of a lower amount is made already, and what follows it was interrupted.
    lowered = work.change in {"amount_down", "lines_changed_same_total"}
    target = work.bill.total if work.bill and lowered else nothing
    decrease = work.live.net - target
    memo_key = work.parts.memo()
    steps: list[Step] = []
    amount = nothing
    if not work.parts.is_done(memo_key) and decrease > nothing:
        receivable = max(work.live.receivable, nothing)
        amount = credit_split(decrease, receivable).credit if open_part else decrease
    if amount > nothing:
        after: Mapping[Coding, Booked] = {}
        check_taxes(work)
        if work.bill and work.change == "amount_down":
            *_, invoice = work.billed_anew()
            work.same_customer(invoice)
            after = wanted(invoice.payload["invoiceitems"], amount.currency)
        steps.append(_memo(work, memo_key, amount, after))
        work.memo_planned = True
        work.ends.append(memo_key)
    credits_ = [*(_earlier(work, memo_key) if work.again else ()), (Ref(memo_key), _unapplied(work, memo_key, amount))]
    unapplied = sum_money((left for _, left in credits_), nothing.currency)
    applied = min(unapplied, work.live.open)
    if applied > nothing and work.settings.changes.apply_credits_through:
        steps += application(work, credits_)
    rest = unapplied - applied
    work.refund = (decrease - amount) + (rest if work.again else nothing) if open_part else rest
    return steps


def _earlier(work: Work, memo_key: Key) -> list[Credit]:
    """What is left of the credit memos of earlier changes: a payment that came back leaves them something to settle."""
    own = {row.target_id for row in work.parts.documents.made(MEMO).values() if row.key == memo_key}
    return [(memo.record_no, -memo.balance) for memo in work.live.memos if memo.record_no not in own]


def _unapplied(work: Work, memo_key: Key, amount: Money) -> Money:
    """What of this version's credit memo can be applied: of one that is made already, what is left of it."""
    made = {row.key.part: row.target_id for row in work.parts.documents.made(MEMO).values()}
    left = [-memo.balance for memo in work.live.memos if memo.record_no == made.get(memo_key.part)]
    return left[0] if left else amount


def _memo(work: Work, key: Key, amount: Money, after: Mapping[Coding, Booked]) -> Step:
    first = work.live.standing[0]
    entity = work.books.entities[first.entity_id]
    dates = work.dates(entity)
    before = billed(work.live, by_label=work.books.line_accounts == "label")
    names = ", ".join(one.name for one in work.live.standing)
    items = [{**item, "memo": f"Credit on {names}"} for item in credited_items(before, after, amount)]
    payload = {
        "customerid": first.standing.customer_id,
        "datecreated": dates.document.isoformat(),
        "dateposted": dates.posting.isoformat(),
        "action": "Submit",
        "invoiceno": first.standing.number,
        "description": work.why,
        "basecurr": entity.base_currency,
        "currency": amount.currency,
        # The rate of the invoice: what is taken back is worth what it was billed at.
        "exchratedate": first.invoice.invoice_date.isoformat(),
        "exchratetype": work.books.exchange_rate_type,
        "aradjustmentitems": items,
        **tax_solution(work, first.entity_id, items),
    }
    facts = tax_of_items(items, amount.currency, work.settings.tax)
    expect = {
        "TRX_TOTALENTERED": (-amount).text,
        "CURRENCY": amount.currency,
        "CUSTOMERID": first.standing.customer_id,
    }
    return Step(
        f"a credit memo over {amount} to customer {first.standing.customer_id} for {names}, {dated(dates)}",
        (Write(key, payload, facts, expect),),
        postings_of_items(items, entity.name, amount.currency),
        -amount,
        f"{dates.posting:%Y-%m}",
    )


def application(work: Work, credits_: Iterable[Credit]) -> list[Step]:
    """What of the credits settles what is open, oldest invoice first, without money."""
    key = work.parts.application()
    if work.parts.is_done(key):
        return []
    nothing = zero(work.live.currency)
    still_open = {one.standing.record_no: one.standing.balance for one in work.live.standing}
    details: list[Json] = []
    for memo, credit_left in credits_:
        left = credit_left
        for record_no, balance in still_open.items():
            part = min(left, balance)
            if part > nothing:
                left, still_open[record_no] = left - part, balance - part
                source = memo if isinstance(memo, str) else memo.to_json()
                details.append({"RECORDKEY": record_no, "ADJUSTMENTKEY": source, "TRX_ADJUSTMENTAMOUNT": part.text})
    settled = {one["RECORDKEY"] for one in details}
    names = ", ".join(one.name for one in work.live.standing if one.standing.record_no in settled)
    amount = work.live.open - sum_money(still_open.values(), nothing.currency)
    first = work.live.standing[0]
    entity = work.books.entities[first.entity_id]
    dates = work.dates(entity)
    payload = {
        "CUSTOMERID": first.standing.customer_id,
        "PAYMENTMETHOD": "EFT",
        "UNDEPOSITEDACCOUNTNO": work.settings.changes.apply_credits_through,
        "DOCNUMBER": key.document_key(),
        "DESCRIPTION": work.why,
        "RECEIPTDATE": dates.posting.isoformat(),
        "PAYMENTDATE": dates.posting.isoformat(),
        "CURRENCY": amount.currency,
        "BASECURR": entity.base_currency,
        "EXCH_RATE_TYPE_ID": work.books.exchange_rate_type,
        "EXCH_RATE_DATE": first.invoice.invoice_date.isoformat(),
        "ARPYMTDETAILS": {"ARPYMTDETAIL": details},
    }
    return [Step(f"apply {amount} of the credit to {names}, without money", (Write(key, payload, {}),))]
