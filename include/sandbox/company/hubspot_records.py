"""The demo company's sales floor, in the shape that the HubSpot twin loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from include.sandbox.company.arithmetic import decimal_text, line_net
from include.sandbox.company.catalogue import BY_SKU
from include.sandbox.company.hubspot_settings import BEGINNING, given, hubspot_settings, iso
from include.sandbox.company.model import Company, Deal, Line, Person, Unit
from include.sandbox.company.sales_floor import with_sales_floor

_DEAL_TO_COMPANY, _DEAL_TO_PRIMARY_COMPANY, _DEAL_TO_CONTACT, _DEAL_TO_LINE = 341, 5, 3, 19
_CONTACT_TO_PRIMARY_COMPANY, _CONTACT_TO_COMPANY = 1, 279

Record = Mapping[str, Any]


def hubspot_records(units: Iterable[Unit]) -> Iterator[Record]:
    """Account, definitions and products first, then unit by unit: companies, contacts, line items, deals; in between,
    what sales people keep beside the story (``sales_floor``). A record comes after those that it is associated with.
    """
    yield from hubspot_settings()
    for unit in with_sales_floor(units):
        for company in unit.companies:
            yield _company(company)
            for person in company.people:
                yield _contact(person, company)
        for deal in unit.deals:
            for line_id, line in zip(deal.line_ids, deal.lines, strict=True):
                yield _line_item(line_id, line, deal)
            yield _deal(deal)


def _company(company: Company) -> Record:
    # Companies are older than their deals, in the order of their ids.
    created_at = BEGINNING + timedelta(minutes=int(company.id) % 400_000)
    changed_at = company.became or created_at + timedelta(days=3)
    return {
        "type": "companies",
        "id": company.id,
        "properties": given(
            name=company.name,
            domain=company.domain,
            phone=company.phone,
            address=company.address.street,
            city=company.address.city,
            state=company.address.state,
            zip=company.address.postal_code,
            country=company.address.country.name,
            hubspot_owner_id=company.owner_id,
            lifecyclestage=company.lifecycle or ("customer" if company.customer_id else "opportunity"),
            tax_id=company.tax_id,
            intacct_customer_id=company.customer_id,
            payment_terms=company.term,
            partner_role=company.role,
        ),
        **({"merged_ids": list(company.merged)} if company.merged else {}),
        **({"archived": True, "archived_at": iso(changed_at)} if company.archived else {}),
        **({"history": {"lifecyclestage": _lifecycle(company, created_at)}} if company.became else {}),
        "created_at": iso(created_at),
        "updated_at": iso(changed_at),
        "associations": [],
    }


def _lifecycle(company: Company, created_at: datetime) -> list[Record]:
    """The stages of the company, newest first."""
    stages = ((company.lifecycle, company.became or created_at), ("opportunity", created_at))
    return [
        {"value": stage, "timestamp": iso(at), "sourceType": "CRM_UI", "sourceId": "userId:8801411"}
        for stage, at in stages
    ]


def _contact(person: Person, company: Company) -> Record:
    created_at = BEGINNING + timedelta(minutes=int(company.id) % 400_000 + 5)
    return {
        "type": "contacts",
        "id": person.id,
        "properties": given(
            firstname=person.given_name,
            lastname=person.family_name,
            email=person.email,
            phone=person.phone,
            jobtitle=person.job,
        ),
        "created_at": iso(created_at),
        "updated_at": iso(created_at + timedelta(days=3)),
        "associations": [
            *(_to("companies", other, _CONTACT_TO_COMPANY) for other in person.also_at),
            _to("companies", company.id, _CONTACT_TO_PRIMARY_COMPANY),
        ],
    }


def _line_item(line_id: str, line: Line, deal: Deal) -> Record:
    product = BY_SKU[line.sku]
    net = line_net(
        line.quantity,
        line.price,
        deal.currency,
        discount=line.discount,
        discount_percent=line.discount_percent,
    )
    return {
        "type": "line_items",
        "id": line_id,
        "properties": given(
            name=product.name,
            hs_product_id=product.id,
            hs_sku=line.sku,
            quantity=line.quantity,
            price=line.price,
            discount=line.discount,
            hs_discount_percentage=line.discount_percent,
            hs_line_item_currency_code=deal.currency,
            recurringbillingfrequency=line.frequency,
            hs_recurring_billing_period=f"P{line.term_months}M" if line.term_months else "",
            hs_term_in_months=str(line.term_months or ""),
            hs_recurring_billing_start_date=line.starts.isoformat() if line.starts else "",
            hs_position_on_quote=str(deal.line_ids.index(line_id)),
            amount=decimal_text(net, deal.currency),
        ),
        "created_at": iso(deal.created_at),
        "updated_at": iso(deal.updated_at),
        "associations": [],
    }


def _deal(deal: Deal) -> Record:
    associations = [_to("line_items", line_id, _DEAL_TO_LINE) for line_id in deal.line_ids]
    # The primary company comes last on purpose: it need not be the first of an answer either.
    associations += [_to("companies", other.id, _DEAL_TO_COMPANY) for other in deal.other_companies]
    if deal.company is not None:
        associations += [_to("contacts", person.id, _DEAL_TO_CONTACT) for person in deal.company.people[:1]]
        associations.append(_to("companies", deal.company.id, _DEAL_TO_PRIMARY_COMPANY))
    return {
        "type": "deals",
        "id": deal.id,
        "properties": given(
            dealname=deal.name,
            amount=deal.amount,
            deal_currency_code=deal.currency,
            closedate=iso(deal.closed_at),
            pipeline=deal.pipeline,
            dealstage=deal.stage,
            hubspot_owner_id=deal.owner_id,
            billing_entity=deal.billing_entity,
            po_number=deal.po_number,
            header_discount_percent=deal.header_percent,
            department=deal.department,
            dealtype=deal.deal_type,
        ),
        "created_at": iso(deal.created_at),
        "updated_at": iso(deal.updated_at),
        "associations": associations,
        "history": {
            "dealstage": [
                {
                    "value": change.stage,
                    "timestamp": iso(change.at),
                    "sourceType": "CRM_UI",
                    "sourceId": f"userId:{change.user_id}",
                    "updatedByUserId": int(change.user_id),
                }
                for change in reversed(deal.history)
            ]
        },
    }


def _to(kind: str, record_id: str, type_id: int) -> Record:
    return {"to_type": kind, "to_id": record_id, "type_id": type_id}
