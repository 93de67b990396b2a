"""The invariants of 5.3 over generated histories of a small company. Pure.

Proved here: 1 to 3, 5 to 8, 10 and 12, and of 4, 9 and 11 what needs no system. Over HTTP they are proved elsewhere:

- 4 (subledger = control account): the month of changed deals through the twins; here on the journals themselves
- 6, 9 (one document, whatever is repeated or killed): ``tests/flows/test_exactly_once.py``, ``tests/core/sync``
- 11 (nothing posted is deleted) and 13 (an audit row first): ``tests/core/sync/test_kills.py``, the write log's order
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from include.core.journal import balances
from include.core.money import Money, sum_money, zero
from include.core.revenue_schedule import Method, Term, schedule
from include.flows.figures.invoice_standing import standing_of
from include.flows.figures.of_deal import DealFigures
from include.flows.sync.field_agreement import Owner, Shown, canonical, settle
from tests.accounting.amounts import currencies, minors
from tests.accounting.small_company import AR, BASES, Company, Deal
from tests.flows.test_standings import BAD_DEBT, TODAY, Event, histories, settled

PAIRS = (("100", "USD"), ("100", "EUR"), ("200", "EUR"), ("200", "KWD"), ("300", "USD"), ("300", "JPY"))
EVENTS = (
    "change", "change", "lines", "lose", "win", "pay", "pay_all", "overpay", "bounce", "write_off", "reverse", "close",
    "market", "drafts", "post",
)  # fmt: skip
Step = tuple[str, int, int]
# A long history takes its time on a busy machine; that is no failure.
histories_of_a_company = settings(deadline=None, max_examples=60)
steps = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 5), st.integers(1, 10**7)), max_size=40)


def live(company: Company, history: list[Step], *, backwards: bool = False) -> Company:
    """The company after these steps on its six deals, and a last run over all of them."""
    for n, (entity_id, currency) in enumerate(PAIRS):
        company.deals[str(n)] = Deal(str(n), entity_id, currency, [1000 + n, 999])
    for what, n, minor in history:
        company.day += timedelta(days=minor % 5)
        _step(company, what, company.deals[str(n)], minor)
        if minor % 4:  # else several changes come together
            company.sync(company.deals[str(n)])
    run(company, backwards=backwards)
    return company


def run(company: Company, *, backwards: bool = False) -> list[tuple[str, ...]]:
    deals = list(company.deals.values())
    return [company.sync(deal) for deal in (reversed(deals) if backwards else deals)]


def _step(company: Company, what: str, deal: Deal, minor: int) -> None:
    own = [one for one in company.documents if one.deal == deal.id]
    owed = sum_money((one.balance.open for one in own if one.is_standing), deal.currency)
    if what in ("win", "lose"):
        deal.is_won = what == "win"
    elif what == "change":
        deal.lines[0] = minor
    elif what == "lines":
        deal.lines = [minor % 97 + 1] * (minor % 4 + 1)
    elif what in ("pay", "pay_all", "overpay") and not owed.is_zero:
        part = {"pay": minor % owed.minor + 1, "pay_all": owed.minor, "overpay": owed.minor + minor}[what]
        company.pay(deal, Money.from_minor(part, deal.currency))
    elif what == "bounce":
        company.bounce(deal)
    elif what == "write_off":
        company.write_off(deal)
    elif what == "reverse":
        closed = company.closed.get(deal.entity_id)
        for one in own:
            if one.is_standing and not one.settled and (closed is None or one.posting > closed):
                company.reverse(one)
                deal.touched_by_hand = True
    elif what == "close":
        company.closed[deal.entity_id] = company.day - timedelta(days=minor % 20)
    elif what == "market":
        company.market = minor % 21 - 10
    elif what == "drafts":
        company.drafts = not company.drafts
    elif what == "post":
        for one in own:
            if one.state == "draft":
                company.post_draft(one)


@histories_of_a_company
@given(steps)
def test_invariant_1_lines_and_tax_add_up_to_each_documents_total(history: list[Step]) -> None:
    for one in live(Company(), history).documents:
        lines = sum_money((line.net for line in one.lines), one.total.currency)
        tax = sum_money((line.tax for line in one.lines), one.total.currency)
        assert lines + tax == one.total
        assert one.state != "draft" or not one.settled


@histories_of_a_company
@given(steps)
def test_invariant_2_an_invoice_is_paid_credited_written_off_or_open_in_both_currencies(history: list[Step]) -> None:
    for one in live(Company(), history).documents:
        if one.is_memo or one.state == "reversed":
            continue
        assert one.total == one.part("paid") + one.part("credited") + one.part("written_off") + one.balance.open
        assert one.base is not None
        nothing = zero(one.base.currency)
        settled_base = sum_money((each.payment.base for _, each in one.settled), nothing.currency)
        gains = sum_money((each.gain for _, each in one.settled), nothing.currency)
        residues = sum_money((each.residue for _, each in one.settled), nothing.currency)
        assert one.base == settled_base - gains + residues + one.balance.base


@given(histories())
def test_invariant_2_holds_for_the_standing_that_the_flows_compute(history: tuple[Decimal, tuple[Event, ...]]) -> None:
    one = standing_of(settled(str(history[0]), *history[1]), TODAY, BAD_DEBT)
    assert one.invoiced == one.paid + one.credited + one.written_off + one.balance


@histories_of_a_company
@given(steps)
def test_invariant_3_and_4_receivables_are_what_is_open_less_what_is_unapplied(history: list[Step]) -> None:
    company = live(Company(), history)
    for entity_id, currency in PAIRS:
        own = [
            one
            for one in company.documents
            if one.is_standing and company.deals[one.deal].entity_id == entity_id and one.total.currency == currency
        ]
        spare, spare_base = company.unapplied.get((entity_id, currency), (zero(currency), zero(BASES[entity_id])))
        control = [
            one
            for _, _, lines in company.journals
            for one in lines
            if (one.entity_id, one.account, one.amount.currency) == (entity_id, AR, currency)
        ]
        open_ = sum_money((one.balance.open for one in own), currency)
        open_base = sum_money((one.balance.base for one in own), BASES[entity_id])
        assert sum_money((one.amount for one in control), currency) == open_ - spare
        assert sum_money((one.base for one in control), BASES[entity_id]) == open_base - spare_base


@given(st.lists(histories(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_invariant_5_what_a_deal_shows_is_a_function_of_the_books_and_recomputing_changes_nothing(
    many: list[tuple[Decimal, tuple[Event, ...]]], random: object
) -> None:
    books = [settled(str(total), *events, number=str(n)) for n, (total, events) in enumerate(many, 7)]
    shown = DealFigures("501", tuple(standing_of(one, TODAY, BAD_DEBT) for one in books)).values()
    again = [standing_of(one, TODAY, BAD_DEBT) for one in books]
    assert DealFigures("501", tuple(again)).values() == shown
    random.shuffle(again)  # type: ignore[attr-defined]
    turned = DealFigures("501", tuple(again)).values()
    assert {k: v for k, v in turned.items() if "number" not in k} == {
        k: v for k, v in shown.items() if "number" not in k
    }


@histories_of_a_company
@given(steps)
def test_invariant_6_a_deals_documents_bill_what_the_deal_says_once(history: list[Step]) -> None:
    company = live(Company(), history)
    for deal in company.deals.values():
        if deal.touched_by_hand:
            continue
        own = [one for one in company.documents if one.deal == deal.id and one.state != "reversed"]
        billed = sum_money((one.total for one in own if not one.is_memo), deal.currency)
        credited = sum_money((one.total for one in own if one.is_memo), deal.currency)
        assert billed - credited == deal.total + (deal.undecided or zero(deal.currency))
        assert sum(one.state == "draft" for one in own) <= 1


@histories_of_a_company
@given(steps)
def test_invariant_7_every_journal_balances_by_entity_and_base_currency(history: list[Step]) -> None:
    for _, _, lines in live(Company(), history).journals:
        assert all(rest.is_zero for rest in balances(lines).values())
        assert {one.base.currency for one in lines} == {BASES[lines[0].entity_id]}


@given(
    minors,
    currencies,
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1500),
    st.sampled_from(["daily", "straight_line"]),
)
def test_invariant_8_a_schedule_sums_to_its_contract_and_recognises_nothing_outside_its_term(
    minor: int, currency: str, start: date, days: int, method: Method
) -> None:
    term = Term(start, start + timedelta(days=days))
    portions = schedule(Money.from_minor(minor, currency), term, method)
    assert sum(one.amount.minor for one in portions) == minor
    assert all(term.start <= one.first <= one.last <= term.end for one in portions)


def seen(company: Company) -> list[tuple[object, ...]]:
    return sorted(
        (one.number, one.deal, one.is_memo, one.state, one.total.text, one.balance.open.text, one.posting)
        for one in company.documents
    )


@histories_of_a_company
@given(steps)
def test_invariant_9_a_rerun_and_another_order_of_deals_leave_the_same_books(history: list[Step]) -> None:
    company = live(Company(), history)
    before, journals = seen(company), len(company.journals)
    assert run(company) == [()] * len(PAIRS)
    assert (seen(company), len(company.journals)) == (before, journals)
    assert seen(live(Company(), history, backwards=True)) == before


words = st.sampled_from(["", "Ada", "ada", "Bo  Dee", "Bo Dee", "a@x.example", "A@X.example", "+1 555"])


@given(words, words, st.sampled_from(["hubspot", "intacct", "newest"]), st.integers(0, 2), st.integers(0, 2))
def test_invariant_10_a_sync_of_a_sync_writes_nothing(here: str, there: str, owner: Owner, at: int, then: int) -> None:
    clock = [datetime(2026, 11, 16, 9 + n, tzinfo=UTC) for n in range(3)]
    sides = {"hubspot": Shown(here, clock[at]), "intacct": Shown(there, clock[then])}
    first = settle(sides["hubspot"], sides["intacct"], owner, None)
    if first == "to_intacct":
        sides["intacct"] = Shown(sides["hubspot"].value, clock[2], ours=True)
    elif first == "to_hubspot":
        sides["hubspot"] = Shown(sides["intacct"].value, clock[2], ours=True)
    again = settle(sides["hubspot"], sides["intacct"], owner, lambda side: False)
    assert again in ("alike", "leave")
    if first in ("to_intacct", "to_hubspot"):
        assert canonical(sides["hubspot"].value) == canonical(sides["intacct"].value)


@histories_of_a_company
@given(steps)
def test_invariant_11_nothing_that_was_posted_is_gone(history: list[Step]) -> None:
    company = live(Company(), history)
    assert company.ever_posted <= {one.number for one in company.documents}
    assert all(one.number in company.ever_posted for one in company.documents if one.state != "draft")


@histories_of_a_company
@given(steps)
def test_invariant_12_nothing_is_posted_in_a_period_that_is_closed_then(history: list[Step]) -> None:
    for posting, closed, _ in live(Company(), history).journals:
        assert closed is None or posting > closed


def test_six_won_deals_of_three_entities_are_six_invoices() -> None:
    company = live(Company(), [])
    assert len(company.documents) == 6
    assert {one.total.currency for one in company.documents} == {"USD", "EUR", "KWD", "JPY"}


def test_a_history_that_is_known_to_touch_everything() -> None:
    """Won, paid in part, made smaller, closed, made larger, lost: each leaves the document that the table names."""
    history: list[Step] = [
        ("win", 1, 1), ("pay", 1, 501), ("market", 1, 18), ("change", 1, 101), ("close", 1, 41), ("change", 1, 5001),
        ("pay_all", 1, 1), ("lose", 1, 1),
    ]  # fmt: skip
    company = live(Company(), history)
    own = [(one.is_memo, one.total.text, one.balance.open.text) for one in company.documents if one.deal == "1"]
    assert own == [
        (False, "20.00", "0.00"),
        (True, "9.00", "9.00"),
        (False, "49.00", "0.00"),
        (True, "60.00", "60.00"),
    ]
    (spare, _) = company.unapplied["100", "EUR"]
    assert spare.text == "60.00"
