"""Do the twins' books agree with the manifest? The demo's and the checks' judge.

It reads the books and the manifest only: nothing of the flow, and not the flow's idempotency key. An invoice
belongs to the deal whose name it carries as description. Duplicates are counted twice over, so that one way
of going wrong cannot hide from both: more than one live invoice for a deal, and more invoices of one amount
for one customer and currency than the manifest has.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from include.sandbox.duplicates import count_amounts, duplicates
from include.sandbox.observed import DealMark, Intacct, Invoice, in_words, read_hubspot, read_intacct

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``deals_won`` as the manifest has them in scope; ``invoices_posted`` live invoices that were not
    there before; ``held`` deals that HubSpot shows as held; ``missing`` deals without their invoice;
    ``unexpected`` invoices that belong to no deal to be posted; ``cents_off`` the sum of absolute
    differences in minor units; ``problems`` are sentences, none if all is well."""

    deals_won: int
    invoices_posted: int
    held: int
    duplicates: int
    missing: int
    unexpected: int
    cents_off: int
    customers_duplicated: int
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "problems": list(self.problems)}


def compare(
    intacct_books: Iterable[Mapping[str, Any]],
    hubspot_books: Iterable[Mapping[str, Any]],
    manifest: Mapping[str, Any],
    *,
    hold_codes: Mapping[str, str] | None = None,
    write_back: bool = True,
) -> Verdict:
    """Compare exported books (streams of ``/_sandbox/books/...``) with the manifest.

    ``hold_codes`` are the reasons that the flow itself recorded, by deal id; they are compared where given.
    ``write_back=False`` leaves out what HubSpot's deals must show.
    """
    history = frozenset(row["number"] for row in manifest["history"])
    books = read_intacct(intacct_books, history)
    marks = read_hubspot(hubspot_books)
    judge = _Judge(manifest, books, marks)
    judge.count_duplicates()
    for row in manifest["deals"]:
        judge.deal(row, write_back=write_back)
    judge.strays()
    judge.held_marks(hold_codes, write_back=write_back)
    judge.customers()
    judge.older_documents()
    return judge.verdict()


class _Judge:
    def __init__(self, manifest: Mapping[str, Any], books: Intacct, marks: Mapping[str, DealMark]) -> None:
        self._manifest = manifest
        self._books = books
        self._marks = marks
        self._problems: list[str] = []
        self._by_name: dict[str, list[Invoice]] = defaultdict(list)
        self._live = [invoice for invoice in books.invoices if invoice.live]
        self._not_live = {invoice.description: invoice for invoice in books.invoices if not invoice.live}
        for invoice in self._live:
            self._by_name[invoice.description].append(invoice)
        self._duplicates: dict[str, str] = {}
        self._missing = self._unexpected = self._customers_duplicated = 0
        self._off = Fraction(0)

    def count_duplicates(self) -> None:
        names = {row["deal_name"] for row in self._manifest["deals"]}
        posted = (row for row in self._manifest["deals"] if row["expect"] == "posted")
        self._duplicates = duplicates(self._live, names, count_amounts(posted))
        self._problems += self._duplicates.values()

    def deal(self, row: Row, *, write_back: bool) -> None:
        """One deal's invoice, or that it has none."""
        invoices = self._by_name.get(row["deal_name"], [])
        if row["expect"] != "posted":
            if invoices:
                self._unexpected += 1
                self._say(f"{_deal(row)} must be {row['expect']}, but invoice {invoices[0].number} was posted")
            return
        if not invoices:
            self._missing += 1
            other = self._not_live.get(row["deal_name"])
            why = f"its invoice {other.number} is {other.state.lower()}" if other else "it has no invoice"
            self._say(f"{_deal(row)} must be posted, but {why}")
            return
        self._invoice(row, invoices[0])
        if write_back:
            self._written_back(row, invoices[0])

    def _invoice(self, row: Row, invoice: Invoice) -> None:
        name = f"invoice {invoice.number} of {_deal(row)}"
        if invoice.currency != row["currency"]:
            self._say(f"{name} is in {invoice.currency}, not in {row['currency']}")
        difference = invoice.total - row["net_minor"]
        if difference:
            self._off += abs(difference)
            shown, due = in_words(invoice.total, invoice.currency), f"{row['net']} {row['currency']}"
            self._say(f"{name} shows {shown}, not {due}")
        for what, found, wanted in (
            ("invoice date", invoice.dated, row["invoice_date"]),
            ("posting date", invoice.posted, row["posting_date"]),
            ("due date", invoice.due, row["due_date"]),
        ):
            if str(found) != wanted:
                self._say(f"{name} has the {what} {found}, not {wanted}")
        if (row.get("po_number") or "") != invoice.reference:
            self._say(f"{name} has the reference {invoice.reference!r}, not {row.get('po_number') or ''!r}")
        self._customer(name, row, invoice)
        self._lines(name, row, invoice)

    def _customer(self, name: str, row: Row, invoice: Invoice) -> None:
        found = invoice.customer_name
        seeded = not row["customer"].startswith("HS-")
        if found != row["customer_name"] or (seeded and invoice.customer_id != row["customer"]):
            self._say(
                f"{name} is billed to {found!r} ({invoice.customer_id}), "
                f"not to {row['customer_name']!r} ({row['customer']})"
            )

    def _lines(self, name: str, row: Row, invoice: Invoice) -> None:
        currency = row["currency"]
        wanted: Counter[tuple[str, Fraction, str]] = Counter()
        for line in row["lines"]:
            net = Fraction(line["net"]) * (1 if currency == "JPY" else 100)
            if net:
                wanted[line["item"], net, line["location"]] += 1
        for verb, lines in (("lacks", wanted - invoice.lines), ("has", invoice.lines - wanted)):
            for (item, net, location), number in lines.items():
                times = f"{number} x " if number > 1 else ""
                self._say(f"{name} {verb} {times}line {item} {in_words(net, currency)} of entity {location or '?'}")

    def _written_back(self, row: Row, invoice: Invoice) -> None:
        mark = self._marks.get(row["deal_id"])
        if mark is None or mark.invoice_number != invoice.number:
            shown = mark.invoice_number if mark else ""
            self._say(f"{_deal(row)} shows the invoice number {shown!r} in HubSpot, not {invoice.number!r}")
        elif _number(mark.invoice_total) != _number(row["net"]):
            self._say(f"{_deal(row)} shows the invoice total {mark.invoice_total!r} in HubSpot, not {row['net']}")

    def strays(self) -> None:
        """Invoices that carry no deal's name."""
        names = {row["deal_name"] for row in self._manifest["deals"]}
        for invoice in self._live:
            if invoice.description not in names and invoice.recordno not in self._duplicates:
                self._unexpected += 1
                amount = in_words(invoice.total, invoice.currency)
                self._say(f"invoice {invoice.number} over {amount} belongs to no deal: {invoice.description!r}")

    def held_marks(self, hold_codes: Mapping[str, str] | None, *, write_back: bool) -> None:
        """What HubSpot shows, and what the flow recorded, about deals that must wait for a person."""
        for row in self._manifest["deals"]:
            mark = self._marks.get(row["deal_id"], DealMark("", "", "", ""))
            must_wait = row["expect"] == "held"
            if write_back and must_wait and mark.state != "held":
                self._say(f"{_deal(row)} must be held ({row['reason']}), but HubSpot shows {mark.state!r}")
            elif write_back and must_wait and not mark.message.strip():
                self._say(f"{_deal(row)} is held ({row['reason']}), but HubSpot shows no sentence saying why")
            elif write_back and not must_wait and mark.state == "held":
                self._say(f"{_deal(row)} must be {row['expect']}, but HubSpot shows it as held: {mark.message}")
            if hold_codes is not None:
                code = hold_codes.get(row["deal_id"])
                wanted = row["reason"] if must_wait else None
                if code != wanted:
                    self._say(f"{_deal(row)} is held for {code or 'nothing'}, not for {wanted or 'nothing'}")

    def customers(self) -> None:
        """No customer twice, and none that nobody needed."""
        allowed = Counter(row["name"] for row in self._manifest["customers"])
        for name, number in (self._books.customers - allowed).items():
            if allowed[name]:
                self._customers_duplicated += number
                self._say(f"customer {name!r} exists {number} time(s) too often")
            else:
                self._say(f"customer {name!r} was created, but no posted deal needs it")

    def older_documents(self) -> None:
        """What was in the books before must still be there, unchanged."""
        for row in self._manifest["history"]:
            found = self._books.documents.get(row["number"])
            if found is None:
                self._say(f"{row['object']} {row['number']}, which was there before, is gone")
            elif found != row["net_minor"]:
                shown = in_words(found, row["currency"])
                self._say(f"{row['object']} {row['number']} was {row['net']} {row['currency']}, is now {shown}")

    def verdict(self) -> Verdict:
        return Verdict(
            deals_won=sum(row["expect"] != "ignored" for row in self._manifest["deals"]),
            invoices_posted=len(self._live),
            held=sum(mark.state == "held" for mark in self._marks.values()),
            duplicates=len(self._duplicates),
            missing=self._missing,
            unexpected=self._unexpected,
            # A fraction of a cent counts as a whole one: it must not vanish.
            cents_off=-(-self._off.numerator // self._off.denominator),
            customers_duplicated=self._customers_duplicated,
            problems=tuple(self._problems),
        )

    def _say(self, problem: str) -> None:
        self._problems.append(problem)


def _deal(row: Row) -> str:
    return f"deal {row['deal_id']} {row['deal_name']!r}"


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
