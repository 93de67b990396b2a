"""Employee expenses, charge cards and reimbursements: their heads are kept, their lines are not checked."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas.parts import CURRENCY_GROUP, typed


def _loose(source: str, wrappers: str, *attributes: str) -> Model:
    model = typed(source, attributes=attributes)
    model.unchecked = frozenset(wrappers.split())
    return model


FUNCTIONS = {
    "create_expensereport": _loose(
        "employeeid datecreated dateposted? batchkey? expensereportno? state? description? memo? externalid? "
        # The rates stand on the expenses: official clients send the currencies alone.
        "basecurr? currency? ((exchratedate? exchratetype) | exchrate)? customfields? supdocid? expenses",
        "expenses",
    ),
    "update_expensereport": _loose("description? memo? supdocid? customfields?", "expenses", "key"),
    "record_cctransaction": _loose(
        f"chargecardid paymentdate referenceno? payee? description? supdocid? {CURRENCY_GROUP} customfields? "
        "inclusivetax? taxsolutionid? ccpayitems",
        "ccpayitems",
    ),
    "update_cctransaction": _loose(
        f"paymentdate? referenceno? payee? description? supdocid? {CURRENCY_GROUP} customfields? "
        "(ccpayitems | updateccpayitems)?",
        "ccpayitems updateccpayitems",
        "key",
    ),
    "create_reimbursementrequest": _loose(
        "bankaccountid employeeid memo? paymentmethod paymentdate paymentoption? eppaymentrequestitems "
        "documentnumber? paymentdescription? paymentcontact?",
        "eppaymentrequestitems",
    ),
}
