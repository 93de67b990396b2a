from __future__ import annotations

from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows import tie_out
from include.flows.intacct_invoice_to_hubspot_deal import FLOW
from include.sandbox.company.backoffice.by_hand import DEALS
from tests.flows.office import Office

PROPOSED, EAST, WEST, TRAINING = (deal.id for deal in DEALS)


def test_invoices_from_before_the_cut_over_are_proposed_and_linked_once_a_person_says_which(demo: Office) -> None:
    calls = demo.sent("intacct", "create")
    first = demo.run_flow(FLOW)
    holds = {hold.source_id: hold for hold in demo.store().open_holds(FLOW.name)}
    codes = {deal: holds[deal].code for deal in (PROPOSED, EAST, WEST, TRAINING)}
    assert codes == {
        PROPOSED: "link_proposed",
        EAST: "link_ambiguous",
        WEST: "link_ambiguous",
        TRAINING: "link_ambiguous",
    }
    assert "another deal equally well: BW-90112" in holds[EAST].message
    assert "BW-90113" in holds[TRAINING].message
    assert "BW-90114" in holds[TRAINING].message
    assert first["updated"] == 0
    assert first["held"] == len(holds)

    the_only, _ = holds[PROPOSED].details["approve"]
    one, _, none = holds[TRAINING].details["approve"]
    east, _ = holds[EAST].details["approve"]
    _, no_west = holds[WEST].details["approve"]
    assert none == f"{TRAINING}:no-link"
    told = demo.run_flow(FLOW, approve=[the_only, east, no_west, one])
    assert told["updated"] == 3
    assert not {PROPOSED, EAST, WEST, TRAINING} & demo.hold_codes(FLOW).keys()
    assert demo.deal(PROPOSED)["intacct_invoice_number"] == "BW-90111"
    assert demo.deal(WEST).get("intacct_invoice_number") in (None, "")

    demo.run_flow(payments.FLOW)
    assert demo.deal(PROPOSED)["intacct_invoice_status"] == "paid"
    assert demo.deal(EAST)["intacct_invoice_paid"] == "745.00"
    assert demo.deal(TRAINING)["intacct_invoice_count"] == "1"
    assert [(one.kind, one.number) for one in demo.store().links_of_deals([PROPOSED])] == [("approved", "BW-90111")]

    again = demo.run_flow(FLOW)
    assert (again["updated"], again["planned"]) == (0, 0)
    assert demo.sent("intacct", "create") == calls
    demo.hubspot().request("DELETE", f"/crm/v3/objects/deals/{EAST}")
    demo.run_flow(payments.FLOW)
    demo.run_flow(tie_out.FLOW)
    # A deal that is gone is reported, its invoice stays; the others are the invoices' own deals, to the cent.
    (only,) = demo.store().open_holds(tie_out.FLOW.name)
    assert only.code == "break_missing"
    assert f"made for deal {EAST}, which is archived" in only.message


def test_what_is_approved_and_no_longer_fits_is_shown_again(demo: Office) -> None:
    held = demo.run_flow(FLOW, record_ids=[PROPOSED], approve=[f"{PROPOSED}:link-999999"])
    assert held["held"] == 1
    assert held["updated"] == 0
    (hold,) = (one for one in demo.store().open_holds(FLOW.name) if one.source_id == PROPOSED)
    assert "What was approved is not shown any more" in hold.message
