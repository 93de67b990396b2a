"""The order and kinds of the elements of ``create_invoice`` in the gateway's schema (DTD 3.0).

The gateway refuses a request with an element out of place (XL03000003), so fields are sent in this order whatever
order a payload has them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "amount", "flag", "contact", "customfields", "taxentries", "lines"]


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its name and what its payload value is."""

    name: str
    kind: Kind = "text"


def elements(source: str) -> tuple[Element, ...]:
    """``"name name:kind"`` in order."""
    parsed = (word.partition(":") for word in source.split())
    return tuple(Element(name, kind or "text") for name, _, kind in parsed)  # type: ignore[arg-type]


HEADER = elements(
    "customerid datecreated:date dateposted:date datedue:date termname batchkey action invoiceno ponumber description "
    "externalid billto:contact shipto:contact basecurr currency exchratedate:date exchratetype exchrate:amount "
    "nogl:flag supdocid customfields:customfields taxsolutionid invoiceitems:lines"
)
LINE = elements(
    "accountlabel glaccountno offsetglaccountno amount:amount allocationid memo locationid departmentid "
    "item1099:flag form1099type form1099box key totalpaid:amount totaldue:amount customfields:customfields "
    "revrectemplate defrevaccount revrecstartdate:date revrecenddate:date projectid taskid costtypeid customerid "
    "vendorid employeeid itemid classid contractid warehouseid billable:flag totaltrxamount:amount "
    "partialexempt:flag paymenttaxcapture taxentries:taxentries"
)
TAX_ENTRY = elements("detailid trx_tax:amount")
ACTIONS = ("Draft", "Submit")
