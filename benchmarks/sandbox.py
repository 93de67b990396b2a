"""How fast the twins are: the figures that tell whether they, or what is tested on them, is the bottleneck."""

from __future__ import annotations

import itertools
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks import servers
from benchmarks.calls import Call, Client, measured
from benchmarks.measuring import Measured
from include.sandbox.access import INTACCT_PATH, Access, IntacctAccess
from include.sandbox.company import generate
from include.sandbox.company.catalogue import BY_SKU
from include.sandbox.company.model import Document

ROWS = 2_000
PAGE = 100
_FIELDS = ("RECORDNO", "RECORDID", "CUSTOMERID", "WHENCREATED", "TRX_TOTALENTERED", "STATE")
_PROPERTIES = ["dealname", "amount", "closedate", "dealstage", "deal_currency_code", "hs_lastmodifieddate"]


def measure(deals: int, invoices: int, seconds: float) -> list[Measured]:
    """All figures, over twins with a company of this size on files. The rounds of a call take ``seconds`` each."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        data = Path(folder)
        with servers.twins(data, deals, invoices) as told:
            figures = [_seeding(told["seeded"], deals, invoices, data)]
            access = Access.at(told["url"])
            with closing(Client(told["url"], access.hubspot.token)) as client:
                for call in (*intacct_calls(access.intacct, _document(deals, invoices)), *hubspot_calls(deals)):
                    figures.append(measured(call, client, seconds))
    return figures


def _seeding(seeded: Mapping[str, Any], deals: int, invoices: int, folder: Path) -> Measured:
    """Beside it: the same records generated and put, as JSON, into one table."""
    started, number = time.perf_counter(), sum(seeded["records"].values())
    company = generate(deals, invoices=invoices)
    with closing(sqlite3.connect(folder / "bare.sqlite")) as database, database:
        database.execute("CREATE TABLE record (body TEXT)")
        both = itertools.chain(company.records("intacct"), company.records("hubspot"))
        database.executemany("INSERT INTO record VALUES (?)", ((json.dumps(record),) for record in both))
    return Measured("seeding", "records", number / seeded["seconds"], number / (time.perf_counter() - started))


def _document(deals: int, invoices: int) -> Document:
    """A document in dollars of the company: whom an invoice can be for."""
    units = generate(deals, invoices=invoices).units()
    documents = itertools.chain.from_iterable(unit.documents for unit in units if not unit.deals)
    return next(document for document in documents if document.currency == "USD" and document.entity == "100")


def intacct_calls(access: IntacctAccess, like: Document) -> Sequence[Call]:
    """Pages of invoices, and new invoices for the customer of the document, one or a hundred in a request."""
    numbers = itertools.count()
    query = _query()

    def call(name: str, of: str, function: str, times: int, proof: bytes, proofs: int) -> Call:
        return Call(
            name,
            of,
            INTACCT_PATH,
            "application/xml",
            _envelopes(access, numbers, function, times),
            proof,
            proofs,
            times,
        )

    invoice = _invoice(like)
    return (
        call("query of 2,000 invoices", "pages", query, 1, b"<RECORDNO>", ROWS),
        call("create_invoice, one a request", "invoices", invoice, 1, b"<key>", 1),
        call("create_invoice, 100 a request", "invoices", invoice, 100, b"<key>", 100),
    )


def _envelopes(access: IntacctAccess, numbers: Iterator[int], function: str, times: int) -> Callable[[], bytes]:
    """Makes requests with so many of the function, each with a control id of its own."""
    head = (
        f"<request><control><senderid>{access.sender_id}</senderid><password>{access.sender_password}</password>"
        "<controlid>bench</controlid><uniqueid>false</uniqueid><dtdversion>3.0</dtdversion></control><operation>"
        f"<authentication><login><userid>{access.user_id}</userid><companyid>{access.company_id}</companyid>"
        f"<password>{access.user_password}</password></login></authentication><content>"
    )

    def make() -> bytes:
        functions = (f'<function controlid="{next(numbers)}">{function}</function>' for _ in range(times))
        return f"{head}{''.join(functions)}</content></operation></request>".encode()

    return make


def _query() -> str:
    fields = "".join(f"<field>{name}</field>" for name in _FIELDS)
    return f"<query><object>ARINVOICE</object><select>{fields}</select><pagesize>{ROWS}</pagesize></query>"


def _invoice(like: Document) -> str:
    account = BY_SKU["SENSOR-1"].account
    return (
        f"<create_invoice><customerid>{escape(like.customer.id)}</customerid><datecreated><year>2026</year>"
        f"<month>11</month><day>2</day></datecreated><termname>{like.customer.term}</termname><invoiceitems><lineitem>"
        f"<glaccountno>{account}</glaccountno><amount>120.50</amount><memo>Benchmark</memo>"
        f"<locationid>{like.entity}</locationid></lineitem></invoiceitems></create_invoice>"
    )


def hubspot_calls(deals: int) -> Sequence[Call]:
    """A page of deals found by stage, a batch read and a batch update of a hundred deals."""
    ids = _deal_ids(deals)
    numbers = itertools.count()
    search = {
        "filterGroups": [{"filters": [{"propertyName": "amount", "operator": "HAS_PROPERTY"}]}],
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
        "properties": _PROPERTIES,
        "limit": PAGE,
    }
    read = {"properties": _PROPERTIES, "inputs": [{"id": one} for one in ids]}

    def update() -> bytes:
        text = f"bench {next(numbers)}"
        return json.dumps({"inputs": [{"id": one, "properties": {"description": text}} for one in ids]}).encode()

    def call(name: str, of: str, path: str, body: Callable[[], bytes], each: int = 1) -> Call:
        return Call(name, of, f"/crm/v3/objects/deals/{path}", "application/json", body, b'"properties":', PAGE, each)

    return (
        call("search of 100 deals", "pages", "search", json.dumps(search).encode),
        call("batch read of 100 deals", "batches", "batch/read", json.dumps(read).encode),
        call("batch update of 100 deals", "deals", "batch/update", update, PAGE),
    )


def _deal_ids(deals: int) -> list[str]:
    told = (deal.id for unit in generate(deals).units() for deal in unit.deals)
    return list(itertools.islice(told, PAGE))
