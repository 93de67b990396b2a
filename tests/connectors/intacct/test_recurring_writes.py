"""Recurring invoices that Tieout makes: in the schema's order, with an end, once, and found by their key."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.intacct.recurring import get_recurring_invoices
from include.connectors.intacct.recurring_writes import build_create_recurringinvoice
from include.core.decisions import Json, Key, Write
from include.core.errors import Rejected, SettingsError
from include.core.target import Written
from tests.connectors.intacct.more_books import fill
from tests.connectors.intacct.small_books import Books, send


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


def payload(**more: Any) -> Json:
    line = {"glaccountno": "4000", "amount": "100.00", "locationid": "100", "departmentid": "D10", "itemid": "PLAN"}
    return {
        "recurinvoiceitems": [line | {"classid": "SAAS"}],
        "ending": {"occurrences": "11"},
        "startdate": "2026-12-03",
        "modenew": "Months",
        "interval": "1",
        "customerid": "C-1",
        "datecreated": "2026-12-03",
        "termname": "N30",
        **more,
    }


def write(deal: int) -> Write:
    key = Key("intacct", "recurring_invoice", "hubspot", "deal", str(deal), "recurring")
    expect = {"TRX_TOTALENTERED": "100.00", "CUSTOMERID": "C-1"}
    return Write(key, payload(RECORDID=key.document_key()), {"deal": deal}, expect)


def test_a_recurring_invoice_is_written_once_and_found_by_its_key(books: Books) -> None:
    target, writes = books.target(), [write(1), write(2)]
    assert target.find(writes) == {}
    (outcome,) = target.send([send(writes[0])])
    assert isinstance(outcome, Written)
    hit = target.find(writes)[writes[0].key]
    assert (hit.target_id, hit.natural_id) == (outcome.target_id, "hs-deal-1-recurring")
    assert hit.actual == dict(writes[0].expect)
    assert set(target.find(writes)) == {writes[0].key}
    (read,) = get_recurring_invoices(books.client(), [outcome.target_id])
    assert (str(read.start), read.repeat_by, read.repeat_count, read.active) == ("2026-12-03", "Months", 11, True)


@pytest.mark.parametrize(
    "change",
    [
        {"ending": {}},
        {"ending": {"occurrences": "0"}},
        {"ending": None},
        {"startdate": None},
        {"recurinvoiceitems": []},
        {"recurinvoiceitems": [{"glaccountno": "4000"}]},
        {"recurinvoiceitems": [{"glaccountno": "4000", "accountlabel": "Plans", "amount": "1"}]},
        {"currency": "EUR"},
    ],
)
def test_one_without_an_end_or_with_unusable_lines_is_refused_before_it_is_sent(change: Json) -> None:
    with pytest.raises(Rejected):
        build_create_recurringinvoice(payload(**change))


def test_a_name_that_the_schema_does_not_have_is_a_matter_of_settings() -> None:
    with pytest.raises(SettingsError, match="has no field 'dateposted'"):
        build_create_recurringinvoice(payload(dateposted="2026-12-03"))
