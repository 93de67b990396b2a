"""AR and AP adjustments: credit and debit memos."""

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
    "create_apadjustment": typed(
        "vendorid datecreated dateposted? batchkey? adjustmentno? action? billno? description? externalid? "
        f"{CURRENCY_GROUP} nogl? customfields? inclusivetax? taxsolutionid? apadjustmentitems",
        {"apadjustmentitems": LINES},
    ),
    "reverse_apadjustment": typed("datereversed description?", attributes=("key",)),
    "delete_apadjustment": typed("", attributes=("key", "externalkey")),
}
