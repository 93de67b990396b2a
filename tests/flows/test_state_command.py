"""What a person sees of the state on a command line: what waits, what was refused, and never whose data it is."""

from __future__ import annotations

import pytest

from include.state.__main__ import main
from tests.flows.office import Office


def told(demo: Office, action: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([action, "--url", demo.state_url]) == 0
    return capsys.readouterr().out


def test_holds_and_refused_writes_are_listed_with_their_reason_and_without_payload(
    demo: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.sandbox.control.fault("refusal", label="create CUSTOMER", level="function", count=1, message="Not today")
    demo.invoice_won_deals()
    capsys.readouterr()

    assert "held 60" in told(demo, "notes", capsys)
    holds = told(demo, "holds", capsys)
    assert "hubspot_closed_won_to_intacct_invoice" in holds
    assert "unmapped_product" in holds
    refused = told(demo, "refused", capsys)
    assert "intacct|customer|hubspot|company|" in refused
    assert told(demo, "in-doubt", capsys) == "0 writes in doubt\n"
    contacts = [b["properties"] for b in demo.sandbox.control.books("hubspot") if b["type"] == "contacts"]
    assert not [c["email"] for c in contacts if c.get("email") and c["email"] in holds + refused]
