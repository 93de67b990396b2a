"""Sales tax: by line or by total, added to a net or taken out of a gross, and who is exempt. Pure and exact.

Where Intacct's own tax engine computes, nothing is sent; what it booked is only compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from include.core.errors import RecordError
from include.core.money import EXACT, Money, decimal_of, round_half_up, sum_money, zero
from include.core.rounding import allocate

TaxBy = Literal["line", "total", "intacct"]
"""Who rounds, and what: we each line's tax, we the whole document's, or Intacct's tax engine."""
Prices = Literal["exclusive", "inclusive"]
"""Whether the prices of a sale include its tax."""


class NoValidExemption(RecordError):
    """A sale is said to be exempt, but nothing proves it on the document's date."""


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of one document at one rate. ``lines`` is what is sent, line by line, and is empty where Intacct
    computes. ``by_line`` and ``by_total`` are what the two ways come to, for the plan to show."""

    lines: tuple[Money, ...]
    by_line: Money
    by_total: Money

    @property
    def difference(self) -> Money:
        """How much the choice between line and total decides."""
        return self.by_line - self.by_total

    def explains(self, booked: Money) -> bool:
        """Whether the tax that Intacct booked is what one of the two ways gives; if not, it is flagged."""
        return booked in (self.by_line, self.by_total)


@dataclass(frozen=True, slots=True)
class Backed:
    """A line whose price includes tax: ``net`` and ``tax`` add up to its gross."""

    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class DocumentTax:
    """The tax of a document whose lines may bear several rates. ``lines``: net and tax of every line, in order, by
    which ``tax`` is their sum; ``by_line`` and ``by_total`` are what the two ways come to. A tax that is rounded by
    total is rounded once for each rate."""

    lines: tuple[Backed, ...]
    tax: Money
    by_line: Money
    by_total: Money

    def explains(self, booked: Money) -> bool:
        """Whether the tax that Intacct booked is what one of the two ways gives; if not, it is flagged."""
        return booked in (self.by_line, self.by_total)


@dataclass(frozen=True, slots=True)
class Exemption:
    """The proof of an exemption or a reverse charge. ``valid_to`` is its last day."""

    certificate: str
    valid_to: date | None


def tax_on(nets: Sequence[Money], percent: Decimal, currency: str, by: TaxBy) -> Tax:
    """The tax of these line nets at ``percent`` (accounting case 2).

    By total, the sum's tax is rounded once and the lines share it by largest remainder. 4 x 19.99 at 8.875 % is 7.08
    by line and 7.10 by total.
    """
    each = [_part(net, decimal_of(percent)) for net in nets]
    by_line = sum_money(each, currency)
    by_total = _part(sum_money(nets, currency), decimal_of(percent))
    if by == "line":
        return Tax(tuple(each), by_line, by_total)
    shared = _shared(by_total, nets) if by == "total" else []
    return Tax(tuple(shared), by_line, by_total)


def tax_out_of(grosses: Sequence[Money], percent: Decimal, currency: str) -> list[Backed]:
    """The lines' nets and taxes where prices include tax (accounting case 3).

    The net is backed out once, of the whole gross; each line's net is rounded, and the last line with an amount takes
    what is left, so that net and tax add up to the gross, line by line and together.
    """
    factor = EXACT.divide(Decimal(100), EXACT.add(Decimal(100), decimal_of(percent)))
    whole = round_half_up(EXACT.multiply(sum_money(grosses, currency).amount, factor), currency)
    nets = [round_half_up(EXACT.multiply(gross.amount, factor), currency) for gross in grosses]
    last = next((n for n in reversed(range(len(nets))) if not grosses[n].is_zero), None)
    if last is not None:
        nets[last] = nets[last] + (whole - sum_money(nets, currency))
    return [Backed(net, gross - net) for net, gross in zip(nets, grosses, strict=True)]


def document_tax(
    lines: Sequence[tuple[str, Money]], percents: Mapping[str, Decimal], currency: str, by: TaxBy, prices: Prices
) -> DocumentTax:
    """The tax of lines that each name a tax code (``""``: none), by the percentage of the code (cases 2, 3).

    Lines of one code are taxed together. Where Intacct computes, the lines have the tax that it is expected to book:
    its tax entries are of lines, so line by line. Raises ``KeyError`` for a code without a percentage.
    """
    found = [Backed(amount, zero(currency)) for _, amount in lines]
    by_line = by_total = zero(currency)
    for code in dict.fromkeys(code for code, _ in lines if code):
        places = [place for place, (name, _) in enumerate(lines) if name == code]
        amounts = [lines[place][1] for place in places]
        if prices == "inclusive":
            its = tax_out_of(amounts, percents[code], currency)
            one_way = other_way = sum_money((one.tax for one in its), currency)
        else:
            taxed = tax_on(amounts, percents[code], currency, "line" if by == "intacct" else by)
            its = [Backed(net, tax) for net, tax in zip(amounts, taxed.lines, strict=True)]
            one_way, other_way = taxed.by_line, taxed.by_total
        by_line, by_total = by_line + one_way, by_total + other_way
        for place, one in zip(places, its, strict=True):
            found[place] = one
    return DocumentTax(tuple(found), sum_money((one.tax for one in found), currency), by_line, by_total)


def check_exemption(exemption: Exemption | None, on: date) -> None:
    """Accounting case 4: an exemption counts with its id, up to and with its last day. Raises ``NoValidExemption``."""
    if exemption is None or not exemption.certificate.strip():
        raise NoValidExemption("the sale is marked as exempt, but no exemption id is known. Enter it, or charge tax.")
    if exemption.valid_to is None:
        raise NoValidExemption(f"exemption {exemption.certificate} has no last day. Enter until when it is valid.")
    if exemption.valid_to < on:
        raise NoValidExemption(
            f"exemption {exemption.certificate} was valid until {exemption.valid_to}, the document is of {on}. Ask the "
            "customer for a new one, or charge tax."
        )


def _part(net: Money, percent: Decimal) -> Money:
    return round_half_up(EXACT.multiply(net.amount, percent).scaleb(-2, context=EXACT), net.currency)


def _shared(total: Money, nets: Sequence[Money]) -> list[Money]:
    return allocate(total, [net.amount for net in nets])
