"""create_invoice."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, missing, no_permission
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import INVOICE
from include.sandbox.intacct.results import Result


def create_invoice(context: Context, element: Element) -> Result:
    """``<key>`` is the RECORDNO of the new invoice."""
    if not context.may_make("ARINVOICE"):
        raise no_permission("create", "ARINVOICE")
    try:
        recordno = store_document(context, INVOICE, read_invoice(context, element))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create invoice record!") from None
    return Result(leaf("key", str(recordno)))


def read_invoice(context: Context, element: Element) -> Draft:
    """The draft a ``create_invoice`` describes. Raises Refused for values that are none."""
    check_batch(element)
    group = typed.currency_in(element)
    return Draft(
        party=child_text(element, "customerid"),
        created=typed.required_date(element, "datecreated"),
        lines=typed.lines_in(context, element.find("invoiceitems"), "ARINVOICEITEM"),
        posted=typed.date_in(element, "dateposted"),
        due=typed.date_in(element, "datedue"),
        term=child_text(element, "termname"),
        number=child_text(element, "invoiceno"),
        reference=child_text(element, "ponumber"),
        description=child_text(element, "description"),
        external=child_text(element, "externalid"),
        billto=typed.contact_in(element, "billto"),
        shipto=typed.contact_in(element, "shipto"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        is_draft=typed.is_draft(element),
        no_gl=typed.flag_in(element, "nogl"),
        custom=typed.custom_fields_in(context, element, "ARINVOICE"),
        solution=child_text(element, "taxsolutionid"),
        extra={"SUPDOCID": child_text(element, "supdocid") or None},
    )


def check_batch(element: Element) -> None:
    """Summaries (batch mode) are not set up in this tenant."""
    if child_text(element, "batchkey"):
        raise missing("The batch key is not valid: summaries are not configured.")


HANDLERS = {"create_invoice": create_invoice}
