"""Recurring invoices."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.invoices import LINE
from include.sandbox.intacct.schemas.parts import DATE, typed

FUNCTIONS = {
    "create_recurringinvoice": typed(
        "customerid datecreated recordid? docnumber? description? contractid? contractdesc? termname "
        "(currency ((exchratedate? exchratetype) | exchrate))? status? supdocid? billtocontactname? "
        "shiptocontactname? startdate ending? modenew? interval? eom? taxsolutionid? recurinvoiceitems paymethod? "
        "payinfull? paymentamount? customercreditcardkey?",
        {
            "ending": Model("(enddate | occurrences)?", {"enddate": DATE}),
            "recurinvoiceitems": typed("lineitem+", {"lineitem": typed(LINE)}),
        },
    ),
}
