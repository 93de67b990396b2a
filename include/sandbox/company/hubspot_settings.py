"""How the demo's HubSpot account is set up: tokens, owners, pipelines, own properties, a sequence, products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from include.sandbox.access import HubSpotAccess
from include.sandbox.company.catalogue import (
    OWNERS,
    PARTNER_PIPELINE,
    PARTNER_STAGES,
    PRODUCTS,
    SALES_PIPELINE,
    SALES_STAGES,
)

READ_ONLY_TOKEN = "pat-na1-demo-readonly"  # noqa: S105
USER_TOKEN = "demo-user-oauth-token"  # noqa: S105
"""Of the first owner's user: what a service key may not do (enrol in sequences), a user's token may."""
ONBOARDING_SEQUENCE = "215003377"
BEGINNING = datetime(2024, 9, 2, 14, 0, tzinfo=UTC)
# Everything that the main job needs but the right to write deals and to define properties of deals.
_READ_ONLY_SCOPES = (
    *(f"crm.objects.{kind}.read" for kind in ("companies", "contacts", "deals", "line_items", "owners", "products")),
    *(f"crm.objects.{kind}.write" for kind in ("companies", "contacts", "line_items", "products")),
    *(f"crm.schemas.{kind}.read" for kind in ("companies", "contacts", "deals", "line_items")),
    *(f"crm.schemas.{kind}.write" for kind in ("companies", "contacts", "line_items")),
)
_USER_SCOPES = (
    *(f"crm.objects.{kind}.{right}" for kind in ("contacts", "companies", "deals") for right in ("read", "write")),
    *(f"crm.schemas.{kind}.{right}" for kind in ("contacts", "companies", "deals") for right in ("read", "write")),
    "crm.objects.line_items.read",
    "crm.objects.owners.read",
    "automation.sequences.read",
    "automation.sequences.enrollments.write",
)

Record = Mapping[str, Any]


def iso(moment: datetime) -> str:
    """``2026-10-31T03:30:00.000Z``, as HubSpot writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def given(**properties: str) -> dict[str, str]:
    """The properties that have a value."""
    return {name: value for name, value in properties.items() if value}


def hubspot_settings() -> Iterator[Record]:
    """Account, definitions and products, in the shape that the HubSpot twin loads."""
    yield from _account()
    yield from _pipelines()
    yield from _properties()
    yield from _products()


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
    first = int(OWNERS[0][1])
    user = {"app_id": 3141591, "kind": "user_oauth", "user_id": first, "scopes": list(_USER_SCOPES)}
    yield {"type": "_token", "token": USER_TOKEN, **user}
    yield {"type": "_sequence", "id": ONBOARDING_SEQUENCE, "name": "Customer onboarding", "userId": str(first)}
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
            "createdAt": iso(BEGINNING),
            "updatedAt": iso(BEGINNING),
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
        ("partner_role", "Role", "enumeration", "select", ("customer", "vendor", "both")),
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
            "properties": given(
                name=product.name,
                hs_sku=product.sku,
                price=product.price,
                description=f"{product.kind}: {product.name}",
                recurringbillingfrequency=product.frequency,
            ),
            "created_at": iso(BEGINNING),
            "updated_at": iso(BEGINNING),
            "associations": [],
        }
