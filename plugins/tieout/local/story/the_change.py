"""The deal of the first chapters changes after it was invoiced and half paid: planned, shown, approved, carried out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tieout.local.story.scene import Chapter, Check, Record, Scene, amount, only
from tieout.local.story.the_deal import INVOICES

_LESS = Decimal("240.00")
_APPROVE = re.compile(r"approve: (\d+:[0-9a-f]{12})")


def _a_sensor_less(scene: Scene) -> str:
    lines = scene.hubspot("line_items")
    mine = [one for one, line in lines.items() if (line["hs_sku"], line["quantity"]) == ("SENSOR-1", "5")]
    scene.rep.change("line_items", max(mine, key=int), quantity="4")
    scene.rep.change("deals", scene.cast["deal"], amount="1760")
    scene.cast["memos"] = str(len(scene.intacct("ARADJUSTMENT")))
    return "The customer takes four sensors, not five: the deal is 1,760.00 now, and 2,000.00 are invoiced."


def _the_plan_is_shown(scene: Scene) -> Iterable[Check]:
    deal = _deal(scene)
    plan = str(deal.get("tieout_message"))
    yield Check("The deal is held and shows a plan", deal.get("tieout_state") == "held" and "Planned: (1)" in plan)
    yield Check("It says why", "its amount went down from 2000.00 USD to 1760.00 USD" in plan)
    yield Check("It says what will be booked", "debit 4100 240.00 USD, credit receivables 240.00 USD" in plan)
    yield Check("It says what is owed before and after", "owes 1000.00 USD for it before and 760.00 USD after" in plan)
    same = len(scene.intacct("ARADJUSTMENT")) == int(scene.cast["memos"])
    yield Check("Nothing was booked yet", same and amount(_invoice(scene), "TRX_TOTALDUE") == 1000)
    scene.cast["approve"] = only(({"token": one} for one in _APPROVE.findall(plan)), "word to approve")["token"]


def _finance_agrees(scene: Scene) -> str:
    return f"Finance agrees, and triggers the flow with approve: {scene.cast['approve']}"


def _it_is_carried_out(scene: Scene) -> Iterable[Check]:
    deal, invoice = _deal(scene), _invoice(scene)
    memos = scene.intacct("ARADJUSTMENT")
    credited = [one for one in memos if one.get("TIEOUT_KEY") == f"hs-deal-{scene.cast['deal']}-credit-1"]
    yield Check("One credit memo over 240.00 is in the books", _totals(credited) == [-_LESS])
    yield Check("It is applied: 760.00 of the invoice are open", amount(invoice, "TRX_TOTALDUE") == 760)
    yield Check("The deal shows them", amount(deal, "intacct_invoice_balance") == 760)
    yield Check("It shows 240.00 credited", amount(deal, "intacct_invoice_credited") == _LESS)
    told = deal.get("tieout_message")
    yield Check("Nothing waits any more", deal.get("tieout_state") == "posted" and not told)


def _consent(scene: Scene) -> Mapping[str, Any]:
    return {"approve": [scene.cast["approve"]]}


def _deal(scene: Scene) -> Record:
    return scene.hubspot("deals")[scene.cast["deal"]]


def _invoice(scene: Scene) -> Record:
    return only(scene.invoices_of_deal(scene.cast["deal"]), "invoice of the deal")


def _totals(memos: Iterable[Record]) -> list[Decimal | None]:
    return [amount(one, "TRX_TOTALENTERED") for one in memos]


CHANGE_CHAPTERS = (
    Chapter("The deal changes after it was invoiced", _a_sensor_less, [INVOICES], _the_plan_is_shown),
    Chapter("Finance approves the plan", _finance_agrees, [INVOICES], _it_is_carried_out, _consent),
)
