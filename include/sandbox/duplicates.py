"""Which invoices are one too many, looked for in two ways, so that one way of going wrong cannot hide from
both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

from include.sandbox.observed import Invoice, in_words

Amount = tuple[str, str, Fraction]
"""Customer name, currency, total in minor units."""


def duplicates(
    invoices: Iterable[Invoice], deal_names: Collection[str], expected: Mapping[Amount, int]
) -> dict[str, str]:
    """Of live invoices the superfluous ones: RECORDNO -> a sentence.

    By deal: all but the first that carry one deal's name. By amount: where a customer has more invoices of
    one amount and currency than ``expected``, and at least one is expected. The result is the union.
    """
    by_name: dict[str, list[Invoice]] = defaultdict(list)
    by_amount: dict[Amount, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        by_name[invoice.description].append(invoice)
        by_amount[invoice.customer_name, invoice.currency, invoice.total].append(invoice)
    found: dict[str, str] = {}
    for name, group in by_name.items():
        if name in deal_names:
            for extra in group[1:]:
                found[extra.recordno] = (
                    f"{name!r} has more than one invoice: {extra.number} as well as {group[0].number}"
                )
    for amount, group in by_amount.items():
        wanted = expected.get(amount, 0)
        if wanted:
            _by_amount(group, len(group) - wanted, deal_names, found)
    return found


def count_amounts(rows: Iterable[Mapping[str, object]]) -> Counter[Amount]:
    """How many invoices of each amount the manifest's rows of posted deals make."""
    return Counter((str(row["customer_name"]), str(row["currency"]), Fraction(str(row["net_minor"]))) for row in rows)


def _by_amount(group: list[Invoice], extras: int, deal_names: Collection[str], found: dict[str, str]) -> None:
    """``extras`` of the group are too many: first those that are duplicates already, then those without a
    deal's name, then the newest."""
    suspects = sorted(
        group, key=lambda i: (i.recordno not in found, i.description in deal_names, -int(i.recordno or 0))
    )
    for extra in suspects[: max(0, extras)]:
        amount = in_words(extra.total, extra.currency)
        found.setdefault(
            extra.recordno, f"{extra.customer_name!r} has one invoice over {amount} too many: {extra.number}"
        )
