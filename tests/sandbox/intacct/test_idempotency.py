"""uniqueid: a completed function is done once, whatever is sent again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

DONE = "A successful transaction has already been recorded with the control id w-1"


def invoices(gateway):
    return len(gateway.query("ARINVOICE", "RECORDNO"))


def post(gateway, xml, **options):
    return gateway.call(xml.invoice(xml.line("10")), **{"uniqueid": "true", "ids": ["w-1"], **options})


def test_a_completed_function_is_not_done_again(gateway, xml):
    assert post(gateway, xml).status == "success"
    again = post(gateway, xml)
    assert again.status == "failure"
    assert again.errors == [("", DONE)]
    assert again.root.find("operation/result/key") is None
    assert invoices(gateway) == 1


def test_uniqueid_true_is_the_default(gateway, xml):
    post(gateway, xml, uniqueid="")
    assert post(gateway, xml, uniqueid="").errors == [("", DONE)]


def test_uniqueid_false_neither_checks_nor_remembers(gateway, xml):
    post(gateway, xml, uniqueid="false")
    assert post(gateway, xml, uniqueid="true").status == "success"
    assert post(gateway, xml, uniqueid="false").status == "success"
    assert invoices(gateway) == 3


def test_the_same_control_id_twice_in_one_request_is_done_once(gateway, xml):
    function = xml.invoice(xml.line("10"))
    reply = gateway.call(function, function, uniqueid="true", ids=["w-1", "w-1"])
    assert reply.statuses == ["success", "failure"]
    assert invoices(gateway) == 1


def test_a_failed_function_may_be_sent_again(gateway, xml):
    bad = gateway.call(xml.invoice(xml.line("10"), customer="C-404"), uniqueid="true", ids=["w-1"])
    assert bad.status == "failure"
    assert post(gateway, xml).status == "success"


def test_a_failure_burns_the_control_id_where_the_switch_says_so(make_gateway, xml):
    gateway = make_gateway(failure_burns_controlid=True)
    gateway.call(xml.invoice(xml.line("10"), customer="C-404"), uniqueid="true", ids=["w-1"])
    assert post(gateway, xml).errors == [("", DONE)]


def test_used_control_ids_are_forgotten_after_the_retention(make_gateway, xml, clock):
    gateway = make_gateway(controlid_retention=timedelta(days=30))
    post(gateway, xml)
    clock.advance(29 * 86400)
    assert post(gateway, xml).status == "failure"
    clock.advance(2 * 86400)
    assert post(gateway, xml).status == "success"


def test_control_ids_are_kept_per_sender(gateway, xml):
    gateway.twin.load([{"object": "_SENDER", "fields": {"sender_id": "other", "sender_password": "pw"}}])
    post(gateway, xml)
    body = gateway.envelope(xml.invoice(xml.line("10")), uniqueid="true", ids=["w-1"])
    reply = gateway.send(body.replace("tieout_sender", "other").replace("demo-sender-secret", "pw"))
    assert reply.status == "success"


def test_a_control_id_still_running_is_answered_as_concurrent(gateway, xml, clock):
    gateway.twin.mark_running("w-1", clock.now() + timedelta(seconds=60))
    assert post(gateway, xml).errors == [("", "concurrent request in process")]
    clock.advance(61)
    assert post(gateway, xml).status == "success"
    assert invoices(gateway) == 1


@pytest.mark.parametrize("calls", [8])
def test_simultaneous_requests_of_one_control_id_are_done_once(make_gateway, xml, calls):
    gateway = make_gateway(concurrency=0)
    body = gateway.envelope(xml.invoice(xml.line("10")), uniqueid="true", ids=["w-1"])
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(gateway.send(body))) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status for reply in replies].count("success") == 1
    texts = {reply.errors[0][1] for reply in replies if reply.status == "failure"}
    assert texts <= {DONE, "concurrent request in process"}
    assert invoices(gateway) == 1


def test_what_was_done_and_its_control_id_survive_a_restart(make_gateway, xml, tmp_path):
    path = str(tmp_path / "intacct.sqlite")
    first = make_gateway(path)
    session = first.call("<getAPISession/>").data.findtext("api/sessionid")
    post(first, xml, ids=["w-1"])
    books = list(first.twin.export())
    second = make_gateway(path, seeded=False)
    assert list(second.twin.export()) == books
    assert post(second, xml).errors == [("", DONE)]
    assert second.call("<lookup><object>CLASS</object></lookup>", session=session).status == "success"
    assert "TIEOUT_KEY" in second.call("<lookup><object>ARINVOICE</object></lookup>").text


def test_a_rolled_back_operation_leaves_its_control_ids_free(gateway, xml):
    good, bad = xml.invoice(xml.line("10")), xml.invoice(xml.line("10"), customer="C-404")
    reply = gateway.call(good, bad, uniqueid="true", ids=["w-1", "w-2"], transaction=True)
    assert reply.statuses == ["aborted", "failure"]
    assert post(gateway, xml).status == "success"


def test_a_transaction_is_all_or_nothing(gateway, xml):
    good, bad = xml.invoice(xml.line("10")), xml.invoice(xml.line("10"), customer="C-404")
    before = list(gateway.twin.export())
    reply = gateway.call(good, bad, good, transaction=True)
    rolled = "The entire transaction in this operation has been rolled back due to an error."
    assert reply.statuses == ["aborted", "failure", "aborted"]
    results = reply.root.findall("operation/result")
    assert [e.findtext("errorno") for e in results[0].iter("error")] == ["XL03000009"]
    assert [e.findtext("errorno") for e in results[1].iter("error")] == ["BL01001973", "BL01001973", "XL03000009"]
    assert results[2].findtext("errormessage/error/description2") == rolled
    assert list(gateway.twin.export()) == before
    assert gateway.call(good, good, transaction=True).statuses == ["success", "success"]
    assert invoices(gateway) == 2


def test_the_root_of_a_rollback_may_itself_be_reported_as_aborted(make_gateway, xml):
    gateway = make_gateway(rolled_back_root="aborted")
    bad = xml.invoice(xml.line("10"), customer="C-404")
    assert gateway.call(bad, transaction=True).statuses == ["aborted"]


def test_functions_are_independent_without_transaction(gateway, xml):
    good, bad = xml.invoice(xml.line("10")), xml.invoice(xml.line("10"), customer="C-404")
    assert gateway.call(good, bad, good).statuses == ["success", "failure", "success"]
    assert invoices(gateway) == 2
