"""Which code answers which function element."""

from __future__ import annotations

from collections.abc import Callable

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.errors import function_error
from include.sandbox.intacct.functions import generic, invoices, metadata, paging, queries, reading, session
from include.sandbox.intacct.results import Result

Handler = Callable[[Context, Element], Result]

HANDLERS: dict[str, Handler] = {
    **session.HANDLERS,
    **generic.HANDLERS,
    **invoices.HANDLERS,
    **paging.HANDLERS,
    **reading.HANDLERS,
    **metadata.HANDLERS,
    "query": queries.query,
}


def call(context: Context, name: str, element: Element) -> Result:
    """Raises Refused for what the books do not accept."""
    handler = HANDLERS.get(name)
    if handler is None:
        raise function_error(f"The function {name} is not imitated by this sandbox.")
    return handler(context, element)
