"""Cash management: other receipts and deposits."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.parts import DATE, typed

_LINE = (
    "(accountlabel | glaccountno) amount memo? locationid? departmentid? customfields? "
    "(projectid (taskid costtypeid?)?)? customerid? vendorid? employeeid? itemid? classid? contractid? "
    "warehouseid? totaltrxamount? taxentries?"
)
_DATES = {"receiveddate": DATE, "depositdate": DATE}

FUNCTIONS = {
    "record_otherreceipt": typed(
        "paymentdate payee receiveddate paymentmethod (undepglaccountno | (bankaccountid depositdate?)) refid? "
        "description? supdocid? (currency? ((exchratedate? exchratetype) | exchrate)?)? customfields? inclusivetax? "
        "taxsolutionid? receiptitems",
        {**_DATES, "receiptitems": typed("lineitem+", {"lineitem": typed(_LINE)})},
    ),
    "record_deposit": typed(
        "bankaccountid depositdate depositid receiptkeys description? supdocid? customfields?",
        {**_DATES, "receiptkeys": Model("receiptkey+")},
    ),
}
