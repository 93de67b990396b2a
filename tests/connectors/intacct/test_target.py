"""The target of the write path, against the twin's books."""

from __future__ import annotations

import random
from typing import Any

import pytest

from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import GatewayError
from include.connectors.intacct.replies import FunctionResult
from include.connectors.intacct.sending import outcome_of
from include.connectors.intacct.target import IntacctTarget
from include.core.decisions import Key, Write
from include.core.errors import AuthError, InvariantError, SettingsError
from include.core.target import Lost, NotSent, Refused, Running, Spent, Target, Written
from tests.connectors.intacct.scripted_gateway import ScriptedGateway, results, succeeded
from tests.connectors.intacct.small_books import (
    KEY_FIELD,
    Books,
    customer_write,
    invoice_write,
    send,
    small_books,
)

NUMBER = DocumentKey("number")


def kinds(outcomes: Any) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def invoices(books: Books) -> list[dict[str, Any]]:
    return books.export("ARINVOICE")


def test_it_is_a_target(books: Books) -> None:
    target: Target = books.target()
    assert (target.system, target.chunk_size) == ("intacct", 100)
    assert (target.request_deadline, target.settle_seconds) == (10.0, 900.0)


def test_a_hundred_invoices_are_written_in_one_request_and_found_in_one_query(books: Books) -> None:
    target = books.target()
    writes = [invoice_write(n, f"{n}.50") for n in range(1, 101)]
    assert target.find(writes) == {}
    books.forget()
    outcomes = target.send([send(write) for write in writes])
    assert kinds(outcomes) == ["Written"] * 100
    assert [outcome.key for outcome in outcomes] == [write.key for write in writes]
    found = target.find(writes)
    assert books.labels() == ["create_invoice x100", "query ARINVOICE by TIEOUT_KEY"]
    assert {key: hit.target_id for key, hit in found.items()} == {o.key: o.target_id for o in outcomes}  # type: ignore[union-attr]
    assert all(hit.natural_id for hit in found.values())
    assert [found[write.key].actual for write in writes] == [dict(write.expect) for write in writes]


@pytest.mark.parametrize("key", [KEY_FIELD, NUMBER])
def test_an_invoice_is_found_by_its_document_key_wherever_that_stands(books: Books, key: DocumentKey) -> None:
    target = books.target(key)
    writes = [invoice_write(n) for n in (1, 2)]
    target.send([send(writes[0])])
    assert set(target.find(writes)) == {writes[0].key}
    (made,) = invoices(books)
    assert made["record"]["RECORDID" if key is NUMBER else "TIEOUT_KEY"] == writes[0].key.document_key()


def test_drafts_are_found_too(books: Books) -> None:
    target, write = books.target(), invoice_write(1, action="Draft")
    target.send([send(write)])
    assert write.key in target.find([write])


def test_what_the_books_show_is_told_in_the_terms_of_what_was_expected(books: Books) -> None:
    target, planned = books.target(), invoice_write(1, "250.00")
    target.send([send(planned)])

    def actual(**expect: str) -> dict[str, str]:
        write = Write(planned.key, planned.payload, planned.facts, expect)
        return dict(target.find([write])[planned.key].actual)

    assert actual(TRX_TOTALENTERED="250.00") == {"TRX_TOTALENTERED": "250.00"}
    assert actual(TRX_TOTALENTERED="250") == {"TRX_TOTALENTERED": "250"}
    assert actual(TRX_TOTALENTERED="251.00") == {"TRX_TOTALENTERED": "250"}
    assert actual(CUSTOMERID="C-1", CURRENCY="USD") == {"CUSTOMERID": "C-1", "CURRENCY": "USD"}
    assert actual(CUSTOMERID="C-2") == {"CUSTOMERID": "C-1"}
    assert actual(WHENCREATED="2026-11-02") == {"WHENCREATED": "2026-11-02"}
    assert actual() == {}


def test_two_live_invoices_with_one_key_stop_everything(books: Books) -> None:
    target, write = books.target(), invoice_write(1)
    for epoch in (0, 1):
        target.send([send(write, epoch)])
    with pytest.raises(InvariantError, match=r"hs-deal-1-invoice \(record numbers"):
        target.find([write])


def shown(*records: dict[str, str]) -> Any:
    inner = "".join(
        f"<ARINVOICE>{''.join(f'<{name}>{text}</{name}>' for name, text in one.items())}</ARINVOICE>" for one in records
    )
    return results(succeeded("query", f'<data count="{len(records)}" numremaining="0">{inner}</data>'))


@pytest.mark.parametrize("state", ["Reversed", "Reversal"])
def test_a_reversed_invoice_still_holds_its_key_and_says_that_it_is_reversed(
    gateway: ScriptedGateway, state: str
) -> None:
    """Until somebody has invoiced again: then the live one counts, whichever is the older."""
    target, write = IntacctTarget(gateway.client(), KEY_FIELD), invoice_write(1)
    key = write.key.document_key()
    gone = {"RECORDNO": "7", "RECORDID": "INV-7", "STATE": state, "TIEOUT_KEY": key, "TRX_TOTALENTERED": "250"}
    live = {**gone, "RECORDNO": "9", "RECORDID": "INV-9", "STATE": "Partially Paid"}
    gateway.script.extend([shown(gone), shown(gone, live), shown({**live, "RECORDNO": "3"}, gone)])
    hit = target.find([write])[write.key]
    assert (hit.target_id, hit.natural_id) == ("7", "INV-7")
    assert hit.actual == {"STATE": state, "TRX_TOTALENTERED": "250.00"}
    for number in ("9", "3"):
        hit = target.find([write])[write.key]
        assert (hit.target_id, dict(hit.actual)) == (number, {"TRX_TOTALENTERED": "250.00"})


# -- outcomes


def test_each_function_of_a_request_has_its_own_outcome(books: Books) -> None:
    """A hundred functions, good and bad in random places: only the bad are refused, with their own reasons."""
    rng = random.Random(5)  # noqa: S311
    bad = {
        "customer": ({"customerid": "NOBODY"}, "NOBODY"),
        "period": ({"datecreated": "2026-09-01"}, "closed period"),
        "term": ({"termname": "N99"}, "N99"),
    }
    planned = [rng.choice([None, None, None, *bad]) for _ in range(100)]
    writes = [invoice_write(n, **(bad[kind][0] if kind else {})) for n, kind in enumerate(planned, start=1)]
    outcomes = books.target().send([send(write) for write in writes])
    for kind, write, outcome in zip(planned, writes, outcomes, strict=True):
        assert outcome.key == write.key
        if kind is None:
            assert isinstance(outcome, Written)
        else:
            assert isinstance(outcome, Refused)
            assert not outcome.duplicate
            assert bad[kind][1] in outcome.message
    assert len(invoices(books)) == planned.count(None)


def test_a_closed_period_is_told_in_a_finance_persons_words(books: Books) -> None:
    (outcome,) = books.target().send([send(invoice_write(1, datecreated="2026-09-01"))])
    assert isinstance(outcome, Refused)
    assert outcome.message.startswith("The posting date 09/01/2026 lies in a closed period; open the period")


def test_sending_the_same_control_id_again_is_spent_and_makes_nothing(books: Books) -> None:
    target, write = books.target(), invoice_write(1)
    assert kinds(target.send([send(write)])) == ["Written"]
    assert target.send([send(write)]) == [Spent(write.key)]
    assert len(invoices(books)) == 1


def test_a_number_that_is_taken_is_a_duplicate_and_not_just_a_refusal(books: Books) -> None:
    target, write = books.target(NUMBER), invoice_write(1)
    target.send([send(write, epoch=0)])
    (outcome,) = target.send([send(write, epoch=1)])
    assert isinstance(outcome, Refused)
    assert outcome.duplicate


def test_a_lost_reply_is_lost_and_the_invoice_is_found(books: Books) -> None:
    target, writes = books.target(), [invoice_write(n) for n in range(1, 6)]
    books.running.control.fault("lost_after", label="create_invoice", nth=1)
    outcomes = target.send([send(write) for write in writes])
    assert kinds(outcomes) == ["Lost"] * 5
    assert set(target.find(writes)) == {write.key for write in writes}
    assert kinds(target.send([send(write) for write in writes])) == ["Spent"] * 5
    assert len(invoices(books)) == 5


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost_before"},
        {"kind": "html_200"},
        {"kind": "html_200", "executed": True},
        {"kind": "garbage"},
        {"kind": "cut_at", "at": 0},
        {"kind": "cut_at", "at": 500},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "executed": True},
        {"kind": "status", "status": 504, "executed": True},
        {"kind": "stall", "seconds": 1.2},
        {"kind": "slow_body", "ms": 1500},
    ],
)
def test_whatever_happens_to_the_answer_the_outcome_is_lost_never_failed_and_never_sent_twice(
    books: Books, fault: dict[str, Any]
) -> None:
    target, write = books.target(request_deadline=0.7), invoice_write(1)
    books.running.control.fault(**fault, label="create_invoice")
    (outcome,) = target.send([send(write)])
    assert isinstance(outcome, Lost)
    assert outcome.why
    assert books.running.control.faults()[0]["seen"] == 1


def test_a_limit_that_is_reached_means_not_sent(books: Books) -> None:
    write = invoice_write(1)
    books.running.control.fault("status", label="create_invoice", status=429, nth=1)
    (outcome,) = books.target().send([send(write)])
    assert isinstance(outcome, NotSent)
    assert invoices(books) == []


def test_an_expired_session_is_renewed_and_the_write_is_sent_once(books: Books) -> None:
    target = books.target()
    target.find([invoice_write(1)])
    books.running.control.fault("session_expired", label="create_invoice", nth=1)
    assert kinds(target.send([send(invoice_write(1))])) == ["Written"]
    assert len(invoices(books)) == 1


def test_a_gateway_that_is_away_means_not_sent() -> None:
    with small_books() as books:
        target = books.target(request_deadline=1.0)
    assert kinds(target.send([send(invoice_write(1))])) == ["NotSent"]


def test_a_wrong_password_is_raised_as_nothing_was_sent(books: Books) -> None:
    import requests

    from include.connectors.intacct.client import IntacctClient
    from include.connectors.intacct.credentials import Credentials

    a = books.running.intacct
    wrong = Credentials(a.company_id, a.user_id, "wrong", a.sender_id, a.sender_password)
    target = IntacctTarget(IntacctClient(requests.Session(), a.url, wrong), KEY_FIELD)
    with pytest.raises(AuthError):
        target.send([send(invoice_write(1))])


def test_a_permission_that_is_missing_for_all_is_for_an_administrator(books: Books) -> None:
    a = books.running.intacct
    denied = {"user_id": a.user_id, "user_password": a.user_password, "denied": ["ARINVOICE"]}
    books.load({"object": "_USER", "fields": denied})
    with pytest.raises(AuthError, match="lacks a permission"):
        books.target().send([send(invoice_write(n)) for n in (1, 2)])
    mixed = books.target().send([send(customer_write(1)), send(invoice_write(1))])
    assert kinds(mixed) == ["Written", "Refused"]


def test_a_payload_that_cannot_be_sent_is_refused_alone(books: Books) -> None:
    outcomes = books.target().send([send(invoice_write(1)), send(invoice_write(2, datecreated="soon"))])
    assert kinds(outcomes) == ["Written", "Refused"]
    assert "ISO date" in outcomes[1].message  # type: ignore[union-attr]


def test_a_field_that_does_not_exist_is_a_matter_of_settings_and_nothing_is_sent(books: Books) -> None:
    with pytest.raises(SettingsError, match="departmnt"):
        books.target().send([send(invoice_write(1)), send(invoice_write(2, departmnt="x"))])
    assert books.labels() == []


@pytest.mark.parametrize("place", [0, 1, 49, 98, 99])
def test_one_record_that_breaks_the_schema_does_not_take_the_others_with_it(books: Books, place: int) -> None:
    """The gateway refuses such a request as a whole, so it is sent again in halves until the record stands alone."""
    writes = [invoice_write(n) for n in range(100)]
    target = _BreakingTarget(books.client(), KEY_FIELD, broken=writes[place].key)
    outcomes = target.send([send(write) for write in writes])
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Refused)] == [place]
    assert kinds(outcomes).count("Written") == 99
    assert len(invoices(books)) == 99
    assert len([label for label in books.labels() if "create_invoice" in label]) <= 17


class _BreakingTarget(IntacctTarget):
    """Sends one record in a way that the schema forbids, as a future field of ours might."""

    def __init__(self, client: Any, key: DocumentKey, broken: Key) -> None:
        super().__init__(client, key)
        self._broken = broken

    def _build(self, send: Any) -> Any:
        element = super()._build(send)
        if send.key == self._broken:
            element.insert(0, element[-1])
        return element


# -- customers


def test_customers_are_written_and_found_by_their_id(books: Books) -> None:
    target, writes = books.target(), [customer_write(n) for n in (1, 2, 3)]
    outcomes = target.send([send(write) for write in writes[:2]])
    assert [(o.natural_id, bool(o.target_id)) for o in outcomes] == [("HS-1", True), ("HS-2", True)]  # type: ignore[union-attr]
    found = target.find(writes)
    assert {key.source_id: hit.natural_id for key, hit in found.items()} == {"1": "HS-1", "2": "HS-2"}
    assert [hit.target_id for hit in found.values()] == [o.target_id for o in outcomes]  # type: ignore[union-attr]


def test_a_customer_that_exists_is_a_duplicate(books: Books) -> None:
    target = books.target()
    target.send([send(customer_write(1), epoch=0)])
    (outcome,) = target.send([send(customer_write(1), epoch=1)])
    assert isinstance(outcome, Refused)
    assert outcome.duplicate


def test_customers_and_invoices_may_go_together_and_cost_one_request_to_find(books: Books) -> None:
    target = books.target()
    writes = [customer_write(1), invoice_write(1), customer_write(2), invoice_write(2)]
    target.send([send(write) for write in writes])
    books.forget()
    assert set(target.find(writes)) == {write.key for write in writes}
    assert books.labels() == ["query ARINVOICE by TIEOUT_KEY, query CUSTOMER by CUSTOMERID"]


@pytest.mark.parametrize("customer_id", [None, "", 5])
def test_a_customer_without_an_id_could_never_be_found_again(books: Books, customer_id: Any) -> None:
    write = customer_write(1, CUSTOMERID=customer_id)
    with pytest.raises(SettingsError, match="CUSTOMERID"):
        books.target().find([write])
    with pytest.raises(SettingsError, match="CUSTOMERID"):
        books.target().send([send(write)])


def test_an_object_that_is_not_known_is_refused(books: Books) -> None:
    write = Write(Key("intacct", "vendor", "hubspot", "company", "1", "vendor"), {}, {})
    for call in (books.target().find, lambda writes: books.target().send([send(w) for w in writes])):
        with pytest.raises(SettingsError, match="vendor"):
            call([write])


def test_nothing_costs_nothing(books: Books) -> None:
    assert books.target().find([]) == {}
    assert list(books.target().send([])) == []
    assert books.labels() == []


# -- the document key


@pytest.mark.parametrize("key", [KEY_FIELD, NUMBER])
def test_a_document_key_that_can_be_looked_up_passes(books: Books, key: DocumentKey) -> None:
    books.target(key).check_document_key()


@pytest.mark.parametrize("key", [DocumentKey("custom_field", "NO_SUCH_FIELD"), DocumentKey("externalid")])
def test_a_document_key_that_cannot_be_looked_up_is_told_before_anything_is_posted(
    books: Books, key: DocumentKey
) -> None:
    with pytest.raises(SettingsError, match="cannot look invoices up by"):
        books.target(key).check_document_key()


@pytest.mark.parametrize(("kind", "name"), [("custom_field", ""), ("custom_field", "A B"), ("nothing", "")])
def test_a_document_key_that_makes_no_sense_is_refused(kind: Any, name: str) -> None:
    with pytest.raises(SettingsError, match="document_key"):
        DocumentKey(kind, name)


@pytest.mark.parametrize(
    ("key", "header"),
    [(NUMBER, {"invoiceno": "MINE-1"}), (KEY_FIELD, {"customfields": {"TIEOUT_KEY": "mine"}})],
)
def test_a_mapping_may_not_fill_the_place_of_the_document_key(
    books: Books, key: DocumentKey, header: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match="carries Tieout's document key"):
        books.target(key).send([send(invoice_write(1, **header))])


def test_other_custom_fields_stay_beside_the_document_key() -> None:
    assert KEY_FIELD.put({"customfields": {"A": "1"}}, "k") == {"customfields": {"A": "1", "TIEOUT_KEY": "k"}}
    assert NUMBER.put({"a": 1}, "k") == {"a": 1, "invoiceno": "k"}
    assert DocumentKey("externalid").put({}, "k") == {"externalid": "k"}


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        ("failure", "concurrent request in process", Running),
        ("failure", "A successful transaction has already been recorded with the control id c", Spent),
        ("failure", "The Service is Temporarily Off-line", NotSent),
        ("failure", "API rate limit exceeded", NotSent),
        ("failure", "Invalid session", NotSent),
        ("aborted", "The entire transaction in this operation has been rolled back due to an error.", NotSent),
        ("aborted", "something else", NotSent),
        ("failure", "Another invoice already exists", Refused),
        ("failure", "something else", Refused),
        ("missing", "", Lost),
        ("", "", Lost),
        ("surprised", "something else", Lost),
        ("success", "", Lost),
    ],
)
def test_every_answer_to_a_function_has_one_meaning(status: str, text: str, outcome: type) -> None:
    errors = (GatewayError("", text),) if text else ()
    answered = FunctionResult(status, "create_invoice", "c", errors=errors)
    assert type(outcome_of(send(invoice_write(1)), answered)) is outcome


def test_a_failure_that_names_a_record_all_the_same_is_looked_up_rather_than_believed() -> None:
    answered = FunctionResult(
        "failure", "create", "c", records=({"RECORDNO": "5"},), errors=(GatewayError("", "Could not create"),)
    )
    assert isinstance(outcome_of(send(customer_write(1)), answered), Lost)
