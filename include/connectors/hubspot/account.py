"""The account itself: needs no scope, so it is what a connection test asks first."""

from __future__ import annotations

from dataclasses import dataclass

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.wire import as_id, as_list, as_text

TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "line_items": "0-8", "invoices": "0-53"}


@dataclass(frozen=True, slots=True)
class Account:
    """``portal_id`` is the hub id of every URL; ``time_zone`` an IANA name: the daily limit starts anew at
    its midnight. ``currencies`` are all that deals can have, the company's first."""

    portal_id: str
    account_type: str
    time_zone: str
    company_currency: str
    currencies: tuple[str, ...]
    ui_domain: str

    def record_url(self, object_type: str, record_id: str) -> str:
        """Where a person sees this record; ``object_type`` is one of ``TYPE_IDS`` or a type id such as
        ``2-123``."""
        type_id = TYPE_IDS.get(object_type, object_type)
        return f"https://{self.ui_domain}/contacts/{self.portal_id}/record/{type_id}/{record_id}"


def get_account(client: HubSpotClient) -> Account:
    """Raises ``AuthError`` for a wrong token, ``Unavailable`` where HubSpot cannot be reached."""
    body = client.request("GET", client.paths.account_details()).body
    currency = as_text(body.get("companyCurrency"), "companyCurrency")
    more = [
        as_text(code, "additionalCurrencies")
        for code in as_list(body.get("additionalCurrencies") or [], "additionalCurrencies")
    ]
    return Account(
        portal_id=as_id(body.get("portalId"), "portalId"),
        account_type=as_text(body.get("accountType"), "accountType"),
        time_zone=as_text(body.get("timeZone"), "timeZone"),
        company_currency=currency,
        currencies=tuple(dict.fromkeys([currency, *more])),
        ui_domain=as_text(body.get("uiDomain"), "uiDomain"),
    )
