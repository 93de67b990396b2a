"""The demo company's sales floor, in the shape that the HubSpot twin loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from include.sandbox.access import HubSpotAccess
from include.sandbox.company.arithmetic import decimal_text, line_net
from include.sandbox.company.catalogue import (
    BY_SKU,
    OWNERS,
    PARTNER_PIPELINE,
    PARTNER_STAGES,
    PRODUCTS,
    SALES_PIPELINE,
    SALES_STAGES,
)
from include.sandbox.company.model import Company, Deal, Line, Person, Unit

READ_ONLY_TOKEN = "pat-na1-demo-readonly"  # noqa: S105
_BEGINNING = datetime(2024, 9, 2, 14, 0, tzinfo=UTC)
# Everything that the main job needs but the right to write deals and to define properties of deals.
_READ_ONLY_SCOPES = (
    *(f"crm.objects.{kind}.read" for kind in ("companies", "contacts", "deals", "line_items", "owners", "products")),
    *(f"crm.objects.{kind}.write" for kind in ("companies", "contacts", "line_items", "products")),
    *(f"crm.schemas.{kind}.read" for kind in ("companies", "contacts", "deals", "line_items")),
    *(f"crm.schemas.{kind}.write" for kind in ("companies", "contacts", "line_items")),
)
_DEAL_TO_COMPANY, _DEAL_TO_PRIMARY_COMPANY, _DEAL_TO_CONTACT, _DEAL_TO_LINE = 341, 5, 3, 19
_CONTACT_TO_PRIMARY_COMPANY = 1

Record = Mapping[str, Any]


def hubspot_records(units: Iterable[Unit]) -> Iterator[Record]:
    """Account, definitions and products first, then unit by unit: companies, contacts, line items, deals.
    A record comes after those that it is associated with."""
    yield from _account()
    yield from _pipelines()
    yield from _properties()
    yield from _products()
    for unit in units:
        for company in unit.companies:
            yield _company(company)
            for person in company.people:
                yield _contact(person, company)
        for deal in unit.deals:
            for line_id, line in zip(deal.line_ids, deal.lines, strict=True):
                yield _line_item(line_id, line, deal)
            yield _deal(deal)


def iso(moment: datetime) -> str:
    """``2026-10-31T03:30:00.000Z``, as HubSpot writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _account() -> Iterator[Record]:
    access = HubSpotAccess("")
    yield {
        "type": "_account",
        "portalId": access.portal_id,
        "accountType": "STANDARD",
        "timeZone": "America/New_York",
        "companyCurrency": "USD",
        "additionalCurrencies": ["EUR", "GBP", "JPY", "CHF"],
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
        "client_secret": access.client_secret,
    }
    yield {"type": "_token", "token": access.token, "app_id": 3141591, "scopes": "*"}
    yield {"type": "_token", "token": READ_ONLY_TOKEN, "app_id": 3141592, "scopes": list(_READ_ONLY_SCOPES)}
    for owner_id, user_id, given, family, active in OWNERS:
        yield {
            "type": "_owner",
            "id": owner_id,
            "email": f"{given}.{family}@brightwater.example".lower(),
            "firstName": given,
            "lastName": family,
            "userId": int(user_id) if active else None,
            "userIdIncludingInactive": int(user_id),
            "archived": not active,
            "createdAt": iso(_BEGINNING),
            "updatedAt": iso(_BEGINNING),
        }


def _pipelines() -> Iterator[Record]:
    for order, (pipeline_id, label, stages) in enumerate(
        (
            (SALES_PIPELINE, "Sales Pipeline", SALES_STAGES),
            (PARTNER_PIPELINE, "Renewals and Partners", PARTNER_STAGES),
        )
    ):
        yield {
            "type": "_pipeline",
            "object_type": "deals",
            "id": pipeline_id,
            "label": label,
            "displayOrder": order,
            "stages": [
                {
                    "id": stage_id,
                    "label": stage_label,
                    "displayOrder": position,
                    "metadata": {"isClosed": closed, "probability": probability},
                }
                for position, (stage_id, stage_label, closed, probability) in enumerate(stages)
            ],
        }


def _properties() -> Iterator[Record]:
    for name, label, kind, field, options in (
        ("billing_entity", "Billing entity", "enumeration", "select", ("US", "UK", "DE")),
        ("po_number", "PO number", "string", "text", ()),
        ("header_discount_percent", "Discount on the whole deal (%)", "number", "number", ()),
        ("department", "Department", "enumeration", "select", ("SALES", "SERVICES")),
    ):
        yield _property("deals", "dealinformation", name, label, kind, field, options)
    for name, label, kind, field, options in (
        ("tax_id", "Tax id", "string", "text", ()),
        ("intacct_customer_id", "Intacct customer id", "string", "text", ()),
        ("payment_terms", "Payment terms", "enumeration", "select", ("N15", "N30", "EOM30")),
    ):
        yield _property("companies", "companyinformation", name, label, kind, field, options)


def _property(
    object_type: str, group: str, name: str, label: str, kind: str, field: str, options: tuple[str, ...]
) -> Record:
    return {
        "type": "_property",
        "object_type": object_type,
        "definition": {
            "name": name,
            "label": label,
            "type": kind,
            "fieldType": field,
            "groupName": group,
            "options": [
                {"label": value, "value": value, "displayOrder": n, "hidden": False} for n, value in enumerate(options)
            ],
        },
    }


def _products() -> Iterator[Record]:
    for product in PRODUCTS:
        yield {
            "type": "products",
            "id": product.id,
            "properties": _given(
                name=product.name,
                hs_sku=product.sku,
                price=product.price,
                description=f"{product.kind}: {product.name}",
                recurringbillingfrequency=product.frequency,
            ),
            "created_at": iso(_BEGINNING),
            "updated_at": iso(_BEGINNING),
            "associations": [],
        }


def _company(company: Company) -> Record:
    # Companies are older than their deals, in the order of their ids.
    created_at = _BEGINNING + timedelta(minutes=int(company.id) % 400_000)
    return {
        "type": "companies",
        "id": company.id,
        "properties": _given(
            name=company.name,
            domain=company.domain,
            phone=company.phone,
            address=company.address.street,
            city=company.address.city,
            state=company.address.state,
            zip=company.address.postal_code,
            country=company.address.country.name,
            hubspot_owner_id=company.owner_id,
            lifecyclestage="customer" if company.customer_id else "opportunity",
            tax_id=company.tax_id,
            intacct_customer_id=company.customer_id,
            payment_terms=company.term,
            hs_merged_object_ids=";".join(company.merged),
        ),
        **({"archived": True, "archived_at": iso(created_at + timedelta(days=3))} if company.archived else {}),
        "created_at": iso(created_at),
        "updated_at": iso(created_at + timedelta(days=3)),
        "associations": [],
    }


def _contact(person: Person, company: Company) -> Record:
    created_at = _BEGINNING + timedelta(minutes=int(company.id) % 400_000 + 5)
    return {
        "type": "contacts",
        "id": person.id,
        "properties": _given(
            firstname=person.given_name,
            lastname=person.family_name,
            email=person.email,
            phone=person.phone,
            jobtitle=person.job,
        ),
        "created_at": iso(created_at),
        "updated_at": iso(created_at + timedelta(days=3)),
        "associations": [_to("companies", company.id, _CONTACT_TO_PRIMARY_COMPANY)],
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
        "properties": _given(
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
        "properties": _given(
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


def _given(**properties: str) -> dict[str, str]:
    return {name: value for name, value in properties.items() if value}


def _to(kind: str, record_id: str, type_id: int) -> Record:
    return {"to_type": kind, "to_id": record_id, "type_id": type_id}
