"""AR payments."""

from __future__ import annotations

from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed

_ITEM = typed("invoicekey amount")
_CARD = typed(
    "cardnum expirydate cardtype securitycode? usedefaultcard?",
)
_ACH = typed("bankname? accounttype? accountnumber? routingnumber? accountholder? usedefaultcard?")

FUNCTIONS = {
    "create_arpayment": typed(
        "customerid paymentamount translatedamount? (batchkey | bankaccountid | undepfundsacct)? refid? "
        f"overpaylocid? overpaydeptid? datereceived? paymentmethod? {CURRENCY_GROUP} cctype? authcode? "
        "arpaymentitem* (onlinecardpayment | onlineachpayment)*",
        {"arpaymentitem": _ITEM, "onlinecardpayment": _CARD, "onlineachpayment": _ACH},
    ),
    "apply_arpayment": typed(
        "arpaymentkey paymentdate batchkey? memo? overpaylocid? overpaydeptid? arpaymentitems",
        {"arpaymentitems": typed("arpaymentitem+", {"arpaymentitem": _ITEM})},
    ),
    "reverse_arpayment": typed("datereversed description? nsfclosedaccount?", attributes=("key",)),
    "delete_arpayment": typed("", attributes=("key",)),
}
