"""AP bills, payment requests and approvals."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.invoices import LINE, UPDATE_LINE
from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed

_BILL_LINES = typed("lineitem+", {"lineitem": typed(LINE)})
_KEYS = typed("appaymentkeys", {"appaymentkeys": Model("appaymentkey+")})
_DUE = "((datedue termname?) | termname)"
_TAIL = (
    "action? batchkey? billno? ponumber? onhold? description? externalid? payto? returnto? "
    f"{CURRENCY_GROUP} nogl? supdocid? customfields? inclusivetax? taxsolutionid? "
)
_APPROVED = frozenset({"APBILL", "PODOCUMENT", "TIMESHEET"})

FUNCTIONS = {
    "create_bill": typed(
        f"vendorid datecreated dateposted? {_DUE} {_TAIL} billitems",
        {"billitems": _BILL_LINES},
        ("ignoreduplicates",),
    ),
    "update_bill": typed(
        "vendorid? datecreated? dateposted? datedue? termname? action? billno? ponumber? onhold? description? "
        f"externalid? payto? returnto? {CURRENCY_GROUP} supdocid? customfields? updatebillitems?",
        {
            "updatebillitems": typed(
                "(updatelineitem | lineitem)*",
                {"updatelineitem": typed(UPDATE_LINE, attributes=("line_num",)), "lineitem": typed(LINE)},
            )
        },
        ("key", "externalkey"),
    ),
    "reverse_bill": typed("datereversed description?", attributes=("key",)),
    "delete_bill": typed("", attributes=("key", "externalkey")),
    "create_paymentrequest": typed(
        "(bankaccountid | chargecardid) vendorid memo? paymentmethod grouppayments? paymentdate paymentoption? "
        "paymentrequestitems? documentnumber? paymentdescription? paymentcontact? paymentamount?",
        {
            "paymentrequestitems": typed(
                "paymentrequestitem+",
                {"paymentrequestitem": typed("key paymentamount credittoapply? discounttoapply?")},
            )
        },
    ),
    "reverse_appayment": typed("datereversed description?", attributes=("key",)),
    "approve_appaymentrequest": _KEYS,
    "decline_appaymentrequest": _KEYS,
    "send_appaymentrequest": _KEYS,
    "confirm_appaymentrequest": _KEYS,
    "void_appaymentrequest": _KEYS,
    "approve": Model("APBILL | PODOCUMENT | TIMESHEET", unchecked=_APPROVED),
    "decline": Model("APBILL | PODOCUMENT | TIMESHEET", unchecked=_APPROVED),
    "getApprovalHistory": Model("module docid"),
    "getTransactionsToApprove": Model("module"),
}
