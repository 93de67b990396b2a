"""The mail that tells an owner of new renewal deals: one for each owner and day, each deal in one of them once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from include.core.decisions import Json, Write, canonical_hash
from include.core.sync import Result
from include.flows.owners import OwnerDirectory
from include.notices.notice import Link, Notice, Section
from include.notices.writes import mail_write


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A renewal deal that stands in HubSpot."""

    deal_id: str
    owner_id: str
    name: str
    starts: str
    amount: str
    currency: str

    def to_json(self) -> Json:
        return asdict(self)


def deals_made(writes: Iterable[Write], results: Iterable[Result]) -> list[NewDeal]:
    """The deals that these writes made now or before, with an owner."""
    ids = {result.key: result.target_id for result in results if result.state in {"written", "unchanged"}}
    deals = []
    for write in writes:
        if write.key.target_object != "deal" or write.key not in ids:
            continue
        shown = write.payload["properties"]
        if shown["hubspot_owner_id"]:
            figures = (shown["intacct_renewal_start"], shown["amount"], shown["deal_currency_code"])
            deals.append(NewDeal(ids[write.key], shown["hubspot_owner_id"], shown["dealname"], *figures))
    return deals


def digests(
    deals: Iterable[NewDeal], owners: OwnerDirectory, urls: dict[str, str], today: date
) -> list[tuple[Write, Sequence[NewDeal]]]:
    """One mail to each owner who can be written to, with the deals that it tells of; ``urls``: deal id -> page."""
    by_owner = defaultdict[str, list[NewDeal]](list)
    for deal in sorted(deals, key=lambda one: (one.starts, int(one.deal_id))):
        by_owner[deal.owner_id].append(deal)
    mails: list[tuple[Write, Sequence[NewDeal]]] = []
    for owner_id, its in by_owner.items():
        address = owners.email(owner_id)
        if not address:
            continue
        # The contents name the mail: sent again after a lost answer it is the same, and a later run's is another one.
        part = f"renewals-{today.isoformat()}-{canonical_hash([deal.deal_id for deal in its])[:8]}"
        mails.append((mail_write(_notice(address, its, urls, today), ("hubspot", "owner", owner_id), part), its))
    return mails


def _notice(address: str, deals: Sequence[NewDeal], urls: dict[str, str], today: date) -> Notice:
    count = "1 contract comes" if len(deals) == 1 else f"{len(deals)} contracts come"
    rows = [
        (Link(deal.name, urls.get(deal.deal_id, "")), deal.starts, f"{deal.amount} {deal.currency}") for deal in deals
    ]
    return Notice(
        address,
        f"{count} up for renewal ({today})",
        [
            Section(
                lines=[f"{count} up for renewal. The deals were made from the recurring invoices in Sage Intacct."],
                columns=("Deal", "New term starts", "Amount"),
                rows=rows,
                numbers=("Amount",),
            )
        ],
    )
