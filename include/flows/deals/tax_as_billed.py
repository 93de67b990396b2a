"""A changed deal is corrected with the tax that its documents bear: whoever begins or ceases to tax by the settings, or
taxes otherwise, changes nothing that is billed (decision 1). Pure.

What was billed without tax is corrected without it. Where the settings would tax what is billed otherwise than it was,
nobody can tell which is right, and a person decides. What a rep says of a line's tax is a change of the deal, and so is
another company: then the settings count as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from include.core.books import Books
from include.core.decisions import Json
from include.core.errors import Unmapped
from include.core.money import EXACT, Money, round_half_up, sum_money
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.change_lines import Coding, coding_of_item, coding_of_line, detail_of, untaxed_coding
from include.flows.deals.document_lines import documented
from include.flows.deals.live import LiveDeal, LiveInvoice
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_settings import TaxSettings


def nets(one: LiveInvoice) -> Money:
    return sum_money((line.amount for line in one.lines), one.standing.invoiced.currency)


def is_explained(one: LiveInvoice) -> bool:
    """Whether its lines show all of its tax, and by which detail."""
    taxed = [line for line in one.lines if line.tax is not None]
    shown = sum_money((line.tax for line in taxed if line.tax is not None), one.standing.invoiced.currency)
    return all(line.tax_detail for line in taxed) and nets(one) + shown == one.standing.invoiced


def is_said_anew(facts: Json, billed: Json) -> bool:
    """Whether a rep says of the deal's tax what was not said when it was billed, or it is another sale: to another
    company, or won again."""
    codes = set(facts.get("tax_codes") or ()) - set(billed.get("tax_codes") or ())
    return bool(codes) or billed.get("won") is False or facts.get("company") != billed.get("company")


def documented_as_billed(
    bill: Bill, record: DealRecord, facts: Json, billed: Json, live: LiveDeal, settings: WonDealSettings, books: Books
) -> Bill:
    """What its document shows, without tax where none of the documents that it corrects bears any. ``facts`` are the
    deal's now, ``billed`` as it was billed. Raises ``HoldThis`` and ``Unmapped``."""
    without = settings.model_copy(update={"tax": TaxSettings()})
    corrected = [one for one in live.standing if one.ours] or [one for one in live.invoices if one.ours]
    bare = bool(corrected) and not is_said_anew(facts, billed) and all(map(_is_bare, corrected))
    try:
        taxed = documented(bill, record, settings, books)
    except (HoldThis, Unmapped):
        if not bare:
            raise
        return documented(bill, record, without, books)
    if not bare or taxed.tax is None or taxed.tax.tax.is_zero:
        return taxed
    return replace(documented(bill, record, without, books), stays_untaxed=True)


def check_same_tax(live: LiveDeal, items: Sequence[Json], rates: Mapping[str, Decimal], *, by_label: bool) -> None:
    """Raises ``HoldThis`` where what is billed on an account and its dimensions would bear another tax detail, or none,
    or another rate. ``items`` are the lines of the whole deal, ``rates`` the percentage of each detail."""
    wanted = _details((coding_of_item(item)) for item in items)
    for one in live.standing:
        if not is_explained(one):
            if any(detail for details in wanted.values() for detail in details):
                continue  # which line bears what is not known; ``check_taxes`` asks where that matters
            raise _otherwise(one, ["tax"], [""])
        _check_rates(one, rates)
        booked = _details(coding_of_line(line, by_label=by_label) for line in one.lines)
        for coding, details in booked.items():
            if coding in wanted and not wanted[coding] & details:
                raise _otherwise(one, details, wanted[coding])


def _is_bare(one: LiveInvoice) -> bool:
    return nets(one) == one.standing.invoiced and all(line.tax is None for line in one.lines)


def _details(codings: Iterable[Coding]) -> Mapping[Coding, set[str]]:
    """By what is booked on, the tax details; ``""`` for none."""
    found: dict[Coding, set[str]] = {}
    for coding in codings:
        found.setdefault(untaxed_coding(coding), set()).add(detail_of(coding))
    return found


def _check_rates(one: LiveInvoice, rates: Mapping[str, Decimal]) -> None:
    for detail in dict.fromkeys(line.tax_detail for line in one.lines if line.tax_detail in rates):
        lines = [line for line in one.lines if line.tax_detail == detail]
        currency = one.standing.invoiced.currency
        net = sum_money((line.amount for line in lines), currency)
        tax = sum_money((line.tax for line in lines if line.tax is not None), currency)
        expected = round_half_up(EXACT.divide(EXACT.multiply(net.amount, rates[detail]), Decimal(100)), currency)
        if abs((tax - expected).minor) > len(lines):  # what rounding line by line can make
            raise _otherwise(one, [f"{tax} of {detail} on {net}"], [str(expected)])


def _otherwise(one: LiveInvoice, booked: Iterable[str], wanted: Iterable[str]) -> HoldThis:
    return HoldThis(
        "changed_after_posting",
        f"it changed after it was invoiced, and {one.name} bears {_named(booked)}, where by the settings as they are "
        f"now it would be {_named(wanted)}. Correct it in Intacct, or undo the change.",
    )


def _named(details: Iterable[str]) -> str:
    return " or ".join(sorted(detail or "no tax" for detail in details))
