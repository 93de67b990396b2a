"""Vendors, their bills and what was paid of them."""

from __future__ import annotations

from include.sandbox.company.backoffice.records import RATE_TYPE, Record, record


def _vendor(
    vendor: str, name: str, currency: str, term: str, country: str, email: str, tax_id: str = "", **more: str
) -> Record:
    return record(
        "VENDOR",
        **{
            "VENDORID": vendor,
            "NAME": name,
            "STATUS": "active",
            "CURRENCY": currency,
            "TERMNAME": term,
            "TAXID": tax_id,
            "DISPLAYCONTACT.PRINTAS": name,
            "DISPLAYCONTACT.COMPANYNAME": name,
            "DISPLAYCONTACT.EMAIL1": email,
            "DISPLAYCONTACT.MAILADDRESS.COUNTRY": country,
            **more,
        },
    )


def _bill(
    number: str, vendor: str, entity: str, currency: str, dated: str, term: str, *lines: Record, **more: str
) -> Record:
    return record(
        "APBILL",
        *({**line, "LOCATIONID": entity, "DEPARTMENTID": "D10"} for line in lines),
        VENDORID=vendor,
        RECORDID=number,
        WHENCREATED=dated,
        WHENPOSTED=dated,
        TERMNAME=term,
        CURRENCY=currency,
        EXCH_RATE_TYPE_ID=RATE_TYPE,
        **more,
    )


def _for(account: str, amount: str, memo: str) -> Record:
    return {"ACCOUNTNO": account, "TRX_AMOUNT": amount, "ENTRYDESCRIPTION": memo}


def _paid(vendor: str, bank: str, on: str, *bills: tuple[str, str]) -> Record:
    return record(
        "APPYMT",
        *({"RECORDID": number, "TRX_PAYMENTAMOUNT": amount} for number, amount in bills),
        VENDORID=vendor,
        FINANCIALENTITY=bank,
        PAYMENTMETHOD="EFT",
        PAYMENTDATE=on,
        DESCRIPTION=f"Payment run of {on}",
    )


_VENDORS = (
    # A customer that we also buy from: C-9001, the same tax id.
    _vendor(
        "V-1001",
        "Pell Hydroponics Inc",
        "USD",
        "N30",
        "United States",
        "billing@pell-hydroponics.example",
        "58-2210934",
    ),
    # Known to HubSpot by tax id, and by name only.
    _vendor(
        "V-1002",
        "Ferrers Circuit Works Ltd",
        "GBP",
        "N30",
        "United Kingdom",
        "accounts@ferrers-circuits.example",
        "GB733091824",
    ),
    _vendor("V-1003", "Lowmoor Haulage LLC", "USD", "N15", "United States", "office@lowmoor-haulage.example"),
    # Nearly the same name as V-1003, another company.
    _vendor(
        "V-1004", "Lowmoor Haulage Services LLC", "USD", "N15", "United States", "office@lmhs.example", "27-6630185"
    ),
    _vendor("V-1005", "Eichgrund Immobilien GmbH", "EUR", "N15", "Germany", "miete@eichgrund.example", "DE244908317"),
    _vendor(
        "V-1006", "Nimbus Row Hosting BV", "EUR", "N30", "Netherlands", "invoices@nimbus-row.example", "NL814402951B01"
    ),
    _vendor(
        "V-1007", "Old Pier Printing Ltd", "GBP", "N30", "United Kingdom", "mail@old-pier.example", STATUS="inactive"
    ),
)
_BILLS = (
    _bill(
        "PH-3310",
        "V-1001",
        "100",
        "USD",
        "2026-10-21",
        "N30",
        _for("5000", "1275.00", "Nutrient sensors"),
        DESCRIPTION="Open, due 20 November",
    ),
    _bill(
        "FCW-10482",
        "V-1002",
        "200",
        "GBP",
        "2026-09-02",
        "N30",
        _for("5000", "4860.00", "Circuit boards"),
        DESCRIPTION="Paid in part, overdue",
    ),
    _bill(
        "FCW-10517",
        "V-1002",
        "200",
        "GBP",
        "2026-10-30",
        "N30",
        _for("5000", "3120.50", "Circuit boards"),
        _for("6200", "84.00", "Carriage"),
        DESCRIPTION="Open",
    ),
    _bill(
        "FCW-US-091",
        "V-1002",
        "100",
        "GBP",
        "2026-10-06",
        "N30",
        _for("5000", "990.00", "Prototype boards"),
        DESCRIPTION="Open, in pounds in a dollar entity",
    ),
    _bill(
        "LH-7702",
        "V-1003",
        "100",
        "USD",
        "2026-08-18",
        "N15",
        _for("6200", "642.75", "Freight, August"),
        DESCRIPTION="Paid",
    ),
    _bill(
        "LH-7791",
        "V-1003",
        "100",
        "USD",
        "2026-10-19",
        "N15",
        _for("6200", "711.40", "Freight, October"),
        DESCRIPTION="Open, overdue",
    ),
    _bill(
        "LMHS-118",
        "V-1004",
        "100",
        "USD",
        "2026-11-04",
        "N15",
        _for("6200", "190.00", "Pallet storage"),
        DESCRIPTION="Open",
        ONHOLD="true",
    ),
    _bill(
        "EI-2026-10",
        "V-1005",
        "300",
        "EUR",
        "2026-10-01",
        "N15",
        _for("6100", "3400.00", "Rent, October"),
        DESCRIPTION="Paid",
    ),
    _bill(
        "EI-2026-11",
        "V-1005",
        "300",
        "EUR",
        "2026-11-01",
        "N15",
        _for("6100", "3400.00", "Rent, November"),
        DESCRIPTION="Open, due today",
    ),
    _bill(
        "NR-55120",
        "V-1006",
        "300",
        "EUR",
        "2026-10-31",
        "N30",
        _for("6300", "1186.20", "Hosting, October"),
        DESCRIPTION="Open",
    ),
    _bill(
        "NR-55388",
        "V-1006",
        "300",
        "EUR",
        "2026-11-15",
        "N30",
        _for("6300", "1201.90", "Hosting, November"),
        DESCRIPTION="Not submitted yet",
        STATE="Draft",
    ),
)
_PAYMENTS = (
    _paid("V-1003", "BW-US-USD", "2026-09-02", ("LH-7702", "642.75")),
    _paid("V-1002", "BW-UK-GBP", "2026-10-09", ("FCW-10482", "2000.00")),
    _paid("V-1005", "BW-DE-EUR", "2026-10-16", ("EI-2026-10", "3400.00")),
)
PAYABLES: tuple[Record, ...] = (*_VENDORS, *_BILLS, *_PAYMENTS)
