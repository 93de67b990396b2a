"""What sales does in a generated month: deals are won, changed, moved, lost and reopened, companies are merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from include.sandbox.people import LINE_ITEM_TO_DEAL, SalesRep
from tests.flows.office import Office

COUNTRY = {"100": "United States", "200": "United Kingdom", "300": "Germany"}
BANKS = {
    ("100", "USD"): "BW-US-USD",
    ("100", "EUR"): "BW-US-EUR",
    ("100", "JPY"): "BW-US-JPY",
    ("200", "GBP"): "BW-UK-GBP",
    ("200", "USD"): "BW-UK-USD",
    ("300", "EUR"): "BW-DE-EUR",
    ("300", "GBP"): "BW-DE-GBP",
}
PRODUCTS = ("SENSOR-1", "GATEWAY-2", "ONBOARD", "TRAIN-DAY")
CENT = {"JPY": Decimal(1)}


@dataclass
class Diary:
    """The office, the generator's draws and what happened so far; sales and the back office share it."""

    demo: Office
    seed: int
    today: date
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311

    def tell(self, what: str) -> None:
        self.log.append(f"{self.today} {what}")


@dataclass
class Sold:
    """A deal of the month. ``versions``: currency -> all totals that it ever had while won. ``by_hand``: somebody
    changed its documents in Intacct."""

    deal: str
    company: str
    entity: str
    currency: str
    lines: dict[str, tuple[Decimal, Decimal]]
    is_won: bool = True
    versions: dict[str, set[Decimal]] = field(default_factory=dict)
    by_hand: bool = False
    unwon: bool = False
    told: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        cent = CENT.get(self.currency, Decimal("0.01"))
        return sum(((q * p).quantize(cent, ROUND_HALF_UP) for q, p in self.lines.values()), Decimal(0))


class Sales:
    def __init__(self, diary: Diary) -> None:
        self.diary = diary
        self.deals: dict[str, Sold] = {}
        self.rep = SalesRep(diary.demo.sandbox)
        self._customers = {
            one["id"]: one["properties"]
            for one in diary.demo.sandbox.control.books("hubspot")
            if one["type"] == "companies" and one["properties"].get("intacct_customer_id")
        }
        self._companies: dict[str, list[str]] = {
            entity: [i for i, p in self._customers.items() if p.get("country") == country][:4]
            for entity, country in COUNTRY.items()
        }
        self._number = 0

    @property
    def events(self) -> Sequence[Callable[[], None]]:
        """What may happen after a deal is won; what is common stands in it more than once."""
        rare = (self._adds_line, self._swaps_product, self._moves, self._changes_currency)
        return *(self._changes_amount,) * 2, *rare, self._loses, self._reopens, self._merges, self._deletes

    def wins(self) -> None:
        entity, currency = self.diary.random.choice(list(BANKS))
        company = self._company(entity)
        deal = self.rep.create("deals", self._stage(won=True, currency=currency, amount="0"), [(company, 5)])
        sold = Sold(deal, company, entity, currency, {})
        for _ in range(self.diary.random.randint(1, 3)):
            self._add_line(sold)
        if self.diary.random.random() < 0.2:
            self._add_subscription(sold)
        self.deals[deal] = sold
        self._priced(sold, f"is won in {entity}")

    def _company(self, entity: str) -> str:
        if self.diary.random.random() < 0.5 and self._companies[entity]:
            return self.diary.random.choice(self._companies[entity])
        self._number += 1
        name = f"Month {self.diary.seed} {self.diary.random.choice(['Kilns', 'Orchards', 'Foundry'])} {self._number}"
        made = self.rep.create(
            "companies",
            {"name": name, "country": COUNTRY[entity], "domain": f"m{self.diary.seed}-{self._number}.example"},
        )
        self._companies[entity].append(made)
        return made

    def _stage(self, *, won: bool, **more: str) -> dict[str, str]:
        at = self.diary.demo.sandbox.control.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._number += 1
        named = {"dealname": f"Deal {self.diary.seed}-{self._number}", "closedate": at} if "currency" in more else {}
        if "currency" in more:
            more["deal_currency_code"] = more.pop("currency")
        return {**named, "pipeline": "default", "dealstage": "closedwon" if won else "closedlost", **more}

    def _price(self, currency: str) -> Decimal:
        places = 0 if currency == "JPY" else self.diary.random.choice([0, 2, 2, 3])
        drawn = Decimal(self.diary.random.randint(5_000, 900_000)).scaleb(-places)
        return drawn if places == 3 or currency == "JPY" else Decimal(str(round(drawn / 10, places)))

    def _add_line(self, sold: Sold) -> None:
        sku, quantity = self.diary.random.choice(PRODUCTS), Decimal(self.diary.random.randint(1, 12))
        price = self._price(sold.currency)
        line = {"name": sku.title(), "hs_sku": sku, "quantity": str(quantity), "price": str(price)}
        sold.lines[self.rep.create("line_items", line, [(sold.deal, LINE_ITEM_TO_DEAL)])] = quantity, price

    def _add_subscription(self, sold: Sold) -> None:
        quantity, price = Decimal(self.diary.random.randint(1, 5)), self._price(sold.currency)
        line = {
            "name": "Enterprise plan",
            "hs_sku": "PLAN-ENT",
            "quantity": str(quantity),
            "price": str(price),
            "recurringbillingfrequency": "annually",
            "hs_recurring_billing_period": "P12M",
        }
        sold.lines[self.rep.create("line_items", line, [(sold.deal, LINE_ITEM_TO_DEAL)])] = quantity, price

    def _priced(self, sold: Sold, what: str) -> None:
        if sold.is_won:
            sold.versions.setdefault(sold.currency, set()).add(sold.total)
        self.rep.change("deals", sold.deal, amount=str(sold.total))
        sold.told.append(what)
        self.diary.tell(f"deal {sold.deal} {what}: {sold.total} {sold.currency}")

    def _some(self, *, won: bool = True) -> Sold | None:
        fitting = [one for one in self.deals.values() if one.is_won == won]
        return self.diary.random.choice(fitting) if fitting else None

    def _changes_amount(self) -> None:
        if sold := self._some():
            line = self.diary.random.choice(list(sold.lines))
            quantity, price = sold.lines[line]
            sold.lines[line] = max(Decimal(1), quantity + self.diary.random.randint(-4, 4)), price
            self.rep.change("line_items", line, quantity=str(sold.lines[line][0]))
            self._priced(sold, "changes its quantity")

    def _adds_line(self) -> None:
        if sold := self._some():
            self._add_line(sold)
            self._priced(sold, "gets a line")

    def _swaps_product(self) -> None:
        if sold := self._some():
            line, sku = self.diary.random.choice(list(sold.lines)), self.diary.random.choice(PRODUCTS)
            self.rep.change("line_items", line, hs_sku=sku, name=sku.title())
            self._priced(sold, "swaps a product")

    def _moves(self) -> None:
        """Another company of the same country pays for the deal."""
        if sold := self._some():
            company = self._company(sold.entity)
            path = f"/crm/v4/objects/deals/{sold.deal}/associations/companies"
            primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
            self.diary.demo.hubspot().request("DELETE", f"{path}/{sold.company}")
            self.diary.demo.hubspot().request("PUT", f"{path}/{company}", body=primary)
            sold.company = company
            self._priced(sold, f"moves to company {company}")

    def _changes_currency(self) -> None:
        if (sold := self._some()) and sold.currency != "JPY":
            others = [code for entity, code in BANKS if entity == sold.entity and code not in ("JPY", sold.currency)]
            sold.currency = self.diary.random.choice(others)
            self.rep.change("deals", sold.deal, deal_currency_code=sold.currency)
            self._priced(sold, f"is in {sold.currency} now")

    def _loses(self) -> None:
        if sold := self._some():
            sold.is_won, sold.unwon = False, True
            self.rep.change("deals", sold.deal, dealstage="closedlost")
            self._priced(sold, "is lost")

    def _reopens(self) -> None:
        """A lost deal is won again, or a won one goes back to negotiation."""
        if (sold := self._some(won=False)) and self.diary.random.random() < 0.6:
            sold.is_won = True
            self.rep.change("deals", sold.deal, dealstage="closedwon")
            self._priced(sold, "is won again")
        elif sold := self._some():
            sold.is_won, sold.unwon = False, True
            self.rep.change("deals", sold.deal, dealstage="contractsent")
            self._priced(sold, "is reopened")

    def _deletes(self) -> None:
        """Nobody works on a deleted deal any more; its documents stay."""
        if (sold := self._some()) and self.diary.random.random() < 0.3:
            self.diary.demo.hubspot().request("DELETE", f"/crm/v3/objects/deals/{sold.deal}")
            del self.deals[sold.deal]
            self.diary.tell(f"deal {sold.deal} is deleted")

    def _merges(self) -> None:
        """Two companies of one country become one, as HubSpot's users do it."""
        entity = self.diary.random.choice(list(COUNTRY))
        made = [one for one in self._companies[entity] if one not in self._customers]
        if len(made) < 2:
            return
        kept, gone = self.diary.random.sample(made, 2)
        body = {"primaryObjectId": kept, "objectIdToMerge": gone}
        merged = str(self.diary.demo.hubspot().request("POST", "/crm/v3/objects/companies/merge", body=body).body["id"])
        self._companies[entity] = [one for one in self._companies[entity] if one not in (kept, gone)] + [merged]
        for sold in self.deals.values():
            sold.company = merged if sold.company in (kept, gone) else sold.company
        self.diary.tell(f"companies {kept} and {gone} become {merged}")
