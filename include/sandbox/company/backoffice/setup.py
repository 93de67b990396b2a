"""Accounts, terms, bank accounts and transaction definitions that the back office works with."""

from __future__ import annotations

from include.sandbox.company.backoffice.records import Record, record

_ACCOUNTS = (
    ("1010", "Bank, New York (USD)", "debit", "balancesheet"),
    ("1011", "Bank, New York (EUR)", "debit", "balancesheet"),
    ("1012", "Bank, New York (JPY)", "debit", "balancesheet"),
    ("1020", "Bank, London (GBP)", "debit", "balancesheet"),
    ("1021", "Bank, London (USD)", "debit", "balancesheet"),
    ("1030", "Bank, Frankfurt (EUR)", "debit", "balancesheet"),
    ("1031", "Bank, Frankfurt (GBP)", "debit", "balancesheet"),
    ("2000", "Accounts Payable", "credit", "balancesheet"),
    ("5000", "Components Purchased", "debit", "incomestatement"),
    ("6100", "Rent", "debit", "incomestatement"),
    ("6200", "Freight", "debit", "incomestatement"),
    ("6300", "Hosting", "debit", "incomestatement"),
)
_BANKS = (
    ("BW-US-USD", "Harbor Trust", "1010", "100", "USD"),
    ("BW-US-EUR", "Harbor Trust", "1011", "100", "EUR"),
    ("BW-US-JPY", "Harbor Trust", "1012", "100", "JPY"),
    ("BW-UK-GBP", "Thames & Tyne Bank", "1020", "200", "GBP"),
    ("BW-UK-USD", "Thames & Tyne Bank", "1021", "200", "USD"),
    ("BW-DE-EUR", "Mainbank", "1030", "300", "EUR"),
    ("BW-DE-GBP", "Mainbank", "1031", "300", "GBP"),
)
_DEFINITIONS = (
    ("Sales Quote", "Quote", "No", "Quote", "SQ-"),
    ("Sales Order", "Order", "No", "Order", "SO-"),
    ("Sales Invoice", "Invoice", "A", "Invoice", "SI-"),
)

SETUP: tuple[Record, ...] = (
    *(
        record(
            "GLACCOUNT",
            ACCOUNTNO=number,
            TITLE=title,
            NORMALBALANCE=balance,
            ACCOUNTTYPE=kind,
            CLOSINGTYPE="closing account" if kind == "incomestatement" else "non-closing account",
            STATUS="active",
        )
        for number, title, balance, kind in _ACCOUNTS
    ),
    *(
        record(
            "APTERM",
            NAME=f"N{days}",
            DESCRIPTION=f"{days} days net",
            DUEDATE=days,
            DUEFROM="from invoice/bill date",
            STATUS="active",
        )
        for days in ("15", "30")
    ),
    *(
        record(
            "CHECKINGACCOUNT",
            BANKACCOUNTID=bank,
            BANKNAME=name,
            GLACCOUNTNO=account,
            LOCATIONID=entity,
            CURRENCY=currency,
            STATUS="active",
        )
        for bank, name, account, entity, currency in _BANKS
    ),
    *(
        record(
            "SODOCUMENTPARAMS",
            DOCID=name,
            DESCRIPTION=name,
            DOCCLASS=kind,
            UPDATES_INV="No",
            UPDATES_GL=posts,
            SEQUENCE=sequence,
            PREFIX=prefix,
            STATUS="active",
        )
        for name, kind, posts, sequence, prefix in _DEFINITIONS
    ),
)
