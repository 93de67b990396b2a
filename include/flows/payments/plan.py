"""What deals and companies are to show of the books. Pure: the same records give the same decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.core.decisions import Decision, Hold, Json, Skip, Update
from include.core.refunds import Received, RefundTooLarge
from include.flows.figures.customer_standing import Standing
from include.flows.figures.of_company import NO_FIGURES, company_values
from include.flows.figures.of_deal import NUMBERS, DealFigures


def plan(records: Sequence[Json]) -> list[Decision]:
    """For each deal and each customer's companies one update, with all values computed anew: nothing is added to what
    is shown already. An invoice that no deal has is skipped."""
    return [decision for record in records for decision in _decide(record)]


def _decide(record: Json) -> Iterator[Decision]:
    if "deal" in record:
        yield from _deal(record["id"], DealFigures.from_json(record["deal"]))
    elif "company" in record:
        yield _no_customers(record["id"], record["company"], "no customer any more")
    elif "customer_id" in record:
        yield from _customer(record["id"], record)
    elif not record["has_deal"]:
        yield Skip(record["id"], f"no HubSpot deal has invoice {record['invoice'] or record['id']}")


def _deal(source_id: str, deal: DealFigures) -> Iterator[Decision]:
    numbers = ", ".join(one.number for one in deal.invoices)
    shows = f"{deal.status}, invoice {numbers}" if deal.invoices else "no invoice"
    summary = f"deal {deal.deal_id} shows {shows}"
    yield Update("hubspot", "deals", deal.deal_id, source_id, deal.values(), summary)
    if len(deal.currencies) > 1:
        named = ", ".join(f"{one.number} ({one.currency})" for one in deal.counted)
        yield Hold(
            source_id,
            "mixed_currencies",
            f"Deal {deal.deal_id}: its invoices {named} are in several currencies, which cannot be added up, so it "
            f"shows no amounts. Leave those of one currency in {NUMBERS}.",
        )
    elif too_much := _too_much_refunded(deal):
        yield Hold(
            source_id,
            "refund_exceeds_paid",
            f"Deal {deal.deal_id}: {'; '.join(too_much)}. Correct the invoice's number on the refund in Intacct.",
        )
    elif deal.unknown:
        yield Hold(
            source_id,
            "unknown_invoice_number",
            f"Deal {deal.deal_id}: Intacct has no invoice {', '.join(deal.unknown)}. Correct {NUMBERS} on the deal.",
        )


def _too_much_refunded(deal: DealFigures) -> list[str]:
    """What says that more went back of an invoice than was ever paid on it."""
    told = []
    for one in deal.counted:
        try:
            if one.refunded.amount > 0:
                Received.of(one.paid).refund(one.refunded)
        except RefundTooLarge as error:
            told.append(f"{one.number}: {error.message}")
    return told


def _customer(source_id: str, record: Json) -> Iterator[Decision]:
    customer_id = record["customer_id"]
    if not record["companies"]:
        yield Skip(source_id, f"no HubSpot company has the Intacct customer id {customer_id}")
    if record["standing"] is None:
        for company_id in record["companies"]:
            yield _no_customers(source_id, company_id, f"customer {customer_id}, whom Intacct does not have")
        return
    values = company_values(Standing.from_json(record["standing"]), record["currency"], record["refunded"])
    for company_id in record["companies"]:
        summary = f"company {company_id} shows how customer {customer_id} stands"
        yield Update("hubspot", "companies", company_id, source_id, values, summary)


def _no_customers(source_id: str, company_id: str, names: str) -> Update:
    summary = f"company {company_id} names {names}, and shows no figures"
    return Update("hubspot", "companies", company_id, source_id, NO_FIGURES, summary)
