"""AR adjustments: credit and debit memos."""

from __future__ import annotations

from include.sandbox.intacct.schemas.invoices import LINES
from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed

FUNCTIONS = {
    "create_aradjustment": typed(
        "customerid datecreated dateposted? batchkey? adjustmentno? action? invoiceno? description? externalid? "
        f"{CURRENCY_GROUP} nogl? customfields? taxsolutionid? aradjustmentitems",
        {"aradjustmentitems": LINES},
    ),
    "reverse_aradjustment": typed("datereversed description?", attributes=("key",)),
    "delete_aradjustment": typed("", attributes=("key", "externalkey")),
}
