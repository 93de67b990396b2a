"""What a deal that is billed in instalments shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from include.core.decisions import Write
from include.flows.deals.documents import DealDocuments
from include.flows.deals.writeback import InvoicedDeal
from include.flows.instalments.billed import BilledInstalments, progress
from include.flows.instalments.contract import INSTALMENTS
from include.state.store import StateStore


def with_progress(invoiced: Sequence[InvoicedDeal], writes: Iterable[Write], store: StateStore) -> list[InvoicedDeal]:
    """The deals with how much of them is billed and what comes next, where nothing more urgent is to be said."""
    dated = {write.key.source_id for write in writes if INSTALMENTS in write.facts}
    documents = DealDocuments.of(store.rows_about("hubspot", "deal", dated)) if dated else {}
    said = {deal: progress(its.facts, BilledInstalments.of(its)) for deal, its in documents.items()}
    return [replace(one, message=one.message or said.get(one.deal_id, "")) for one in invoiced]


def newest_of_each(invoices: Iterable[Write]) -> list[Write]:
    """Of each deal the last of its invoices: the one that it is compared with the books by."""
    return list({write.key.source_id: write for write in invoices}.values())
