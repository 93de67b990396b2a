"""The account itself: needs no scope, so it is what a connection test asks first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.wire import BadShape, Json, as_id, as_list, as_text

_TYPE = re.compile(r"[A-Z_]{1,40}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)

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
    currency = _matching(body, "companyCurrency", _CURRENCY)
    listed = as_list(body.get("additionalCurrencies") or [], "additionalCurrencies")
    more = [_matching({"additionalCurrencies": code}, "additionalCurrencies", _CURRENCY) for code in listed]
    return Account(
        portal_id=as_id(body.get("portalId"), "portalId"),
        account_type=_matching(body, "accountType", _TYPE),
        time_zone=_matching(body, "timeZone", _ZONE),
        company_currency=currency,
        currencies=tuple(dict.fromkeys([currency, *more])),
        ui_domain=_matching(body, "uiDomain", _DOMAIN),
    )


def _matching(body: Json, name: str, form: re.Pattern[str]) -> str:
    """These texts go into sentences and into links that people open, so they must be what they claim to be."""
    text = as_text(body.get(name), name)
    if not form.fullmatch(text):
        raise BadShape(name, "what it should be")
    return text
