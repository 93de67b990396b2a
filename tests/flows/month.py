"""A month at the demo company, drawn from a seed: what sales, the bank and the book-keepers do in three entities, and
the flows that run every few days. Nobody here looks at what the flows decide; a person consents to held changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.core.errors import TransientError
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import hubspot_company_to_intacct_customer as companies
from include.flows import hubspot_contact_and_intacct_customer_sync as sync
from include.flows import intacct_credit_hold_to_hubspot_company as credit_hold
from include.flows import intacct_overdue_to_hubspot_task as overdue
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.flow import Flow
from include.sandbox.people import LINE_ITEM_TO_DEAL, BookKeeper, Coding, Refused, SalesRep
from tests.flows.office import Office

FLOWS = (won_deals.FLOW, companies.FLOW, payments.FLOW, credit_hold.FLOW, overdue.FLOW, sync.FLOW)
SESSIONS = tuple(
    datetime(2026, month, day, 15, tzinfo=UTC)
    for month, day in ((11, 16), (11, 19), (11, 24), (11, 30), (12, 3), (12, 8), (12, 14))
)
"""15:00 UTC is the same day in all three entities."""

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
CLOSES = (
    # On the first session from this day on the entity closes receivables through that one; the settings are told then,
    # or (``late``) only at the session after it.
    (date(2026, 11, 19), "100", date(2026, 10, 31), False),
    (date(2026, 11, 24), "200", date(2026, 10, 31), False),
    (date(2026, 12, 3), "100", date(2026, 11, 30), False),
    (date(2026, 12, 3), "200", date(2026, 11, 30), True),
    (date(2026, 12, 8), "300", date(2026, 11, 30), True),
)
"""Entity 100 and 300 post in the first open day, 200 holds."""
PRODUCTS = ("SENSOR-1", "GATEWAY-2", "ONBOARD", "TRAIN-DAY")
CENT = {"JPY": Decimal(1)}


class HastyOffice(Office):
    """The twin's limits are off for a month, so that its client need not keep them either."""

    def hubspot(self) -> HubSpotClient:
        access = self.sandbox.hubspot
        return HubSpotClient(open_session(), access.url, access.token, tier="enterprise", wait=lambda _seconds: None)


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


@dataclass
class Month:
    demo: Office
    settings: Path
    seed: int
    deals: dict[str, Sold] = field(default_factory=dict)
    closed: list[tuple[datetime, str, date]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _late: list[tuple[str, date]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311
        self.rep = SalesRep(self.demo.sandbox)
        self.keeper = BookKeeper(self.demo.sandbox)
        self.today = SESSIONS[0].date()
        self._payments: dict[str, str] = {}
        self._on_hold: set[str] = set()
        self._customers = {
            one["id"]: one["properties"]
            for one in self.demo.sandbox.control.books("hubspot")
            if one["type"] == "companies" and one["properties"].get("intacct_customer_id")
        }
        self._companies: dict[str, list[str]] = {
            entity: [i for i, p in self._customers.items() if p.get("country") == country][:4]
            for entity, country in COUNTRY.items()
        }
        self._number = 0

    def day(self, at: datetime) -> None:
        """What people do until ``at``; the flows have not seen it yet."""
        self.demo.sandbox.control.set_clock(at)
        self.today = at.date()
        self._close_periods(at)
        for _ in range(5):
            self._wins()
        for _ in range(9):
            self.random.choice(self._events())()

    def run_flows(self) -> None:
        """Every flow once, as its schedule would; then a person releases most of what waits for consent."""
        # What was just written is found by searches, and lies behind the settling time.
        self.demo.sandbox.control.advance(60)
        for flow in FLOWS:
            self.run(flow)
        waiting = [h for h in self.demo.store().open_holds(won_deals.FLOW.name) if h.code == "needs_approval"]
        chosen = [h for h in waiting if self.random.random() < 0.8]
        if chosen:
            ids = [h.source_id for h in chosen]
            self.tell(f"consents to the changes of {', '.join(ids)}")
            self.run(won_deals.FLOW, record_ids=ids, approve=[f"{h.source_id}:{h.details['hash']}" for h in chosen])
            self.demo.sandbox.control.advance(60)
            self.run(payments.FLOW)
        self.demo.sandbox.control.advance(60)

    def run(self, flow: Flow, **params: Any) -> Mapping[str, int]:
        """A run whose task is tried again as the scheduler does it, with the same run id."""
        self._number += 1
        for attempt in range(1, 9):
            try:
                return self.demo.run_flow(flow, run_id=f"run-{self._number}", attempt=attempt, **params)
            except TransientError as error:
                self.tell(f"{flow.name} tries again: {error.message}")
        raise AssertionError(f"{flow.name} did not come through")

    def tell(self, what: str) -> None:
        self.log.append(f"{self.today} {what}")

    # Sales.

    def _wins(self) -> None:
        entity, currency = self.random.choice(list(BANKS))
        company = self._company(entity)
        deal = self.rep.create("deals", self._stage(won=True, currency=currency, amount="0"), [(company, 5)])
        sold = Sold(deal, company, entity, currency, {})
        for _ in range(self.random.randint(1, 3)):
            self._add_line(sold)
        if self.random.random() < 0.2:
            self._add_subscription(sold)
        self.deals[deal] = sold
        self._priced(sold, f"is won in {entity}")

    def _company(self, entity: str) -> str:
        if self.random.random() < 0.5 and self._companies[entity]:
            return self.random.choice(self._companies[entity])
        self._number += 1
        name = f"Month {self.seed} {self.random.choice(['Kilns', 'Orchards', 'Foundry'])} {self._number}"
        made = self.rep.create(
            "companies",
            {"name": name, "country": COUNTRY[entity], "domain": f"m{self.seed}-{self._number}.example"},
        )
        self._companies[entity].append(made)
        return made

    def _stage(self, *, won: bool, **more: str) -> dict[str, str]:
        at = self.demo.sandbox.control.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._number += 1
        named = {"dealname": f"Deal {self.seed}-{self._number}", "closedate": at} if "currency" in more else {}
        if "currency" in more:
            more["deal_currency_code"] = more.pop("currency")
        return {**named, "pipeline": "default", "dealstage": "closedwon" if won else "closedlost", **more}

    def _price(self, currency: str) -> Decimal:
        places = 0 if currency == "JPY" else self.random.choice([0, 2, 2, 3])
        drawn = Decimal(self.random.randint(5_000, 900_000)).scaleb(-places)
        return drawn if places == 3 or currency == "JPY" else Decimal(str(round(drawn / 10, places)))

    def _add_line(self, sold: Sold) -> None:
        sku, quantity = self.random.choice(PRODUCTS), Decimal(self.random.randint(1, 12))
        price = self._price(sold.currency)
        line = {"name": sku.title(), "hs_sku": sku, "quantity": str(quantity), "price": str(price)}
        sold.lines[self.rep.create("line_items", line, [(sold.deal, LINE_ITEM_TO_DEAL)])] = quantity, price

    def _add_subscription(self, sold: Sold) -> None:
        quantity, price = Decimal(self.random.randint(1, 5)), self._price(sold.currency)
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
        self.tell(f"deal {sold.deal} {what}: {sold.total} {sold.currency}")

    def _events(self) -> list[Any]:
        often = [self._changes_amount, self.pays_part, self.pays, self._reverses_payment]
        return [
            *often,
            *often,
            self._adds_line,
            self._swaps_product,
            self._moves,
            self._changes_currency,
            self._loses,
            self._reopens,
            self._overpays,
            self._credits,
            self._writes_off,
            self._reverses_invoice,
            self._holds_or_releases,
            self._merges,
        ]

    def _some(self, *, won: bool = True) -> Sold | None:
        fitting = [one for one in self.deals.values() if one.is_won == won]
        return self.random.choice(fitting) if fitting else None

    def _changes_amount(self) -> None:
        if sold := self._some():
            line = self.random.choice(list(sold.lines))
            quantity, price = sold.lines[line]
            sold.lines[line] = max(Decimal(1), quantity + self.random.randint(-4, 4)), price
            self.rep.change("line_items", line, quantity=str(sold.lines[line][0]))
            self._priced(sold, "changes its quantity")

    def _adds_line(self) -> None:
        if sold := self._some():
            self._add_line(sold)
            self._priced(sold, "gets a line")

    def _swaps_product(self) -> None:
        if sold := self._some():
            line, sku = self.random.choice(list(sold.lines)), self.random.choice(PRODUCTS)
            self.rep.change("line_items", line, hs_sku=sku, name=sku.title())
            self._priced(sold, "swaps a product")

    def _moves(self) -> None:
        """Another company of the same country pays for the deal."""
        if sold := self._some():
            company = self._company(sold.entity)
            path = f"/crm/v4/objects/deals/{sold.deal}/associations/companies"
            primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
            self.demo.hubspot().request("DELETE", f"{path}/{sold.company}")
            self.demo.hubspot().request("PUT", f"{path}/{company}", body=primary)
            sold.company = company
            self._priced(sold, f"moves to company {company}")

    def _changes_currency(self) -> None:
        if (sold := self._some()) and sold.currency != "JPY":
            others = [code for entity, code in BANKS if entity == sold.entity and code not in ("JPY", sold.currency)]
            sold.currency = self.random.choice(others)
            self.rep.change("deals", sold.deal, deal_currency_code=sold.currency)
            self._priced(sold, f"is in {sold.currency} now")

    def _loses(self) -> None:
        if sold := self._some():
            sold.is_won, sold.unwon = False, True
            self.rep.change("deals", sold.deal, dealstage="closedlost")
            self._priced(sold, "is lost")

    def _reopens(self) -> None:
        """A lost deal is won again, or a won one goes back to negotiation."""
        if (sold := self._some(won=False)) and self.random.random() < 0.6:
            sold.is_won = True
            self.rep.change("deals", sold.deal, dealstage="closedwon")
            self._priced(sold, "is won again")
        elif sold := self._some():
            sold.is_won, sold.unwon = False, True
            self.rep.change("deals", sold.deal, dealstage="contractsent")
            self._priced(sold, "is reopened")

    def _merges(self) -> None:
        """Two companies of one country become one, as HubSpot's users do it."""
        entity = self.random.choice(list(COUNTRY))
        made = [one for one in self._companies[entity] if one not in self._customers]
        if len(made) < 2:
            return
        kept, gone = self.random.sample(made, 2)
        body = {"primaryObjectId": kept, "objectIdToMerge": gone}
        merged = str(self.demo.hubspot().request("POST", "/crm/v3/objects/companies/merge", body=body).body["id"])
        self._companies[entity] = [one for one in self._companies[entity] if one not in (kept, gone)] + [merged]
        for sold in self.deals.values():
            sold.company = merged if sold.company in (kept, gone) else sold.company
        self.tell(f"companies {kept} and {gone} become {merged}")

    # The bank and the books.

    def _open_invoice(self) -> tuple[dict[str, Any], Sold] | None:
        found = [
            (one, self.deals[one["TIEOUT_KEY"].split("-")[2]])
            for one in self.demo.invoices()
            if one.get("TIEOUT_KEY", "").startswith("hs-deal-")
            and one["STATE"] in ("Posted", "Partially Paid")
            and one["TIEOUT_KEY"].split("-")[2] in self.deals
        ]
        return self.random.choice(found) if found else None

    def _share(self, due: Decimal, currency: str) -> Decimal:
        part = due * self.random.randint(10, 90) / 100
        return max(part.quantize(CENT.get(currency, Decimal("0.01"))), CENT.get(currency, Decimal("0.01")))

    def _pay(self, *, share: bool = False, extra: Decimal = Decimal(0)) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            due = Decimal(invoice["TRX_TOTALDUE"])
            currency = invoice["CURRENCY"]
            applied = self._share(due, currency) if share else due
            made = self.keeper.pay(
                invoice,
                applied + extra,
                self.today,
                bank=BANKS[sold.entity, currency],
                reference=f"BANK-{self.seed}-{len(self.log)}",
                applied=applied,
            )
            self._payments[made] = sold.deal
            self.tell(f"{applied + extra} {currency} come for {invoice['RECORDID']} of deal {sold.deal}")

    def pays(self) -> None:
        self._pay()

    def pays_part(self) -> None:
        self._pay(share=True)

    def _overpays(self) -> None:
        self._pay(extra=Decimal(self.random.randint(5, 500)))

    def _reverses_payment(self) -> None:
        if self._payments and self.random.random() < 0.6:
            payment = self.random.choice(list(self._payments))
            deal = self._payments.pop(payment)
            self.keeper.reverse_payment(payment, self.today, "NSF")
            self.tell(f"payment {payment} of deal {deal} bounces")

    def _memo(self, account: str, *, apply: bool) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            amount = self._share(Decimal(invoice["TRX_TOTALDUE"]), invoice["CURRENCY"])
            memo = self.keeper.credit(invoice, amount, self.today, coding=Coding(account, sold.entity, "HW"))
            if apply:
                self.keeper.apply(invoice, memo, amount, self.today, account="1090")
            sold.by_hand = True
            self.tell(
                f"{amount} {invoice['CURRENCY']} of {invoice['RECORDID']} are credited on {account}, applied: {apply}"
            )

    def _credits(self) -> None:
        self._memo("4100", apply=self.random.random() < 0.6)

    def _writes_off(self) -> None:
        self._memo("6900", apply=True)

    def _reverses_invoice(self) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            try:
                self.keeper.reverse_invoice(invoice["RECORDNO"], self.today, "entered by mistake")
            except Refused:
                return  # a part of it is paid
            sold.by_hand = True
            self.tell(f"{invoice['RECORDID']} of deal {sold.deal} is reversed by hand")

    def _holds_or_releases(self) -> None:
        if self._on_hold and self.random.random() < 0.6:
            customer = self._on_hold.pop()
            self.keeper.change_customer(customer, ONHOLD="false")
            self.tell(f"{customer} is released")
        elif found := self._open_invoice():
            customer = found[0]["CUSTOMERID"]
            self._on_hold.add(customer)
            self.keeper.change_customer(customer, ONHOLD="true")
            self.tell(f"{customer} is put on hold")

    def _close_periods(self, at: datetime) -> None:
        for entity, through in self._late:
            self._tell_settings(entity, through)
        self._late = []
        for day, entity, through, late in CLOSES:
            if day == at.date():
                fields = {"LOCATIONID": entity, "MODULE": "AR", "THROUGH": through.isoformat()}
                self.demo.sandbox.sandbox.twins["intacct"].load([{"object": "_CLOSED", "fields": fields}])
                self.closed.append((at, entity, through))
                self.tell(f"entity {entity} closes receivables through {through}")
                if late:
                    self._late.append((entity, through))
                else:
                    self._tell_settings(entity, through)

    def _tell_settings(self, entity: str, through: date) -> None:
        file = self.settings / "books.yaml"
        head, mark, rest = file.read_text().partition(f'  "{entity}":')
        before, key, after = rest.partition("closed_through: ")
        file.write_text(head + mark + before + key + through.isoformat() + after[10:])
