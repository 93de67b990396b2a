"""Tax entries of AR lines (VAT, GST): each makes a line of its own that belongs to the line it taxes."""

from __future__ import annotations

from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid, missing
from include.sandbox.intacct.ledger.dimensions import account, usable
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert

Line = dict[str, Native]
TAX_LINE = "F"
"""LINEITEM of a tax line; lines that were entered have ``T``."""

_OF_THE_LINE = ("REVRECTEMPLATE", "DEFERREDREVACCTNO", "REVRECSTARTDATE", "REVRECENDDATE", "ACCOUNTLABEL", "ALLOCATION")


def tax_lines(context: Context, draft: Draft, lines: list[Line], rate: Rate) -> list[tuple[int, Line]]:
    """The tax lines of a document, each with the place of its line. Raises Refused.

    A tax that was given overrides what the detail's percentage gives.
    """
    if not any(line.taxes for line in draft.lines):
        return []
    _check_solution(context, draft)
    made = []
    for place, (sent, line) in enumerate(zip(draft.lines, lines, strict=True)):
        for entry in sent.taxes:
            detail = _detail(context, draft, entry.detail)
            tax = entry.tax
            if tax is None:
                tax = convert(sent.amount, Decimal(str(detail["VALUE"] or 0)).scaleb(-2))
            base = convert(tax, rate.rate)
            own: Line = {
                **line,
                **dict.fromkeys(name for name in _OF_THE_LINE if name in line),
                "ACCOUNTNO": str(detail["GLACCOUNT"]),
                "AMOUNT": base,
                "TRX_AMOUNT": tax,
                "LINEITEM": TAX_LINE,
                "DETAILKEY": int(detail["RECORDNO"]),
                "_DUE": base,
                "_TRX_DUE": tax,
            }
            if "DEFERREVENUE" in line:
                own["DEFERREVENUE"] = "false"
            made.append((place, own))
    return made


def _check_solution(context: Context, draft: Draft) -> None:
    if draft.solution:
        usable(context, "TAXSOLUTION", "SOLUTIONID", draft.solution, "Tax solution")
        return
    several = context.db.scalar("SELECT count(*) FROM TAXSOLUTION WHERE STATUS IS NOT 'inactive'")
    if not context.entity and int(several or 0) > 1:
        raise missing("A tax solution is required for a transaction at the top level.")


def _detail(context: Context, draft: Draft, name: str) -> Row:
    detail = usable(context, "TAXDETAIL", "DETAILID", name, "Tax detail")
    solution = detail["TAXSOLUTIONID"]
    if draft.solution and solution and solution != draft.solution:
        raise invalid("Tax detail", name)
    if not detail["GLACCOUNT"]:
        raise missing(f"Tax detail '{name}' has no GL account.")
    account(context, str(detail["GLACCOUNT"]))
    return detail
