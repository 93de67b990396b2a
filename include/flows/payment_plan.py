"""What deals and companies are to show of the books. Pure: the same records give the same decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from include.core.decisions import Decision, Hold, Json, Skip, Update
from include.flows.company_figures import company_values
from include.flows.customer_standing import Standing
from include.flows.deal_figures import NUMBERS, DealFigures


def plan(records: Sequence[Json]) -> list[Decision]:
    """For each invoice the updates of its deals, for each customer those of its companies. Nothing is added to what is
    shown already: every value is computed anew."""
    return [decision for record in records for decision in _decide(record)]


def _decide(record: Json) -> Iterable[Decision]:
    return _of_customer(record) if "customer_id" in record else _of_invoice(record)


def _of_customer(record: Json) -> Iterator[Decision]:
    source_id, customer_id = record["id"], record["customer_id"]
    if not record["companies"]:
        yield Skip(source_id, f"no HubSpot company has the Intacct customer id {customer_id}")
    values = company_values(Standing.from_json(record["standing"]), record["currency"])
    for company_id in record["companies"]:
        summary = f"company {company_id} shows how customer {customer_id} stands"
        yield Update("hubspot", "companies", company_id, source_id, values, summary)


def _of_invoice(record: Json) -> Iterator[Decision]:
    source_id, number = record["id"], record["number"] or record["id"]
    if not record["deals"]:
        also = ", ".join(record["also"])
        why = f"invoice {number} is written with deal {also}" if also else f"no HubSpot deal has invoice {number}"
        yield Skip(source_id, why)
    for deal in map(DealFigures.from_json, record["deals"]):
        summary = f"deal {deal.deal_id} shows invoice {number}: {deal.status}"
        yield Update("hubspot", "deals", deal.deal_id, source_id, deal.values(), summary)
        yield from _holds(source_id, deal)


def _holds(source_id: str, deal: DealFigures) -> Iterator[Hold]:
    if len(deal.currencies) > 1:
        numbers = ", ".join(f"{one.number} ({one.currency})" for one in deal.counted)
        yield Hold(
            source_id,
            "mixed_currencies",
            f"Deal {deal.deal_id}: its invoices {numbers} are in several currencies, which cannot be added up, so it "
            f"shows no amounts. Leave those of one currency in {NUMBERS}.",
        )
    elif deal.unknown:
        yield Hold(
            source_id,
            "unknown_invoice_number",
            f"Deal {deal.deal_id}: Intacct has no invoice {', '.join(deal.unknown)}. Correct {NUMBERS} on the deal.",
        )
