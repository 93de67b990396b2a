"""What of a deal stands on its invoice, by the settings, and when it may be posted: from HubSpot to Intacct's books."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office, office
from tests.flows.test_changed_deals import SENSOR, Desk, opened


def choose(settings: Path, **chosen: Any) -> None:
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | chosen))


def wins(
    at: Desk, *lines: dict[str, str], amount: str, currency: str = "USD", won: str = "2026-11-16T15:00:00Z"
) -> None:
    at.deal = at.rep.create(
        "deals",
        {
            "dealname": "Roof plant",
            "amount": amount,
            "deal_currency_code": currency,
            "pipeline": "default",
            "dealstage": "closedwon",
            "closedate": won,
        },
        [(at.company, 5)],
    )
    for line in lines:
        at.rep.create("line_items", {**SENSOR, "quantity": "1", **line}, [(at.deal, 20)])
    at.run()


def items(at: Desk) -> list[tuple[str, str, Decimal]]:
    """Account, entity and amount of the lines of the deal's last invoice."""
    number = at.books()[-1]["RECORDNO"]
    found = next(b for b in at.demo.sandbox.control.books("intacct") if b["record"].get("RECORDNO") == number)
    return [(line["ACCOUNTNO"], line["LOCATIONID"], Decimal(line["TRX_AMOUNT"])) for line in found["items"]]


def twin(demo: Office) -> Any:
    return demo.sandbox.sandbox.twins["intacct"]


def west(settings: Path, demo: Office) -> None:
    """A second entity with books in dollars, in Intacct and in the settings, with receivables open from October on."""
    fields = {"LOCATIONID": "110", "NAME": "Brightwater West", "CURRENCY": "USD"}
    twin(demo).load([{"object": "LOCATIONENTITY", "fields": fields}])
    file = settings / "books.yaml"
    books = yaml.safe_load(file.read_text())
    books["entities"]["110"] = books["entities"]["100"] | {"name": "Brightwater West"}
    file.write_text(yaml.safe_dump(books))


def test_a_deal_without_lines_and_its_free_lines_are_billed_as_the_settings_say(tmp_path: Path, settings: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        wins(at, amount="500")
        assert at.hold.code == "no_lines"
        choose(settings, single_line="ONBOARD", free_lines="drop")
        at.run()
        assert items(at) == [("4200", "100", Decimal(500))]
        at.settled()
        wins(at, {"price": "100"}, {"price": "0"}, amount="100")
        assert items(at) == [("4100", "100", Decimal(100))]
        choose(settings, single_line="", free_lines="keep")
        at.settled()


def test_lines_of_another_entity_are_held_or_bridged_by_intacct_and_each_entity_balances(
    tmp_path: Path, settings: Path
) -> None:
    with office(tmp_path, deals=1) as demo:
        west(settings, demo)
        at = opened(demo)
        demo.hubspot().request(
            "POST",
            "/crm/v3/properties/line_items",
            body={
                "name": "entity",
                "label": "Entity",
                "type": "string",
                "fieldType": "text",
                "groupName": "lineiteminformation",
            },
        )
        choose(settings, line_entity={"from": "line.entity", "values": {"West": "110", "Germany": "300"}})
        wins(at, {"price": "60"}, {"price": "40", "entity": "West"}, amount="100")
        assert at.hold.code == "lines_of_two_entities"
        assert "is of Brightwater West, and Brightwater Inc bills the deal" in at.hold.message

        choose(settings, lines_of_other_entities="inter_entity")
        at.run()
        assert at.hold.code == "rejected_by_intacct"
        assert "no inter-entity relationship is set up" in at.hold.message
        twin(demo).load(
            [
                {"object": "GLACCOUNT", "fields": {"ACCOUNTNO": "1290", "TITLE": "Due from entities"}},
                {"object": "_COMPANY", "fields": {"inter_entity_account": "1290"}},
            ]
        )
        at.run()
        assert items(at) == [("4100", "100", Decimal(60)), ("4100", "110", Decimal(40))]
        owed: dict[str, Decimal] = {}
        for batch in (b for b in demo.sandbox.control.books("intacct") if b["object"] == "GLBATCH"):
            if batch["record"].get("REFERENCENO") == at.books()[-1]["RECORDID"]:
                for line in batch["items"]:
                    signed = int(line["TR_TYPE"]) * Decimal(line["AMOUNT"])
                    owed[line["LOCATION"]] = owed.get(line["LOCATION"], Decimal(0)) + signed
        assert owed == {"100": 0, "110": 0}
        at.settled()

        wins(at, {"price": "60"}, {"price": "40", "entity": "Germany"}, amount="100")
        assert at.hold.code == "lines_of_two_entities"
        assert "whose books are in EUR" in at.hold.message


def test_a_period_that_only_intacct_has_closed_holds_the_invoice_until_it_is_opened_again(
    tmp_path: Path, settings: Path
) -> None:
    """What books.yaml does not know is Intacct's to say; the deal is billed once, by itself."""
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        twin(demo).load([closed("2026-11-19")])
        wins(at, {"price": "100"}, amount="100")
        assert at.hold.code == "rejected_by_intacct"
        assert "falls in a closed period for Accounts Receivable" in at.hold.message
        demo.invoice_won_deals()
        assert at.books() == []
        twin(demo).load([closed("2026-09-30")])
        demo.invoice_won_deals()
        assert at.live == [("Posted", Decimal(100))]
        at.settled()


def test_an_invoice_of_a_saturday_names_its_day_and_type_of_rate_and_intacct_takes_fridays(tmp_path: Path) -> None:
    with office(tmp_path, deals=1) as demo:
        pair = {"FROM": "EUR", "TO": "USD", "TYPE": "Intacct Daily Rate"}
        rates = (("2026-11-13", "1.0847"), ("2026-11-16", "1.2"))
        twin(demo).load({"object": "_RATE", "fields": {**pair, "DATE": day, "RATE": rate}} for day, rate in rates)
        at = opened(demo)
        wins(at, {"price": "100"}, amount="100", currency="EUR", won="2026-11-14T15:00:00Z")
        (booked,) = at.books()
        assert (booked["EXCH_RATE_DATE"], booked["EXCH_RATE_TYPE_ID"]) == ("11/14/2026", "Intacct Daily Rate")
        assert (booked["EXCHANGE_RATE"], booked["TRX_TOTALENTERED"], booked["TOTALENTERED"]) == (
            "1.0847",
            "100",
            "108.47",
        )


def closed(through: str) -> dict[str, Any]:
    return {"object": "_CLOSED", "fields": {"LOCATIONID": "100", "MODULE": "AR", "THROUGH": through}}
