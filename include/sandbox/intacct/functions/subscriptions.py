"""get_applications and get_companyprefs: what the company subscribes to and how it is set up."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.envelope.wire import leaf, node
from include.sandbox.intacct.errors import missing
from include.sandbox.intacct.results import Result

_DIMENSIONS = ("DEPARTMENT", "LOCATION", "CUSTOMER", "VENDOR", "EMPLOYEE", "ITEM", "CLASS", "PROJECT")
_PREFERENCES: dict[str, dict[str, str]] = {
    "GEN": {
        "PRIMARY_ACCTNO_LENGTH": "4",
        "ACCTNO_SEPARATOR": "-",
        "SUBACCTNO_LENGTH": "0",
        "FISCAL_FIRST_MONTH": "1",
        "FISCAL_FIRST_MONTH_TAX": "1",
        "WEEK_START": "2",
        "CUSTOM_ACCOUNTING_PERIODS": "F",
    },
    "ME": {"DISABLEENTITYSLIDEIN": "F"},
    "GL": {f"{name}DIMENSION": "T" for name in _DIMENSIONS},
    "CM": {},
    "AP": {},
    "AR": {},
    "EE": {},
    "PO": {},
    "SO": {},
    "INV": {},
    "PA": {},
    "CS": {},
}
_SUBSCRIBED = ("CO", "ME", "CM", "GL", "AP", "AR", "EE", "SO")


def get_applications(context: Context, element: Element) -> Result:
    return Result(node("data", *(leaf("application", name) for name in _SUBSCRIBED)))


def get_companyprefs(context: Context, element: Element) -> Result:
    """The preferences of one application. Raises Refused for one that does not exist."""
    application = str(element.get("application") or "")
    if application not in _PREFERENCES:
        raise missing(f"The value '{application}' is not valid for application.")
    shown = dict(_PREFERENCES[application])
    if application == "AP":
        shown["BILLAPPROVAL"] = "T" if context.switches.bill_approval else "F"
    if application == "AR":
        shown["ACCOUNTLABELS"] = "T" if context.switches.account_labels_required else "F"
    return Result(
        node(
            "data",
            *(
                node(
                    "companypref", leaf("application", application), leaf("preference", name), leaf("prefvalue", value)
                )
                for name, value in shown.items()
            ),
        )
    )


HANDLERS = {"get_applications": get_applications, "get_companyprefs": get_companyprefs}
