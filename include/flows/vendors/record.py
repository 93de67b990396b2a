"""What a HubSpot company's vendor is made of, what follows the company afterwards, and what the company shows. Pure."""

from __future__ import annotations

from include.connectors.hubspot.properties import PropertyDefinition
from include.connectors.intacct.vendors import Vendor
from include.core.decisions import Json, Key, Write
from include.flows.customers.company_customer import display_contact, mail_address
from include.flows.sources import Sheets
from include.flows.vendors.match import new_vendor_id
from include.flows.vendors.settings import FollowSettings, VendorSettings

VENDOR_ID, VENDOR_STATUS, MESSAGE = "intacct_vendor_id", "intacct_vendor_status", "tieout_vendor_message"
VENDOR_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    PropertyDefinition(VENDOR_ID, "Intacct vendor id", "string", "text", "The vendor's id in Sage Intacct"),
    PropertyDefinition(VENDOR_STATUS, "Intacct vendor status", "string", "text", "active, on hold or inactive"),
    PropertyDefinition(
        MESSAGE, "Tieout vendor message", "string", "textarea", "Why the company is no vendor yet, and the remedy"
    ),
)


def vendor_key(company_id: str) -> Key:
    return Key("intacct", "vendor", "hubspot", "company", company_id, "vendor")


def create_vendor(sheets: Sheets, settings: VendorSettings) -> Write:
    """The vendor that this company becomes: address, primary contact, term, tax id and currency; on hold, so that
    nothing is paid to it before a person releases it in Intacct.

    Raises ``Unmapped`` where a field's lookup table lacks the value.
    """
    company = sheets["company"]
    company_id = str(company["id"])
    payload: Json = {
        "VENDORID": new_vendor_id(company_id, settings),
        "NAME": (company.get("name") or "").strip(),
        "DISPLAYCONTACT": display_contact(sheets),
        "TERMNAME": settings.term.value(sheets),
        "TAXID": settings.tax_id.value(sheets),
        "CURRENCY": settings.currency.value(sheets),
        "STATUS": "active",
    }
    payload |= {field: source.value(sheets) for field, source in settings.fields.items()}
    payload["ONHOLD"] = "true"  # last, whatever is mapped
    return Write(
        vendor_key(company_id),
        {field: value for field, value in payload.items() if value not in (None, {}, "")},
        {"company": company_id},
        summary=f"vendor {payload['VENDORID']}, on hold",
    )


def in_words(payload: Json, settings: VendorSettings) -> str:
    """What would be created, for the person who approves it: no contact data, and of mapped fields the values that come
    from the company itself."""
    address = payload["DISPLAYCONTACT"].get("MAILADDRESS", {})
    shown = {
        field: payload[field] if str(source.source or "company.").startswith("company.") else "(from the contact)"
        for field, source in sorted(settings.fields.items())
        if field in payload
    }
    parts = [
        f"vendor {payload['VENDORID']} “{payload['NAME']}”",
        ", ".join(filter(None, (address.get("CITY"), address.get("COUNTRY")))) or "no address",
        f"term {payload.get('TERMNAME') or '(none)'}",
        f"currency {payload.get('CURRENCY') or '(the base currency)'}",
        "with its tax id" if payload.get("TAXID") else "no tax id",
        "with a contact" if payload["DISPLAYCONTACT"].get("LASTNAME") else "no contact",
        *(f"{field} {text}" for field, text in shown.items()),
    ]
    return "; ".join(parts)


def followed(sheets: Sheets, follow: FollowSettings) -> dict[str, str]:
    """The vendor's fields as the company has them now. What is empty in HubSpot clears nothing, except the other lines
    of an address that is there."""
    company = sheets["company"]
    values: dict[str, str] = {}
    if "address" in follow.fields and (company.get("address") or "").strip():
        values |= {f"DISPLAYCONTACT.MAILADDRESS.{field}": text for field, text in mail_address(company).items()}
    phone = display_contact(sheets).get("PHONE1")
    if "phone" in follow.fields and phone:
        values["DISPLAYCONTACT.PHONE1"] = phone
    return values


def vendor_values(vendor: Vendor) -> dict[str, str]:
    """What a company shows that is this vendor."""
    return {VENDOR_ID: vendor.vendor_id, VENDOR_STATUS: status_of(vendor), MESSAGE: ""}


def status_of(vendor: Vendor) -> str:
    if not vendor.active:
        return "inactive"
    return "on hold" if vendor.on_hold else "active"
