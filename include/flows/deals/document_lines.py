"""The lines that stand on a deal's document: free ones kept or dropped, each in its entity, with its tax. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from include.core.books import Books
from include.core.deal_document import lines_kept
from include.core.errors import Unmapped
from include.core.money import sum_money
from include.core.periods import closed_through
from include.core.tax import Exemption, NoValidExemption, check_exemption, document_tax
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.invoice_lines import PricedLine
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_settings import TaxSettings
from include.flows.sources import Sheets

_YES, _NO = ("true", "yes", "1"), ("", "false", "no", "0")


def documented(bill: Bill, record: DealRecord, settings: WonDealSettings, books: Books) -> Bill:
    """The bill with what its document shows; one that is a document already stays as it is. Raises ``HoldThis`` and
    ``Unmapped``."""
    if bill.is_document:
        return bill
    kept = lines_kept([line.net for line in bill.lines], keep_zero=settings.free_lines == "keep")
    lines = [
        replace(line, tax_code="", entity_id=_entity_of(line, bill, record.sheets, settings, books))
        for line in (bill.lines[place] for place in kept)
    ]
    return _taxed(replace(bill, lines=lines, is_document=True), record.sheets, settings.tax)


def _entity_of(line: PricedLine, bill: Bill, sheets: Sheets, settings: WonDealSettings, books: Books) -> str:
    """The entity whose line it is, ``""`` for the one that bills (accounting case 43)."""
    source = settings.line_entity
    entity_id = source.value({**sheets, "line": line.sheet}) if source else None
    if not entity_id or entity_id == bill.entity_id:
        return ""
    if entity_id not in books.entities:
        raise Unmapped(f"line “{line.name}” is of entity “{entity_id}”, which books.yaml lacks")
    other = books.entities[entity_id]
    if settings.lines_of_other_entities == "hold":
        raise HoldThis(
            "lines_of_two_entities",
            f"line “{line.name}” is of {other.name}, and {bill.entity.name} bills the deal. Make a deal for each, or "
            "let Intacct book what they owe each other (lines_of_other_entities in the settings).",
        )
    if other.base_currency != bill.entity.base_currency:
        raise HoldThis(
            "lines_of_two_entities",
            f"line “{line.name}” is of {other.name}, whose books are in {other.base_currency}, and {bill.entity.name} "
            f"bills the deal in {bill.entity.base_currency}. Make a deal for each.",
        )
    return entity_id


def check_other_periods(bill: Bill, posting: date, books: Books) -> None:
    """Raises ``HoldThis`` where the posting date is closed for an entity whose lines are on the document too."""
    for line in bill.lines:
        entity = books.entities.get(line.entity_id or "")
        closed = closed_through(entity, "AR") if entity else None
        if entity and closed and posting <= closed:
            raise HoldThis(
                "closed_period",
                f"line “{line.name}” is of {entity.name}, which has closed receivables through {closed}, and the "
                f"invoice would be posted on {posting}. Reopen the period, or make a deal for each entity.",
            )


def _taxed(bill: Bill, sheets: Sheets, settings: TaxSettings) -> Bill:
    """Net and tax of each line (accounting cases 2, 3, 4)."""
    if not settings.codes:
        return bill
    codes = [_code_of(line, bill, sheets, settings) for line in bill.lines]
    if not any(codes):
        return bill
    if any(settings.codes[code].proof for code in codes if code):
        _prove(sheets, settings, bill.invoice_date)
    pairs = [(code, line.net) for code, line in zip(codes, bill.lines, strict=True)]
    tax = document_tax(pairs, settings.percents, bill.currency, settings.by, settings.prices)
    lines = [
        replace(line, net=one.net, tax=one.tax if code else None, tax_code=code)
        for code, line, one in zip(codes, bill.lines, tax.lines, strict=True)
    ]
    total = sum_money((one.net for one in tax.lines), bill.currency) + tax.tax
    return replace(bill, lines=lines, total=total, tax=tax)


def _code_of(line: PricedLine, bill: Bill, sheets: Sheets, settings: TaxSettings) -> str:
    entity = settings.entities.get(line.entity_id or bill.entity_id)
    own = settings.code.value({**sheets, "line": line.sheet}) if settings.code else None
    code = own or (entity.code if entity else "")
    if code and code not in settings.codes:
        known = ", ".join(sorted(settings.codes))
        raise Unmapped(f"line “{line.name}” has tax code “{code}”, which tax.codes does not know (it knows {known})")
    if not code or not _is_exempt(sheets, settings) or settings.codes[code].proof:
        return code
    if not entity or not entity.exempt:
        raise HoldThis(
            "no_exemption_proof",
            "its company is exempt from tax, and tax.entities names no code for exempt customers of "
            f"{bill.entity.name}. Name one, or charge tax.",
        )
    _prove(sheets, settings, bill.invoice_date)
    return entity.exempt


def _is_exempt(sheets: Sheets, settings: TaxSettings) -> bool:
    told = (settings.exemption.when.value(sheets) or "").lower()
    if told not in (*_YES, *_NO):
        raise Unmapped(f"{settings.exemption.when.source} is “{told}”, which says neither yes nor no")
    return told in _YES


def _prove(sheets: Sheets, settings: TaxSettings, on: date) -> None:
    text = settings.exemption.valid_to.value(sheets)
    try:
        valid_to = date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise HoldThis(
            "no_exemption_proof", f"{settings.exemption.valid_to.source} is “{text}”, not a date. Correct it."
        ) from None
    try:
        check_exemption(Exemption(settings.exemption.number.value(sheets) or "", valid_to), on)
    except NoValidExemption as e:
        raise HoldThis("no_exemption_proof", e.message) from None


def tax_entries(line: PricedLine, settings: TaxSettings) -> Sequence[dict[str, str]]:
    """What an invoice line says of its tax: the detail, and the amount unless Intacct computes it."""
    code = settings.codes.get(line.tax_code or "")
    if code is None or not code.detail or line.tax is None:
        return ()
    amount = {} if settings.by == "intacct" else {"trx_tax": line.tax.text}
    return ({"detailid": code.detail, **amount},)
