"""The invoices of a change: the whole deal anew, or one more over the difference. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from include.core.calendar_terms import due_date
from include.core.decisions import Ref
from include.flows.deals.change_lines import added_items, billed
from include.flows.deals.change_parts import Step
from include.flows.deals.change_postings import postings_of_items
from include.flows.deals.change_taxes import check_taxes, tax_of_items
from include.flows.deals.change_work import Work, dated
from include.flows.deals.documents import document_facts


def anew(work: Work, *, draft: bool = False) -> list[Step]:
    """The deal as it is now, as a new document; sent only once what it replaces is out of the books."""
    if work.bill is None or work.parts.is_done(work.parts.invoice()):
        return []
    *others, invoice = work.billed_anew(dated=True)
    after = [Ref(key).to_json() for key in dict.fromkeys((*work.parts.ended, *work.ends))]
    payload = {**invoice.payload, "tieout": {**invoice.payload.get("tieout", {}), "after": after}}
    is_draft = draft or payload.get("action") == "Draft"
    payload["action"] = "Draft" if is_draft else "Submit"
    made = replace(invoice, key=work.parts.invoice(), payload=payload)
    posting = date.fromisoformat(payload["dateposted"])
    what = "a new draft" if is_draft else "a new invoice"
    text = f"{what} over {work.bill.total} to customer {invoice.expect['CUSTOMERID']}, dated {work.bill.invoice_date}"
    moved = f", posted on {posting}" if posting != work.bill.invoice_date else ""
    return [
        Step(
            text + moved,
            (*others, made),
            () if is_draft else postings_of_items(payload["invoiceitems"], work.bill.entity.name, work.bill.currency),
            None if is_draft else work.bill.total,
            f"{posting:%Y-%m}",
        )
    ]


def supplement(work: Work) -> list[Step]:
    """One more invoice, over what the deal is more than what its documents bill."""
    if work.bill is None or work.parts.is_done(work.parts.invoice()):
        return []
    difference = work.bill.total - work.live.net
    if difference.amount <= 0:
        return []
    *others, invoice = work.billed_anew()
    work.same_customer(invoice)
    dates = work.dates(work.bill.entity)
    check_taxes(work)
    before = billed(work.live, by_label=work.books.line_accounts == "label")
    items = added_items(invoice.payload["invoiceitems"], before, difference)
    payload = {
        **invoice.payload,
        "datecreated": dates.document.isoformat(),
        "dateposted": dates.posting.isoformat(),
        "exchratedate": dates.document.isoformat(),
        "invoiceitems": items,
    }
    payload.pop("tieout", None)  # what it says of the tax is the whole deal's
    term = work.terms.get(str(payload.get("termname")))
    if term:
        payload["datedue"] = due_date(term, dates.document).isoformat()
    expect = {**invoice.expect, "TRX_TOTALENTERED": difference.text}
    facts = {**document_facts(invoice.facts), **tax_of_items(items, difference.currency, work.settings.tax)}
    made = replace(invoice, key=work.parts.invoice(), payload=payload, facts=facts, expect=expect)
    is_draft = payload.get("action") == "Draft"
    return [
        Step(
            f"{'a draft of a' if is_draft else 'a'} supplementary invoice over {difference} to customer "
            f"{invoice.expect['CUSTOMERID']}, {dated(dates)}",
            (*others, made),
            () if is_draft else postings_of_items(payload["invoiceitems"], work.bill.entity.name, difference.currency),
            None if is_draft else difference,
            f"{dates.posting:%Y-%m}",
        )
    ]
