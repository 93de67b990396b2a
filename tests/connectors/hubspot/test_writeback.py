from __future__ import annotations

import pytest

from include.connectors.hubspot.batch import batch_update
from include.connectors.hubspot.errors import NotFound, Refusal
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.hubspot.writeback import same_value, update_changed
from tests.connectors.hubspot.twin import Account, account, deal

DEFINITIONS = (
    PropertyDefinition("invoice_number", "Number", "string", "text"),
    PropertyDefinition("invoice_total", "Total", "number", "number"),
    PropertyDefinition("invoice_due", "Due", "date", "date"),
    PropertyDefinition("invoice_seen", "Seen", "datetime", "date"),
)
POSTED = {
    "invoice_number": "0012",
    "invoice_total": "1250.00",
    "invoice_due": "2026-12-16",
    "invoice_seen": "2026-11-16T09:00:00Z",
    "description": "",
}


def prepared(hubspot: Account) -> Account:
    ensure_properties(hubspot.client, "deals", ("tieout", "Tieout"), DEFINITIONS)
    hubspot.sandbox.control.forget_calls()
    return hubspot


def writes(hubspot: Account) -> list[str]:
    return [label for label in hubspot.calls() if "update" in label]


def test_a_second_run_with_the_same_wishes_sends_nothing() -> None:
    with account(*(deal(n) for n in range(1, 251))) as hubspot:
        prepared(hubspot)
        wanted = {str(n): POSTED for n in range(1, 251)}

        first = update_changed(hubspot.client, "deals", wanted)
        sent = writes(hubspot)
        second = update_changed(hubspot.client, "deals", wanted)

        assert (len(first.sent), first.unchanged, first.failed) == (250, (), {})
        assert (second.sent, len(second.unchanged), second.failed) == ((), 250, {})
        assert sent == writes(hubspot) == ["POST deals/batch/update x100"] * 2 + ["POST deals/batch/update x50"]


def test_values_of_one_meaning_in_other_words_are_not_sent() -> None:
    with account(deal(1)) as hubspot:
        prepared(hubspot)
        update_changed(hubspot.client, "deals", {"1": POSTED})
        before = writes(hubspot)

        again = update_changed(
            hubspot.client,
            "deals",
            {
                "1": {
                    "invoice_number": " 0012 ",
                    "invoice_total": "1250.0",
                    "invoice_due": "1797379200000",
                    "invoice_seen": "1794819600000",
                    "description": None,
                }
            },
        )

        assert again.unchanged == ("1",)
        assert writes(hubspot) == before


def test_only_the_properties_that_differ_are_sent() -> None:
    with account(deal(1)) as hubspot:
        prepared(hubspot)
        update_changed(hubspot.client, "deals", {"1": POSTED})

        update_changed(hubspot.client, "deals", {"1": {**POSTED, "invoice_total": "1250.01"}})

        body = hubspot.sandbox.control.calls()[-1]["request_body"]
        assert '"properties":{"invoice_total":"1250.01"}' in body
        assert hubspot.books("deals")["1"]["invoice_total"] == "1250.01"


def test_leading_zeros_of_a_text_are_a_difference() -> None:
    with account(deal(1)) as hubspot:
        prepared(hubspot)
        update_changed(hubspot.client, "deals", {"1": {"invoice_number": "0012"}})

        changed = update_changed(hubspot.client, "deals", {"1": {"invoice_number": "12"}})

        assert changed.sent == ("1",)
        assert hubspot.books("deals")["1"]["invoice_number"] == "12"


def test_a_value_is_cleared_once() -> None:
    with account(deal(1, description="old")) as hubspot:
        first = update_changed(hubspot.client, "deals", {"1": {"description": None}})
        second = update_changed(hubspot.client, "deals", {"1": {"description": ""}})

        assert (first.sent, second.unchanged) == (("1",), ("1",))
        assert "description" not in hubspot.books("deals")["1"]


def test_records_that_are_gone_or_refused_are_told_and_the_others_written() -> None:
    with account(*(deal(n) for n in (1, 2, 3))) as hubspot:
        done = update_changed(
            hubspot.client,
            "deals",
            {"1": {"amount": "5"}, "2": {"amount": "five"}, "3": {"amount": "7"}, "404": {"amount": "9"}},
        )

        assert done.sent == ("1", "3")
        assert set(done.failed) == {"2", "404"}
        assert isinstance(done.failed["404"], NotFound)
        assert isinstance(done.failed["2"], Refusal)
        assert "five" not in str(done.failed["2"])


def test_what_somebody_changed_in_between_is_set_right_again() -> None:
    with account(deal(1)) as hubspot:
        update_changed(hubspot.client, "deals", {"1": {"amount": "5"}})
        batch_update(hubspot.client, "deals", {"1": {"amount": "6"}})

        assert update_changed(hubspot.client, "deals", {"1": {"amount": "5"}}).sent == ("1",)
        assert hubspot.books("deals")["1"]["amount"] == "5"


def test_nothing_wanted_is_no_call() -> None:
    with account() as hubspot:
        assert update_changed(hubspot.client, "deals", {}).sent == ()
        assert hubspot.calls() == []


@pytest.mark.parametrize(
    ("kind", "current", "wanted", "same"),
    [
        ("number", "100", "100.00", True),
        ("number", "1E+2", "100", True),
        ("number", "-0", "0", True),
        ("number", "100", "100.01", False),
        ("string", "100", "100.00", False),
        ("string", "100", " 100 ", True),
        ("string", "Net 30", "net 30", False),
        ("date", "2026-12-16", "1797379200000", True),
        ("date", "2026-12-16", "2026-12-16T00:00:00Z", True),
        ("date", "2026-12-16", "2026-12-17", False),
        ("number", "1797379200000", "1797379200001", False),
        ("datetime", "2026-11-16T09:00:00.000Z", "2026-11-16T10:00:00+01:00", True),
        ("datetime", "2026-11-16T09:00:00.000Z", "2026-11-16T09:00:01Z", False),
        ("bool", "true", "True", True),
        ("bool", "true", "false", False),
        ("enumeration", "a;b", "b;a", True),
        ("enumeration", "a;b", "a", False),
        ("enumeration", "US", "us", False),
        ("string", "a;b", "b;a", False),
        (None, "100", "100.00", False),
        ("string", None, "", True),
        ("string", None, "x", False),
        ("string", "x", None, False),
    ],
)
def test_values_are_compared_as_what_their_property_holds(
    kind: str | None, current: str | None, wanted: str | None, same: bool
) -> None:
    assert same_value(current, wanted, lambda: kind) is same
