"""Intacct as the write path sees it: find our records, send new ones, say for each what is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from include.connectors.intacct.canonical import canonical
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.customers import build_create_customer
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.invoices import build_create_invoice
from include.connectors.intacct.query import Query, read_together
from include.connectors.intacct.replies import Record
from include.connectors.intacct.sending import Prepared, send_functions
from include.core.decisions import Key, Write
from include.core.errors import InvariantError, RecordError, SettingsError
from include.core.target import Found, Outcome, Refused, Send

__all__ = ["DocumentKey", "IntacctTarget"]

CHUNK = 100
GATEWAY_MAX_SECONDS = 900.0  # how long the gateway works on a request at most
# A reversed invoice, and the document that reverses it, keep their key but stand for nothing any more.
_NOT_LIVE = frozenset({"reversed", "reversal"})


class IntacctTarget:
    """``core.target.Target`` for the objects ``invoice`` (create_invoice) and ``customer`` (create CUSTOMER).

    An invoice is found by ``document_key``, a customer by its CUSTOMERID, which its payload must therefore have.
    """

    def __init__(
        self, client: IntacctClient, document_key: DocumentKey, *, gateway_max_seconds: float = GATEWAY_MAX_SECONDS
    ) -> None:
        self._client = client
        self._key = document_key
        self._settle_seconds = gateway_max_seconds

    @property
    def system(self) -> str:
        return SYSTEM

    @property
    def chunk_size(self) -> int:
        return CHUNK

    @property
    def request_deadline(self) -> float:
        return self._client.request_deadline

    @property
    def settle_seconds(self) -> float:
        return self._settle_seconds

    def check_document_key(self) -> None:
        """Prove that the document key can be looked up. Raises ``SettingsError`` or ``AuthError`` where it cannot."""
        self._read([self._invoice_query(["tieout-check"], ())])

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Which of these exist: one request, with a query for the invoices and one for the customers among them.

        An invoice that was reversed is found with its STATE in ``actual``, as its key is taken. Raises
        ``InvariantError`` where two live records carry one key, and what ``iter_query`` raises.
        """
        invoices = [write for write in writes if self._is(write, "invoice")]
        customers = [write for write in writes if self._is(write, "customer")]
        queries = []
        if invoices:
            expected = {name for write in invoices for name in write.expect}
            queries.append(self._invoice_query([write.key.document_key() for write in invoices], expected))
        if customers:
            queries.append(_customer_query(customers))
        answers = self._read(queries)
        found = self._found_invoices(invoices, answers[0]) if invoices else {}
        return found | (_found_customers(customers, answers[-1]) if customers else {})

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """Send these records in one request; one outcome for each, in order.

        A payload that cannot be built is refused by itself. Where the gateway refuses the whole request as malformed,
        nothing was executed, and it is sent again in halves until the one record is found. Raises ``AuthError`` and
        ``SettingsError`` only where nothing was executed.
        """
        prepared: list[Prepared] = []
        refused: dict[Key, Outcome] = {}
        for send in sends:
            try:
                prepared.append(Prepared(send, Function(self._build(send), send.controlid)))
            except RecordError as error:
                refused[send.key] = Refused(send.key, error.code or "payload", error.message)
        outcomes = send_functions(self._client, prepared) | refused
        return [outcomes[send.key] for send in sends]

    def _build(self, send: Send) -> Any:
        if send.key.target_object == "invoice":
            return build_create_invoice(self._key.put(send.payload, send.key.document_key()))
        if send.key.target_object == "customer":
            _customer_id(send.key, send.payload)
            return build_create_customer(send.payload)
        raise self._unknown(send.key.target_object)

    def _is(self, write: Write, target_object: str) -> bool:
        if write.key.target_object not in ("invoice", "customer"):
            raise self._unknown(write.key.target_object)
        return write.key.target_object == target_object

    def _unknown(self, target_object: str) -> SettingsError:
        return SettingsError(
            f"Tieout writes invoice and customer to Sage Intacct, not {target_object!r:.40}.", system=SYSTEM
        )

    def _invoice_query(self, keys: Sequence[str], expected: Iterable[str]) -> Query:
        field = self._key.queried_field
        fields = list(dict.fromkeys(("RECORDID", "STATE", field, *sorted(expected))))
        return Query("ARINVOICE", fields, is_in(field, list(dict.fromkeys(keys))))

    def _read(self, queries: Sequence[Query]) -> list[list[Record]]:
        try:
            return read_together(self._client, queries)
        except SettingsError as error:
            if all(query.object_name != "ARINVOICE" for query in queries):
                raise
            raise SettingsError(
                f"Sage Intacct cannot look invoices up by {self._key.queried_field}, which is to carry Tieout's "
                "document key; create that field on AR invoices, or choose another document_key.",
                system=SYSTEM,
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _found_invoices(self, writes: Sequence[Write], records: Iterable[Record]) -> dict[Key, Found]:
        field = self._key.queried_field
        carrying: dict[str, list[Record]] = {}
        for record in records:
            carrying.setdefault(str(record.get(field, "")).strip(), []).append(record)
        found = {}
        for write in writes:
            text = write.key.document_key()
            invoice = _the_one(carrying.get(text, ()), f"invoices carry the document key {text}")
            if invoice is not None:
                shown = canonical(invoice, write.expect)
                if not _is_live(invoice):
                    shown["STATE"] = str(invoice["STATE"])
                found[write.key] = Found(write.key, str(invoice["RECORDNO"]), str(invoice.get("RECORDID", "")), shown)
        return found


def _customer_query(writes: Sequence[Write]) -> Query:
    fields = sorted({"CUSTOMERID", *(name for write in writes for name in write.expect)})
    ids = list(dict.fromkeys(_customer_id(write.key, write.payload) for write in writes))
    return Query("CUSTOMER", fields, is_in("CUSTOMERID", ids))


def _found_customers(writes: Sequence[Write], records: Iterable[Record]) -> dict[Key, Found]:
    there = {str(record.get("CUSTOMERID", "")).strip(): record for record in records}
    found = {}
    for write in writes:
        customer_id = _customer_id(write.key, write.payload)
        if (record := there.get(customer_id)) is not None:
            shown = canonical(record, write.expect)
            found[write.key] = Found(write.key, str(record["RECORDNO"]), customer_id, shown)
    return found


def _customer_id(key: Key, payload: Mapping[str, Any]) -> str:
    customer_id = payload.get("CUSTOMERID")
    if not isinstance(customer_id, str) or not customer_id:
        raise SettingsError(
            "A customer that Tieout creates needs a CUSTOMERID in its payload, else it could not be found again.",
            system=SYSTEM,
            record_id=key.source_id,
        )
    return customer_id


def _is_live(record: Record) -> bool:
    return str(record.get("STATE", "")).strip().lower() not in _NOT_LIVE


def _the_one(records: Sequence[Record], what: str) -> Record | None:
    """The live record, else the last reversed one, else nothing. Raises ``InvariantError`` for two live ones."""
    live = [record for record in records if _is_live(record)]
    if len(live) > 1:
        numbers = ", ".join(str(record["RECORDNO"]) for record in live)
        raise InvariantError(
            f"{len(live)} Sage Intacct {what} (record numbers {numbers}); reverse the wrong one before going on.",
            system=SYSTEM,
        )
    if live:
        return live[0]
    return records[-1] if records else None
