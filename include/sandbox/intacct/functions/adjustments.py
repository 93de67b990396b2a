"""AR adjustments: debit memos from positive lines, credit memos from negative ones."""

from __future__ import annotations

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, no_permission
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.functions.documentkeys import document_key
from include.sandbox.intacct.functions.invoices import check_batch
from include.sandbox.intacct.ledger.changes import delete_document
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import ADJUSTMENT
from include.sandbox.intacct.ledger.reversals import reverse_document
from include.sandbox.intacct.results import Result


def create_aradjustment(context: Context, element: Element) -> Result:
    if "ARADJUSTMENT" in context.denied:
        raise no_permission("create", "ARADJUSTMENT")
    try:
        recordno = store_document(context, ADJUSTMENT, _read(context, element))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create adjustment record!") from None
    return Result(leaf("key", str(recordno)))


def _read(context: Context, element: Element) -> Draft:
    check_batch(element)
    group = typed.currency_in(element)
    return Draft(
        party=child_text(element, "customerid"),
        created=typed.required_date(element, "datecreated"),
        lines=typed.lines_in(context, element.find("aradjustmentitems"), "ARADJUSTMENTITEM"),
        posted=typed.date_in(element, "dateposted"),
        number=child_text(element, "adjustmentno"),
        reference=child_text(element, "invoiceno"),
        description=child_text(element, "description"),
        external=child_text(element, "externalid"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        is_draft=typed.is_draft(element),
        no_gl=typed.flag_in(element, "nogl"),
        custom=typed.custom_fields_in(context, element, "ARADJUSTMENT"),
    )


def reverse_aradjustment(context: Context, element: Element) -> Result:
    recordno = document_key(context, ADJUSTMENT, element)
    day = typed.required_date(element, "datereversed")
    try:
        reversal = reverse_document(context, ADJUSTMENT, recordno, day, child_text(element, "description"))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not reverse adjustment!") from None
    return Result(leaf("key", str(reversal)))


def delete_aradjustment(context: Context, element: Element) -> Result:
    delete_document(context, ADJUSTMENT, document_key(context, ADJUSTMENT, element))
    return Result()


def remove_adjustment(context: Context, recordno: int) -> None:
    delete_document(context, ADJUSTMENT, recordno)


HANDLERS = {
    "create_aradjustment": create_aradjustment,
    "reverse_aradjustment": reverse_aradjustment,
    "delete_aradjustment": delete_aradjustment,
}
