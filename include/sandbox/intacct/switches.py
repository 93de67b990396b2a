"""What the official material leaves open about the gateway, as constructor switches (see COVERAGE.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Switches:
    """Behaviour that differs by tenant or is unknown.

    ``failure_burns_controlid``: a failed function's control id counts as used.
    ``running_reads_as_done``: a control id whose request is still worked on is answered as already recorded.
    ``controlid_retention``: how long a used control id is remembered; ``None`` for ever.
    ``controlid_scope``: ``company_sender`` or ``company``: within what a control id is unique.
    ``duplicate_invoice_numbers_allowed``: the company does not refuse a second document of the same number.
    ``account_labels_required``: AR and AP lines must carry an account label, GL account override is off.
    ``strict``: typed functions are checked in schema order without tolerance for empty elements out of place.
    ``concurrency``: simultaneous calls before HTTP 429 GW-0010; 0 turns the gate off.
    ``session_duration``: life of a session after its last call.
    ``wrong_login``: ``authentication`` answers inside the envelope, ``gateway`` with HTTP 401 XMLGW_JPP0002.
    ``read_unknown_key``: ``empty`` or ``failure`` for ``read`` of a key that does not exist.
    ``rolled_back_root``: status of the function that caused a rollback: ``failure`` or ``aborted``.
    ``unknown_fields``: ``ignore`` or ``refuse`` elements of a generic write that the object does not have.
    ``undeposited_foreign_allowed``: payments to undeposited funds may settle foreign-currency documents.
    ``aggregate_names``: ``prefixed`` answers SUM.X, ``plain`` answers X, for all aggregates but count.
    ``gmt_offset_hours``: the web services user's zone: record timestamps are shown and filtered in it.
    ``customer_kind``: ``open_item`` keeps a payment without items as an advance, ``balance_forward`` applies it
    to the oldest documents first.
    ``payment_bumps_invoice``: applying money changes the invoice's WHENMODIFIED.
    ``bill_approval``: bills need ``approve`` before they post.
    ``customer_autonumber``: CUSTOMERID may be left out of a create.
    ``private_to_top_level``: top-level reads hide entity-owned records unless ``showprivate`` is true.
    ``max_request_bytes``, ``max_functions``: size of a request and how many functions it may hold.
    ``max_asynchronous_characters``: size of a request that names a policy.
    ``tax_lines_shown``: reads of invoice and adjustment lines show the lines of their tax entries too.
    ``record_url``: the beginning of RECORD_URL, empty for a gateway that answers none.
    ``gzip_responses``: compress when the client accepts it.
    """

    failure_burns_controlid: bool = False
    running_reads_as_done: bool = False
    controlid_retention: timedelta | None = None
    controlid_scope: str = "company_sender"
    duplicate_invoice_numbers_allowed: bool = False
    account_labels_required: bool = False
    strict: bool = True
    concurrency: int = 2
    session_duration: timedelta = timedelta(hours=6)
    wrong_login: str = "authentication"
    read_unknown_key: str = "empty"
    rolled_back_root: str = "failure"
    unknown_fields: str = "ignore"
    undeposited_foreign_allowed: bool = False
    aggregate_names: str = "prefixed"
    gmt_offset_hours: int = 0
    customer_kind: str = "open_item"
    payment_bumps_invoice: bool = True
    bill_approval: bool = False
    customer_autonumber: bool = False
    private_to_top_level: bool = True
    max_request_bytes: int = 20_000_000
    max_functions: int = 2_000
    max_asynchronous_characters: int = 500_000
    tax_lines_shown: bool = True
    record_url: str = "https://intacct.brightwater.example"
    gzip_responses: bool = True
