"""AR invoices: create_invoice and what changes or ends an invoice."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed

LINE = (
    "(accountlabel | glaccountno) offsetglaccountno? amount allocationid? memo? locationid? departmentid? "
    "item1099? form1099type? form1099box? key? totalpaid? totaldue? customfields? "
    "revrectemplate? defrevaccount? revrecstartdate? revrecenddate? "
    "(projectid (taskid costtypeid?)?)? customerid? vendorid? employeeid? itemid? classid? contractid? "
    "warehouseid? billable? totaltrxamount? partialexempt? paymenttaxcapture? taxentries?"
)
UPDATE_LINE = LINE.replace("(accountlabel | glaccountno)", "(accountlabel | glaccountno)?").replace(
    " amount ", " amount? "
)

LINES = typed("lineitem+", {"lineitem": typed(LINE)})

# Official clients write the action before the batch key, know a hold, and update by payto and returnto.
_START = "((batchkey? action?) | (action batchkey))"
_REST = f"{CURRENCY_GROUP} nogl? supdocid? customfields? taxsolutionid? "
_HEAD = (
    f"customerid datecreated dateposted? datedue? termname? {_START} invoiceno? ponumber? onhold? description? "
    f"externalid? billto? shipto? {_REST}"
)
_UPDATE_HEAD = (
    f"customerid? datecreated? dateposted? datedue? termname? {_START} invoiceno? ponumber? onhold? description? "
    f"externalid? (billto | payto)? (shipto | returnto)? {_REST}"
)

FUNCTIONS = {
    "create_invoice": typed(_HEAD + "invoiceitems", {"invoiceitems": LINES}, ("ignoreduplicates",)),
    "update_invoice": typed(
        _UPDATE_HEAD + "updateinvoiceitems?",
        {
            "updateinvoiceitems": typed(
                "(updatelineitem | lineitem)*",
                {"updatelineitem": typed(UPDATE_LINE, attributes=("line_num",)), "lineitem": typed(LINE)},
            )
        },
        ("key", "externalkey", "set_nulls"),
    ),
    "reverse_invoice": typed("datereversed description?", attributes=("key",)),
    "delete_invoice": typed("", attributes=("key", "externalkey")),
}
