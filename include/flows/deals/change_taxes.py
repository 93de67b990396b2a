"""The tax of a document over a difference: when Tieout may bill or credit a part of a taxed deal, and what is told of
it. Pure.

Whole documents need none of this: they are reversed, or made anew, with their tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from include.core.decisions import Json
from include.core.money import sum_money
from include.flows.deals.bill import HoldThis
from include.flows.deals.change_lines import booked_by
from include.flows.deals.change_work import Work
from include.flows.deals.documents import TAX_ON_TOP
from include.flows.deals.tax_as_billed import is_explained, nets
from include.flows.deals.tax_settings import TaxSettings


def check_taxes(work: Work) -> None:
    """Raises ``HoldThis`` where a part of the deal cannot be billed or credited with its tax to the cent."""
    taxed = [one for one in work.live.standing if nets(one) != one.standing.invoiced]
    if not taxed and not (work.bill and work.bill.tax and not work.bill.tax.tax.is_zero):
        return
    names = ", ".join(one.name for one in work.live.standing)
    if work.settings.tax.by == "intacct":
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and Intacct computes the tax of {names}, so that parts of it are for a "
            "person. Correct it in Intacct, or undo the change.",
        )
    hidden = [one.name for one in taxed if not is_explained(one)]
    if hidden:
        raise HoldThis(
            "changed_after_posting",
            f"it changed after it was invoiced, and Intacct does not show which lines of {', '.join(hidden)} bear its "
            "tax. Correct it in Intacct, or undo the change.",
        )


def tax_of_items(items: Iterable[Json], currency: str, settings: TaxSettings) -> Json:
    """Among the facts of the document: what of it the deal's amount does not include."""
    tax = sum_money((booked_by(item, currency).tax for item in items), currency)
    return {} if tax.is_zero or settings.prices == "inclusive" else {TAX_ON_TOP: tax.text}


def tax_solution(work: Work, entity_id: str, items: Sequence[Json]) -> Json:
    """The tax solution that a document with these lines names, where the settings name one."""
    entity = work.settings.tax.entities.get(entity_id)
    taxed = any("taxentries" in item for item in items)
    return {"taxsolutionid": entity.solution} if taxed and entity and entity.solution else {}
