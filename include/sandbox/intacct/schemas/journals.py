"""The legacy journal entry."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import typed

_ENTRY = (
    "trtype amount glaccountno document? datecreated? memo? locationid? departmentid? customerid? vendorid? "
    "employeeid? projectid? itemid? classid? contractid? warehouseid? customfields? recon_date? currency? "
    "exchratedate? exchratetype? exchrate? allocationid?"
)

FUNCTIONS = {
    "create_gltransaction": typed(
        "journalid datecreated reversedate? description referenceno? sourceentity? customfields? gltransactionentries",
        {"gltransactionentries": typed("glentry+", {"glentry": typed(_ENTRY)})},
    ),
}
