"""What Brightwater Instruments sells, and how its books and its sales floor are set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

GO_LIVE = date(2026, 8, 1)
TODAY = date(2026, 11, 16)
ZONES = {"100": "America/New_York", "200": "Europe/London", "300": "Europe/Berlin"}
BASE = {"100": "USD", "200": "GBP", "300": "EUR"}
CLOSED_THROUGH = {"100": date(2026, 9, 30), "200": date(2026, 9, 30), "300": date(2026, 6, 30)}
FIRST_OPEN_DAY = {"100": date(2026, 10, 1), "300": date(2026, 7, 1)}
"""By entity whose policy moves a closed date to the first open day; entity 200 holds such a deal."""
BILLING_ENTITIES = {"US": "100", "UK": "200", "DE": "300"}
TERMS = ("N15", "N30", "EOM30")

SALES_PIPELINE = "default"
PARTNER_PIPELINE = "78411290"
SALES_STAGES = (
    ("appointmentscheduled", "Appointment scheduled", "false", "0.2"),
    ("qualifiedtobuy", "Qualified to buy", "false", "0.4"),
    ("presentationscheduled", "Presentation scheduled", "false", "0.6"),
    ("decisionmakerboughtin", "Decision maker bought in", "false", "0.8"),
    ("contractsent", "Contract sent", "false", "0.9"),
    ("closedwon", "Closed won", "true", "1.0"),
    ("closedlost", "Closed lost", "true", "0.0"),
)
PARTNER_STAGES = (
    ("186520411", "Talking", "false", "0.3"),
    ("186520413", "Closed won (paper)", "false", "0.9"),
    ("186520417", "Signed", "true", "1.0"),
    ("186520419", "Dropped", "true", "0.0"),
)
WON_STAGE = {SALES_PIPELINE: "closedwon", PARTNER_PIPELINE: "186520417"}
LOST_STAGE = {SALES_PIPELINE: "closedlost", PARTNER_PIPELINE: "186520419"}


@dataclass(frozen=True, slots=True)
class Product:
    """``price`` is the list price in US dollars; ``frequency`` the usual billing of a recurring product."""

    id: str
    sku: str
    name: str
    kind: str
    account: str
    price: str
    frequency: str = ""


PRODUCTS = (
    Product("15203300117", "PLAN-TEAM", "Team plan, per seat", "Subscription", "4000", "49", "monthly"),
    Product("15203300284", "PLAN-ENT", "Enterprise plan, per seat", "Subscription", "4000", "1188", "annually"),
    Product("15203300351", "SENSOR-1", "Temperature and humidity sensor", "Hardware", "4100", "189.5"),
    Product("15203300428", "GATEWAY-2", "Radio gateway", "Hardware", "4100", "745"),
    Product("15203300593", "ONBOARD", "Onboarding package", "Services", "4200", "2400"),
    Product("15203300660", "TRAIN-DAY", "Training day", "Services", "4200", "1350"),
    Product("15203300737", "SUPPORT-GOLD", "Gold support", "Support", "4300", "320", "monthly"),
    Product("15203300804", "LEGACY-ADDON", "Legacy add-on", "Add-on", "", "75"),
)
BY_SKU = {product.sku: product for product in PRODUCTS}

ACCOUNTS = (
    ("1000", "Cash", "debit", "balancesheet"),
    ("1090", "Undeposited Funds", "debit", "balancesheet"),
    ("1100", "Accounts Receivable", "debit", "balancesheet"),
    ("2400", "Deferred Revenue", "credit", "balancesheet"),
    ("4000", "Subscription Revenue", "credit", "incomestatement"),
    ("4100", "Hardware Revenue", "credit", "incomestatement"),
    ("4200", "Services Revenue", "credit", "incomestatement"),
    ("4300", "Support Revenue", "credit", "incomestatement"),
    ("4900", "Sales Discounts", "debit", "incomestatement"),
    ("6900", "Bad Debt", "debit", "incomestatement"),
    ("7900", "Realised FX", "debit", "incomestatement"),
    ("7910", "Rounding", "debit", "incomestatement"),
)

# Units of the base currency for one unit of the first currency, at the start of the story; CHF has none.
RATES = {
    ("EUR", "USD"): 10847,
    ("GBP", "USD"): 12710,
    ("JPY", "USD"): 66,
    ("USD", "GBP"): 7868,
    ("EUR", "GBP"): 8534,
    ("JPY", "GBP"): 52,
    ("USD", "EUR"): 9219,
    ("GBP", "EUR"): 11718,
    ("JPY", "EUR"): 61,
}
"""In ten-thousandths."""

OWNERS = (
    ("71530411", "8801411", "Ines", "Lindqvist", True),
    ("71530423", "8801423", "Tariq", "Brennan", True),
    ("71530437", "8801437", "Clara", "Vogel", True),
    ("71530449", "8801449", "Samuel", "Okafor", True),
    ("71530402", "8801402", "Wanda", "Hallam", False),
)
"""Owner id, user id, given and family name, and whether the person is still there."""
