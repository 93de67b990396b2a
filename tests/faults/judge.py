"""Is everything as it must be? Read from the twins' own books, the manifest of what must have happened, and the state's
rows; nothing of the flows' code is asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from include.core.sync import WriteRow
from include.sandbox.verify import compare
from tests.faults.company import Company
from tests.flows.shown_figures import companies_show_the_books, deals_show_the_books
from tests.flows.twin_books import NOT_POSTED, REVERSED, TwinBooks, amount, day


@dataclass
class Verdict:
    """What a schedule came to. ``wrong`` are sentences about anything else."""

    seed: int
    duplicates: int = 0
    lost: int = 0
    stuck: int = 0
    cents_off: int = 0
    wrong: list[str] = field(default_factory=list)
    digest: str = ""
    requests: int = 0
    kind: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.duplicates or self.lost or self.stuck or self.cents_off or self.wrong)

    def take(self, judged: Verdict) -> None:
        """What was found wrong at the end. What has not come right by then is stuck."""
        self.duplicates += judged.duplicates
        self.lost += judged.lost
        self.cents_off += judged.cents_off
        self.wrong += judged.wrong
        self.stuck += bool(judged.wrong)

    def __str__(self) -> str:
        said = "".join(f"\n  {one}" for one in self.wrong)
        return (
            f"seed {self.seed}: {self.duplicates} duplicates, {self.lost} lost, {self.stuck} stuck, "
            f"{self.cents_off} cents off{said}"
        )


_OBJECTS = ("ARADJUSTMENT", "ARINVOICE", "ARPYMT", "CUSTOMER")
_MANY = 1_000_000


class _Books:
    """The twins in the place of the sandbox's controls: what is judged of their books, read once."""

    def __init__(self, company: Company) -> None:
        self._books = {
            "intacct": [one for name in _OBJECTS for one in company.intacct.part(name, 0, _MANY)],
            "hubspot": list(company.hubspot.export()),
        }

    def books(self, system: str) -> Iterator[Mapping[str, Any]]:
        return iter(self._books[system])


def judge(
    verdict: Verdict,
    company: Company,
    holds: Mapping[str, str] | None,
    log: Sequence[WriteRow],
    *,
    written_back: bool,
    companies_at: date | None,
) -> None:
    """Enter in the verdict what is not as it must be. ``holds``: deal -> why the state holds it; ``written_back``:
    whether the deals must show their invoices; ``companies_at``: the day on which the companies' balances were shown.
    ``None`` where nobody held or showed anything."""
    books = _Books(company)
    found = compare(
        books.books("intacct"), books.books("hubspot"), company.manifest, hold_codes=holds, write_back=written_back
    )
    verdict.duplicates += found.duplicates + found.customers_duplicated
    verdict.lost += found.missing
    verdict.cents_off += found.cents_off
    twins = TwinBooks.of(books)  # type: ignore[arg-type]
    verdict.wrong += found.problems
    verdict.wrong += _keys(verdict, twins, log)
    verdict.cents_off += _periods(company, twins)
    if written_back:
        verdict.wrong += deals_show_the_books(twins)
    if companies_at is not None:
        verdict.wrong += companies_show_the_books(twins, companies_at)


def _keys(verdict: Verdict, books: TwinBooks, log: Sequence[WriteRow]) -> Iterator[str]:
    """One document for each key, and one row of the log for each document."""
    made = defaultdict[str, list[str]](list)
    for row in books.rows("ARINVOICE"):
        if row.get("TIEOUT_KEY") and row["STATE"] not in REVERSED:
            made[str(row["TIEOUT_KEY"])].append(str(row["RECORDNO"]))
    for key, numbers in made.items():
        if len(numbers) > 1:
            verdict.duplicates += len(numbers) - 1
            yield f"documents {', '.join(numbers)} carry the key {key}"
    known = Counter(row.target_id for row in log)
    for number in (number for numbers in made.values() for number in numbers):
        if known[number] != 1:
            yield f"the log has {known[number]} rows of document {number}"


def _periods(company: Company, books: TwinBooks) -> int:
    """Cents between what the manifest's deals come to and what stands in the books, by customer, currency and month."""
    difference = Counter[tuple[str, str, str]]()
    names = {row["CUSTOMERID"]: row["NAME"] for row in books.rows("CUSTOMER")}
    for deal in company.manifest["deals"]:
        if deal["expect"] == "posted":
            difference[deal["customer_name"], deal["currency"], deal["posting_date"][:7]] += deal["net_minor"]
    for row in books.rows("ARINVOICE"):
        if row.get("TIEOUT_KEY") and row["STATE"] not in (*NOT_POSTED, *REVERSED):
            cents = int(amount(row, "TRX_TOTALENTERED") * (1 if row["CURRENCY"] == "JPY" else 100))
            difference[names[row["CUSTOMERID"]], row["CURRENCY"], day(row["WHENPOSTED"]).isoformat()[:7]] -= cents
    return sum(abs(cents) for cents in difference.values())
