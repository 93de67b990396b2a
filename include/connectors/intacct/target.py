"""Intacct as the write path sees it: find our records, send new ones, say for each what is certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from include.connectors.intacct.canonical import canonical
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.customers import build_create_customer
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.invoices import build_create_invoice
from include.connectors.intacct.query import iter_query
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
        self._invoices(["tieout-check"], ())

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Which of these exist: one query for the invoices, one for the customers among them.

        An invoice that was reversed is found with its STATE in ``actual``, as its key is taken. Raises
        ``InvariantError`` where two live records carry one key, and what ``iter_query`` raises.
        """
        by_object: dict[str, list[Write]] = {}
        for write in writes:
            by_object.setdefault(write.key.target_object, []).append(write)
        found: dict[Key, Found] = {}
        for target_object, group in by_object.items():
            found |= self._finder(target_object)(group)
        return found

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

    def _finder(self, target_object: str) -> Callable[[Sequence[Write]], dict[Key, Found]]:
        if target_object == "invoice":
            return self._find_invoices
        if target_object == "customer":
            return self._find_customers
        raise self._unknown(target_object)

    def _unknown(self, target_object: str) -> SettingsError:
        return SettingsError(
            f"Tieout writes invoice and customer to Sage Intacct, not {target_object!r:.40}.", system=SYSTEM
        )

    def _find_invoices(self, writes: Sequence[Write]) -> dict[Key, Found]:
        field = self._key.queried_field
        wanted = {write.key.document_key(): write for write in writes}
        expected = {name for write in writes for name in write.expect}
        carrying: dict[str, list[Record]] = {}
        for record in self._invoices(list(wanted), expected):
            carrying.setdefault(str(record.get(field, "")).strip(), []).append(record)
        found = {}
        for text, write in wanted.items():
            invoice = _the_one(carrying.get(text, ()), f"invoices carry the document key {text}")
            if invoice is not None:
                shown = canonical(invoice, write.expect)
                if not _is_live(invoice):
                    shown["STATE"] = str(invoice["STATE"])
                found[write.key] = Found(write.key, str(invoice["RECORDNO"]), str(invoice.get("RECORDID", "")), shown)
        return found

    def _invoices(self, keys: Sequence[str], expected: Iterable[str]) -> list[Record]:
        field = self._key.queried_field
        fields = list(dict.fromkeys(("RECORDID", "STATE", field, *sorted(expected))))
        try:
            return list(iter_query(self._client, "ARINVOICE", fields, is_in(field, keys)))
        except SettingsError as error:
            raise SettingsError(
                f"Sage Intacct cannot look invoices up by {field}, which is to carry Tieout's document key; create "
                "that field on AR invoices, or choose another document_key.",
                system=SYSTEM,
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _find_customers(self, writes: Sequence[Write]) -> dict[Key, Found]:
        wanted: dict[str, list[Write]] = {}
        for write in writes:
            wanted.setdefault(_customer_id(write.key, write.payload), []).append(write)
        fields = sorted({"CUSTOMERID", *(name for write in writes for name in write.expect)})
        found = {}
        for record in iter_query(self._client, "CUSTOMER", fields, is_in("CUSTOMERID", list(wanted))):
            customer_id = str(record.get("CUSTOMERID", "")).strip()
            for write in wanted.get(customer_id, ()):
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
