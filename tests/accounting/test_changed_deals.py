"""Cases 64 to 67 and the table of changed deals (5.2), one test a cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.document_key import DocumentKey
from include.core.changed_deal_table import (
    ACTIONS,
    CHANGES,
    STATES,
    TABLE,
    Action,
    Change,
    Choices,
    State,
    actions,
    credit_split,
    moved,
    needs_approval,
)
from include.core.decisions import Hold, Skip, canonical_hash
from include.core.money import Money
from include.core.sync.changes import unlike
from include.flows.deals.gone import report_gone
from include.flows.deals.live import LiveDeal, LiveInvoice
from include.flows.sync.field_agreement import Shown, settle
from tests.accounting.amounts import positive, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import KNOWN, deal, decide, hold, invoice
from tests.flows.test_standings import settled, stands

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OTHER = Choices(unpaid_open_period="adjust", paid_decrease="refund")
NOTHING: tuple[Action, ...] = ("nothing",)
ANY = (True, False)

# Written from table 5.2, not from the code: (state, is the period open, change, what is done, what the settings'
# other choice does instead).
CELLS: list[tuple[State, tuple[bool, ...], Change, tuple[Action, ...], tuple[Action, ...] | None]] = [
    ("none", ANY, "amount_up", ("replan",), None),
    ("none", ANY, "amount_down", ("replan",), None),
    ("none", ANY, "unwon", ("drop_plan",), None),
    ("none", ANY, "company_changed", ("replan",), None),
    ("none", ANY, "currency_changed", ("replan",), None),
    ("none", ANY, "lines_changed_same_total", ("replan",), None),
    ("draft", ANY, "amount_up", ("edit_draft",), None),
    ("draft", ANY, "amount_down", ("edit_draft",), None),
    ("draft", ANY, "unwon", ("delete_draft",), None),
    ("draft", ANY, "company_changed", ("delete_draft", "replan"), None),
    ("draft", ANY, "currency_changed", ("delete_draft", "replan"), None),
    ("draft", ANY, "lines_changed_same_total", ("edit_draft",), None),
    ("posted_unpaid", (True,), "amount_up", ("reverse_and_recreate",), ("supplementary_invoice",)),
    ("posted_unpaid", (True,), "amount_down", ("reverse_and_recreate",), ("credit_memo_open_part",)),
    ("posted_unpaid", (True,), "unwon", ("reverse",), None),
    ("posted_unpaid", (True,), "company_changed", ("reverse_and_recreate",), None),
    ("posted_unpaid", (True,), "currency_changed", ("reverse_and_recreate",), None),
    ("posted_unpaid", (True,), "lines_changed_same_total", ("reverse_and_recreate",), None),
    ("posted_unpaid", (False,), "amount_up", ("supplementary_invoice",), None),
    ("posted_unpaid", (False,), "amount_down", ("credit_memo_open_part",), None),
    ("posted_unpaid", (False,), "unwon", ("credit_memo_full",), None),
    ("posted_unpaid", (False,), "company_changed", ("credit_memo_full", "replan"), None),
    ("posted_unpaid", (False,), "currency_changed", ("credit_memo_full", "replan"), None),
    ("posted_unpaid", (False,), "lines_changed_same_total", ("reclass_task",), None),
    ("partly_paid", ANY, "amount_up", ("supplementary_invoice",), None),
    ("partly_paid", ANY, "amount_down", ("credit_memo_open_part", "refund_decision_task"), None),
    ("partly_paid", ANY, "unwon", ("credit_memo_open_part", "refund_decision_task"), None),
    ("partly_paid", ANY, "company_changed", ("refund_decision_task",), None),
    ("partly_paid", ANY, "currency_changed", ("refund_decision_task",), None),
    ("partly_paid", ANY, "lines_changed_same_total", ("reclass_task",), None),
    ("paid", ANY, "amount_up", ("supplementary_invoice",), None),
    ("paid", ANY, "amount_down", ("credit_memo_full",), ("credit_memo_full", "refund_decision_task")),
    ("paid", ANY, "unwon", ("credit_memo_full", "refund_decision_task"), None),
    ("paid", ANY, "company_changed", ("refund_decision_task",), None),
    ("paid", ANY, "currency_changed", ("refund_decision_task",), None),
    ("paid", ANY, "lines_changed_same_total", ("reclass_task",), None),
    ("reversed", ANY, "amount_up", ("replan",), None),
    ("reversed", ANY, "amount_down", NOTHING, None),
    ("reversed", ANY, "unwon", NOTHING, None),
    ("reversed", ANY, "company_changed", ("replan",), None),
    ("reversed", ANY, "currency_changed", ("replan",), None),
    ("reversed", ANY, "lines_changed_same_total", NOTHING, None),
    ("written_off", ANY, "amount_up", ("supplementary_invoice",), None),
    ("written_off", ANY, "amount_down", NOTHING, None),
    ("written_off", ANY, "unwon", NOTHING, None),
    ("written_off", ANY, "company_changed", NOTHING, None),
    ("written_off", ANY, "currency_changed", NOTHING, None),
    ("written_off", ANY, "lines_changed_same_total", NOTHING, None),
]


def named(cell: tuple[State, tuple[bool, ...], Change, object, object]) -> str:
    period = "any" if cell[1] == ANY else "open" if cell[1] == (True,) else "closed"
    return f"{cell[0]}-{period}-{cell[2]}"


@pytest.mark.parametrize("cell", CELLS, ids=map(named, CELLS))
def test_table_5_2(
    cell: tuple[State, tuple[bool, ...], Change, tuple[Action, ...], tuple[Action, ...] | None],
) -> None:
    state, periods, change, expected, other = cell
    for is_open in periods:
        assert actions(state, is_open, change) == expected
        assert actions(state, is_open, change, OTHER) == (other or expected)


def test_every_cell_of_the_table_has_its_test_and_every_action_its_cell() -> None:
    tested = {(state, is_open, change) for state, periods, change, _, _ in CELLS for is_open in periods}
    assert tested == set(product(STATES, ANY, CHANGES))
    assert len(CELLS) == sum(len(row) for row in TABLE.values()) == 48
    assert {action for cell in CELLS for action in (*cell[3], *(cell[4] or ()))} == set(ACTIONS)


@given(st.sampled_from(STATES), st.booleans(), st.sampled_from(CHANGES), st.sampled_from([Choices(), OTHER]))
def test_no_cell_touches_a_closed_period_or_takes_back_money_by_itself(
    state: State, is_open: bool, change: Change, choices: Choices
) -> None:
    planned = set(actions(state, is_open, change, choices))
    if not is_open or state in ("partly_paid", "paid"):
        assert not planned & {"reverse", "reverse_and_recreate"}
    if state != "draft":
        assert not planned & {"edit_draft", "delete_draft"}
    if state in ("partly_paid", "paid") and change == "unwon":
        assert "refund_decision_task" in planned


# Case 64 and the threshold.


def test_case_64_a_deal_that_is_no_longer_won_is_flagged_until_somebody_decides() -> None:
    held = hold(replace(deal(), is_won=False), replace(KNOWN, invoiced={"501": {}}))
    assert held.code == "changed_after_posting"
    assert "was invoiced and is no longer won" in held.message
    assert actions("posted_unpaid", True, "unwon") == ("reverse",)


@pytest.mark.parametrize(
    ("state", "change", "before", "after", "consent"),
    [
        ("posted_unpaid", "amount_up", "1000", "1500", False),
        ("posted_unpaid", "amount_up", "1000", "1500.01", True),
        ("posted_unpaid", "amount_down", "1000", "499.99", True),
        ("posted_unpaid", "unwon", "500", None, False),
        ("posted_unpaid", "unwon", "500.01", None, True),
        ("paid", "company_changed", "600", "600", True),
        ("reversed", "amount_up", "10", "11", True),
        ("reversed", "amount_down", "1000", "1", False),
        ("written_off", "amount_up", "10", "11", True),
    ],
)
def test_consent_is_needed_above_the_threshold_and_always_where_finance_has_ended_it(
    state: State, change: Change, before: str, after: str | None, consent: bool
) -> None:
    size = moved(change, usd(before), usd(after) if after else None)
    assert needs_approval(state, actions(state, True, change), size, {"USD": usd(500)}) is consent


@given(st.sampled_from(STATES), st.sampled_from(CHANGES), positive, positive)
def test_nothing_needs_no_consent_and_a_currency_without_threshold_always_does(
    state: State, change: Change, size: int, limit: int
) -> None:
    planned = actions(state, True, change)
    amount, threshold = Money.from_minor(size, "USD"), Money.from_minor(limit, "USD")
    assert needs_approval(state, planned, amount, {}) == (planned != NOTHING)
    if needs_approval(state, planned, amount, {"USD": threshold}):
        assert size > limit or state in ("reversed", "written_off")


@given(positive, positive)
def test_a_decrease_is_credited_up_to_what_is_open_and_the_rest_is_a_persons(decrease: int, still_open: int) -> None:
    split = credit_split(Money.from_minor(decrease, "USD"), Money.from_minor(still_open, "USD"))
    assert split.credit.minor == min(decrease, still_open)
    assert split.credit.minor + split.rest.minor == decrease


def test_a_decrease_of_700_with_400_open_is_credited_by_400() -> None:
    split = credit_split(usd(700), usd(400))
    assert (split.credit, split.rest) == (usd(400), usd(300))


def test_case_65_a_deleted_deal_deletes_nothing_and_its_invoice_is_reported() -> None:
    one = settled("100")
    standing = LiveInvoice(one.invoice, stands("100"), "100", (), usd(0), ours=True)
    live = {"501": LiveDeal("USD", (standing,)), "502": LiveDeal("USD")}
    held, done = report_gone(["501", "502"], live)
    assert isinstance(held, Hold)
    assert (held.code, "INV-7 (100.00 USD, open 100.00 USD) stands" in held.message) == ("deal_gone", True)
    assert isinstance(done, Skip)
    assert not {"delete", "void"} & {action for action in ACTIONS if not action.endswith("_draft")}


def test_case_66_an_invoice_changed_by_hand_is_noticed_and_intacct_wins() -> None:
    planned = {"TRX_TOTALENTERED": "100.00", "CURRENCY": "USD", "CUSTOMERID": "C-11"}
    by_hand = {**planned, "TRX_TOTALENTERED": "90.00"}
    assert unlike(planned, by_hand) == {"TRX_TOTALENTERED": ("100.00", "90.00")}
    assert canonical_hash(planned) != canonical_hash(by_hand)
    assert settle(Shown("100.00"), Shown("90.00"), "intacct", lambda side: side == "intacct") == "to_hubspot"


def test_case_67_intacct_numbers_the_document_and_our_key_stands_beside_it() -> None:
    payload = invoice(deal())
    assert "invoiceno" not in payload
    key = DocumentKey("custom_field", "TIEOUT_KEY").put(payload, "hs-deal-501-invoice")
    assert key["customfields"]["TIEOUT_KEY"] == "hs-deal-501-invoice"
    assert "invoiceno" not in key
    (planned,) = decide(deal())
    assert planned.key.document_key() == "hs-deal-501-invoice"  # type: ignore[union-attr]
    assert not [a for a in ACTIONS if a.startswith("delete") and a != "delete_draft"]
