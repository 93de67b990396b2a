"""AR and AP adjustments: positive lines raise what is owed, negative ones lower it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, missing, no_permission
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.functions.documentkeys import document_key
from include.sandbox.intacct.functions.invoices import check_batch
from include.sandbox.intacct.ledger.changes import delete_document
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft
from include.sandbox.intacct.ledger.kinds import ADJUSTMENT, AP_ADJUSTMENT, Kind
from include.sandbox.intacct.ledger.reversals import reverse_document
from include.sandbox.intacct.results import Result


@dataclass(frozen=True, slots=True)
class _Form:
    """The names of the parts in the typed function: who is owed, the lines, and the document that is adjusted."""

    kind: Kind
    party: str
    items: str
    document: str


_AR = _Form(ADJUSTMENT, "customerid", "aradjustmentitems", "invoiceno")
_AP = _Form(AP_ADJUSTMENT, "vendorid", "apadjustmentitems", "billno")


def _create(form: _Form, context: Context, element: Element) -> Result:
    if not context.may_make(form.kind.object):
        raise no_permission("create", form.kind.object)
    try:
        draft = _read(form, context, element)
        if form is _AP and len({line.amount > 0 for line in draft.lines if line.amount}) > 1:
            raise missing("The amounts of an adjustment must be all positive or all negative.")
        recordno = store_document(context, form.kind, draft)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create adjustment record!") from None
    return Result(leaf("key", str(recordno)))


def _read(form: _Form, context: Context, element: Element) -> Draft:
    check_batch(element)
    group = typed.currency_in(element)
    return Draft(
        party=child_text(element, form.party),
        created=typed.required_date(element, "datecreated"),
        lines=typed.lines_in(context, element.find(form.items), form.kind.lines),
        posted=typed.date_in(element, "dateposted"),
        number=child_text(element, "adjustmentno"),
        reference=child_text(element, form.document),
        description=child_text(element, "description"),
        external=child_text(element, "externalid"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        is_draft=typed.is_draft(element),
        no_gl=typed.flag_in(element, "nogl"),
        solution=child_text(element, "taxsolutionid"),
        custom=typed.custom_fields_in(context, element, form.kind.object),
    )


def _reverse(form: _Form, context: Context, element: Element) -> Result:
    recordno = document_key(context, form.kind, element)
    day = typed.required_date(element, "datereversed")
    try:
        reversal = reverse_document(context, form.kind, recordno, day, child_text(element, "description"))
    except Refused as error:
        raise error.and_then("BL01001973", "Could not reverse adjustment!") from None
    return Result(leaf("key", str(reversal)))


def _delete(form: _Form, context: Context, element: Element) -> Result:
    delete_document(context, form.kind, document_key(context, form.kind, element))
    return Result()


def _remove(form: _Form, context: Context, recordno: int) -> None:
    delete_document(context, form.kind, recordno)


REMOVERS: dict[str, Callable[[Context, int], None]] = {
    "ARADJUSTMENT": partial(_remove, _AR),
    "APADJUSTMENT": partial(_remove, _AP),
}
HANDLERS: dict[str, Callable[[Context, Element], Result]] = {
    "create_aradjustment": partial(_create, _AR),
    "reverse_aradjustment": partial(_reverse, _AR),
    "delete_aradjustment": partial(_delete, _AR),
    "create_apadjustment": partial(_create, _AP),
    "reverse_apadjustment": partial(_reverse, _AP),
    "delete_apadjustment": partial(_delete, _AP),
}
