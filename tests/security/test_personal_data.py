"""Contacts' names, addresses and telephone numbers stand only where they are needed: in the XCom files, whose folder
only the owner can enter, and in the payloads of writes that are not done yet."""

from __future__ import annotations

from tests.security.canaries import Sweep
from tests.security.company import MARKS
from tests.security.conftest import Evidence
from tests.security.places import files_in, tables_of

OF_THE_STATE = "state: writes.payload"


def personal(evidence: Evidence) -> Sweep:
    canaries = {name: text for one in evidence.people for name, text in one.canaries.items()}
    assert all(any(mark in text for mark in MARKS) for text in canaries.values())
    return Sweep(canaries, encoded=False, marks=MARKS)


def test_there_are_enough_contacts_to_find_and_the_search_finds_them(evidence: Evidence) -> None:
    sweep = personal(evidence)
    assert len(sweep.canaries) >= 50
    sweep.look_at_all(files_in(evidence.home / "xcom", "object storage"))
    assert len({name for _, name, _ in sweep.hits}) >= 50


def test_nobody_but_the_owner_can_enter_the_folder_of_xcoms(evidence: Evidence) -> None:
    assert (evidence.home / "xcom").stat().st_mode & 0o777 == 0o700


def test_no_contact_stands_in_a_log_a_view_a_report_a_notice_or_a_hold(evidence: Evidence) -> None:
    sweep = personal(evidence)
    sweep.look_at_all(evidence.logs.items())
    sweep.look_at_all(tables_of(evidence.home / "airflow.db", "Airflow's database"))
    sweep.look_at_all(files_in(evidence.reports, "report"))
    messages = evidence.office.sandbox.control.messages()
    assert len(messages) > 3
    sweep.look_at_all((f"{one['system']} notice {one['seq']}", str(one)) for one in messages)
    state = evidence.state_after_a_refusal
    sweep.look_at_all((place, text) for place, text in state.items() if place not in {OF_THE_STATE, "state (file)"})
    assert len(sweep.places) > 200
    assert sweep.hits == []


def test_a_payload_that_holds_a_contact_is_emptied_when_its_write_is_done(evidence: Evidence) -> None:
    sweep = personal(evidence)
    sweep.look(OF_THE_STATE, evidence.state_after_a_refusal[OF_THE_STATE])
    assert sweep.hits  # the customer that Intacct refused waits with its contact
    done = personal(evidence)
    done.look_at_all(tables_of(evidence.folder / "tieout.db", "state"))
    assert "state (file)" in done.places  # nor does the database keep what was emptied
    assert done.hits == []


def test_the_summaries_of_the_call_log_name_no_contact(evidence: Evidence) -> None:
    sweep = personal(evidence)
    for call in evidence.office.sandbox.control.calls():
        sweep.look(f"call {call['seq']}", f"{call['system']} {call['label']} {call['path']} {call.get('query')}")
    assert sweep.hits == []
