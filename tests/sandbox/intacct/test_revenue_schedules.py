"""Revenue schedules after the invoice: held, resumed, ended, posted entry by entry."""

from __future__ import annotations

import pytest

TAIL = "<revrectemplate>12M straight</revrectemplate><defrevaccount>2400</defrevaccount>"


@pytest.fixture
def schedule(gateway, xml):
    """(RECORDNO of the schedule, RECORDNOs of its entries, RECORDNO of the invoice)."""
    invoice = gateway.call(xml.invoice(xml.line("1200", tail=TAIL))).key
    (found,) = gateway.query("REVRECSCHEDULE", "RECORDNO STATUS")
    assert found["STATUS"] == "Not started"
    return found["RECORDNO"], [row["RECORDNO"] for row in gateway.query("REVRECSCHEDULEENTRY", "RECORDNO")], invoice


def act(gateway, function, recordno, rest=""):
    return gateway.call(f"<{function}><recordno>{recordno}</recordno>{rest}</{function}>")


def status(gateway, key):
    return gateway.one("REVRECSCHEDULE", key, "STATUS")["STATUS"]


def posted(gateway, key):
    where = f"<equalto><field>RECORDKEY</field><value>{key}</value></equalto>"
    return sorted((row["ACCOUNTNO"], row["AMOUNT"]) for row in gateway.query("GLDETAIL", "ACCOUNTNO AMOUNT", where))


def test_an_entry_moves_revenue_from_the_deferred_account_and_back(gateway, schedule):
    key, entries, invoice = schedule
    before = posted(gateway, invoice)
    amount = gateway.one("REVRECSCHEDULEENTRY", entries[0], "AMOUNT")["AMOUNT"]
    assert act(gateway, "post_revrecscheduleentry", entries[0]).status == "success"
    assert posted(gateway, invoice) == sorted([*before, ("2400", amount), ("4100", f"-{amount}")])
    assert gateway.one("REVRECSCHEDULEENTRY", entries[0], "POSTED POSTED_AMOUNT") == {
        "POSTED": "true",
        "POSTED_AMOUNT": amount,
    }
    assert status(gateway, key) == "In progress"
    assert act(gateway, "post_revrecscheduleentry", entries[0]).errors[0][0] == "BL01001973"
    assert act(gateway, "unpost_revrecscheduleentry", entries[0]).status == "success"
    assert posted(gateway, invoice) == before
    assert status(gateway, key) == "Not started"


def test_a_schedule_on_hold_posts_nothing_until_it_is_resumed(gateway, schedule):
    key, entries, _ = schedule
    assert act(gateway, "hold_revrecschedule", key, "<category>Dispute</category><memo>m</memo>").status == "success"
    assert status(gateway, key) == "On hold"
    assert act(gateway, "hold_revrecschedule", key).status == "failure"
    assert act(gateway, "post_revrecscheduleentry", entries[0]).status == "failure"
    resume = "<adjustpostingday>false</adjustpostingday>"
    assert act(gateway, "resume_revrecschedule", key, resume).status == "success"
    assert act(gateway, "post_revrecscheduleentry", entries[0]).status == "success"


def test_an_ended_schedule_keeps_only_what_was_posted(gateway, schedule):
    key, entries, _ = schedule
    act(gateway, "post_revrecscheduleentry", entries[0])
    assert act(gateway, "terminate_revrecschedule", key, "<category>Legal</category>").status == "success"
    assert status(gateway, key) == "Terminated"
    assert [row["RECORDNO"] for row in gateway.query("REVRECSCHEDULEENTRY", "RECORDNO")] == entries[:1]
    assert act(gateway, "unpost_revrecscheduleentry", entries[0]).status == "failure"
    assert act(gateway, "terminate_revrecschedule", key).status == "failure"


def test_reversing_the_invoice_takes_recognised_revenue_back(gateway, xml, schedule):
    _, entries, invoice = schedule
    act(gateway, "post_revrecscheduleentry", entries[0])
    mirror = gateway.call(
        f'<reverse_invoice key="{invoice}">{xml.day("datereversed", "2026-11-20")}</reverse_invoice>'
    ).key
    both = posted(gateway, invoice) + [(account, amount) for account, amount in posted(gateway, mirror)]
    sums = {}
    for account, amount in both:
        sums[account] = sums.get(account, 0) + round(float(amount) * 100)
    assert set(sums.values()) == {0}


def test_unknown_schedules_and_categories_are_refused(gateway, schedule):
    key, _, _ = schedule
    assert act(gateway, "hold_revrecschedule", "999").errors[0][0] == "BL01001973"
    assert act(gateway, "post_revrecscheduleentry", "x").errors[0][0] == "BL01001973"
    assert act(gateway, "hold_revrecschedule", key, "<category>Mood</category>").errors[0][0] == "BL03000018"
