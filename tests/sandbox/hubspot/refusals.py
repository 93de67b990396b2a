"""The refusals that the facts about the service describe: how to provoke each, and what it says.

``message`` is the exact text, or a pattern where a part of it differs from call to call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from include.sandbox.running import Running
from tests.sandbox.hubspot.conftest import TOKEN

V3 = "/crm/v3/objects"
MORE = [
    {"type": "_token", "token": "CJold", "app_id": 1, "kind": "oauth", "expires_at": "2026-10-02T09:29:48Z"},
    {"type": "_token", "token": "pat-na1-left", "app_id": 2, "scopes": "*", "user_id": 78},
    {"type": "_requirement", "object_type": "deals", "name": "description",
     "when": {"property": "dealstage", "values": ["closedlost"]}},
    {"type": "_property_group", "object_type": "deals", "name": "used", "label": "Used"},
    {"type": "_property", "object_type": "deals", "definition": {
        "name": "used_one", "label": "Used", "type": "string", "fieldType": "text", "groupName": "used"}},
    {"type": "_requirement", "object_type": "deals", "name": "used_one",
     "when": {"property": "dealstage", "values": ["closedlost"]}},
    {"type": "_sequence", "id": "55", "name": "Onboarding"},
    {"type": "contacts", "id": "9002", "properties": {"email": "b@alder.example"}},
    {"type": "companies", "id": "8803", "properties": {"name": "Cedar"},
     "merged_ids": [str(number) for number in range(700, 950)]},
]  # fmt: skip


class Ask:
    """Calls of one client to one sandbox."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.http = requests.Session()

    def __call__(
        self, method: str, path: str, body: Any = None, *, token: str = TOKEN, raw: bytes | None = None, kind: str = ""
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if raw is not None:
            headers["Content-Type"] = kind or "application/json"
        url = self.sandbox.url + path
        return self.http.request(method, url, json=body, data=raw, headers=headers, timeout=10)

    def fault(self, status: int, **rule: Any) -> requests.Response:
        """The answer to a read that this fault hits."""
        with self.sandbox.control.faulty("status", system="hubspot", status=status, **rule):
            return self("GET", f"{V3}/deals")

    def times(self, number: int, method: str, path: str, body: Any = None) -> requests.Response:
        return [self(method, path, body) for _ in range(number)][-1]


@dataclass(frozen=True)
class Case:
    title: str
    call: Callable[[Ask], requests.Response]
    status: int
    message: str | re.Pattern[str] = ""
    category: str = ""
    codes: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    html: bool = False


def _deal_in(stage: str) -> dict[str, Any]:
    return {"properties": {"dealname": "x", "dealstage": stage}}


def _properties(kind: str, **values: str) -> Callable[[Ask], requests.Response]:
    return lambda ask: ask("PATCH", f"{V3}/{kind}", {"properties": values})


def _invalid(name: str, text: str, code: str) -> re.Pattern[str]:
    """The list of bad values as it stands inside the message."""
    shown = re.escape(text).replace('"', r"\\\"")
    return re.compile(
        rf'Property values were not valid: \[{{"isValid":false,"message":"{shown}","error":"{code}","name":"{name}",'
        rf'"localizedErrorMessage":"{shown}","portalId":4711}}\]'
    )


VALIDATION, SCOPES = "VALIDATION_ERROR", "https://developers.hubspot.com/scopes"
TOO_MANY = "The maximum number of inputs supported in a batch{} is {}. Please reduce the number of items and try again"
ROWS = [{"id": str(number), "idProperty": "erp_key", "properties": {}} for number in range(101)]
KEY = {"name": "used_one", "label": "x", "type": "string", "fieldType": "text", "groupName": "used"}
LIMIT = {"errorType": "RATE_LIMIT", "groupName": re.compile(r"publicapi:private-apps-api-calls-[a-z-]+:4711")}
ENROL = {"contactId": "9001", "sequenceId": "55", "senderEmail": "ann@sales.example"}
SEARCH = {"filterGroups": [], "limit": 1}
CLASH = (
    "Cannot set PropertyValueCoordinates{portalId=4711, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
    "propertyName=email, value=a@alder.example} on 9002. 9001 already has that value."
)

CASES = (
    Case("no token", lambda ask: ask("GET", f"{V3}/deals", token=""), 401,
         "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
         "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview", "INVALID_AUTHENTICATION",
         headers={"x-hubspot-auth-failure": "401 Unauthorized"}),
    Case("expired token", lambda ask: ask("GET", f"{V3}/deals", token="CJold"), 401,
         "The OAuth token used to make this call expired 12 second(s) ago.", "EXPIRED_AUTHENTICATION",
         more={"context": {"expire time": ["2026-10-02T09:29:48.000Z"]}}),
    Case("no scope", lambda ask: ask("GET", f"{V3}/invoices", token="pat-na1-deals-only"), 403,
         "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
         f"{SCOPES}.", "MISSING_SCOPES",
         more={"links": {"scopes": SCOPES}, "errors": [{
             "message": "One or more of the following scopes are required.",
             "context": {"requiredGranularScopes": ["crm.objects.invoices.read"]}}]}),
    Case("the key's maker has left", lambda ask: ask(
        "POST", f"{V3}/deals", _deal_in("contractsent"), token="pat-na1-left"), 403,
        re.compile("The user 78 .*"), "USER_DOES_NOT_HAVE_PERMISSIONS"),
    Case("a service key enrols", lambda ask: ask("POST", "/automation/v4/sequences/enrollments?userId=77", ENROL),
         403, re.compile(".*token of a user.*"), "USER_DOES_NOT_HAVE_PERMISSIONS"),
    Case("the plan has no sequences", lambda ask: ask(
        "POST", "/automation/v4/sequences/enrollments?userId=77", ENROL), 403,
        re.compile("This app hasn't been granted .*"), "MISSING_SCOPES", more={"links": {"scopes": SCOPES}},
        switches={"tier": "starter"}),
    Case("unknown property", _properties("deals/5156001", x="1"), 400,
         _invalid("x", 'Property "x" does not exist', "PROPERTY_DOESNT_EXIST"), VALIDATION, ("PROPERTY_DOESNT_EXIST",)),
    Case("no such option", _properties("companies/8801", industry="MAGIC"), 400,
         re.compile(r".*MAGIC was not one of the allowed options: \[ACCOUNTING, .*"), VALIDATION, ("INVALID_OPTION",)),
    Case("no number", _properties("deals/5156001", amount="much"), 400,
         _invalid("amount", "much was not a valid number.", "INVALID_INTEGER"), VALIDATION, ("INVALID_INTEGER",)),
    Case("no e-mail address", _properties("contacts/9001", email="ann"), 400,
         _invalid("email", "Email address ann is invalid", "INVALID_EMAIL"), VALIDATION, ("INVALID_EMAIL",)),
    Case("read-only value", _properties("deals/5156001", hs_is_closed="true"), 400, re.compile(".*read only.*"),
         VALIDATION, ("READ_ONLY_VALUE",)),
    Case("required property missing", lambda ask: ask("POST", f"{V3}/deals", {"properties": {"dealname": "x"}}), 400,
         re.compile(".*Required property missing: dealstage.*"), VALIDATION, ("MISSING_REQUIRED_PROPERTY",)),
    Case("property required by another one", lambda ask: ask(
        "POST", "/crm/objects/2026-09/deals", _deal_in("closedlost")), 400,
        re.compile(".*Property description is required when dealstage is closedlost.*"), VALIDATION,
        ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY")),
    Case("currency outside the account's", _properties("deals/5156001", deal_currency_code="XXX"), 400,
         re.compile(".*XXX was not one of the allowed options: .*"), VALIDATION, ("INVALID_OPTION",)),
    Case("unique value taken", _properties("contacts/9002", email="a@alder.example"), 400, CLASH, VALIDATION),
    Case("contact exists", lambda ask: ask("POST", f"{V3}/contacts", {"properties": {"email": "a@alder.example"}}),
         409, "Contact already exists. Existing ID: 9001", "CONFLICT"),
    Case("bad JSON", lambda ask: ask("POST", f"{V3}/deals", raw=b'{"inputs":x}'), 400,
         re.compile("Invalid input JSON on line 1, column 11: Cannot deserialize.*"), VALIDATION),
    Case("batch too large", lambda ask: ask("POST", f"{V3}/companies/batch/upsert", {"inputs": ROWS}), 400,
         TOO_MANY.format("", 100), VALIDATION),
    Case("batch with history too large", lambda ask: ask("POST", f"{V3}/companies/batch/read", {
        "inputs": ROWS[:51], "propertiesWithHistory": ["name"]}), 400,
        TOO_MANY.format(" request for property histories", 50), VALIDATION),
    Case("upsert by a property that is not unique", lambda ask: ask("POST", f"{V3}/companies/batch/upsert", {
        "inputs": [{"id": "8801", "idProperty": "hs_object_id", "properties": {}}]}), 400,
        "Unable to perform update/upsert by non-unique 0-2 property hs_object_id in portal ID 4711", VALIDATION),
    Case("search beyond 10,000", lambda ask: ask("POST", f"{V3}/deals/search", {"limit": 10, "after": "10000"}), 400,
         re.compile(".+"), VALIDATION),
    Case("property exists", lambda ask: ask("POST", "/crm/v3/properties/deals", KEY), 409,
         "A property named 'used_one' already exists.", "OBJECT_ALREADY_EXISTS",
         more={"subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS"}),
    Case("property in use", lambda ask: ask("DELETE", "/crm/v3/properties/deals/used_one"), 400, re.compile(".+"),
         VALIDATION, more={"subCategory": "CANNOT_DELETE_PROPERTY_IN_USE"}),
    Case("group in use", lambda ask: ask("DELETE", "/crm/v3/properties/deals/groups/used"), 400, re.compile(".+"),
         VALIDATION, more={"subCategory": "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"}),
    Case("stage in use", lambda ask: ask(
        "DELETE", "/crm/v3/pipelines/deals/default/stages/contractsent?validateReferencesBeforeDelete=true"), 400,
        re.compile(".+"), VALIDATION, more={"subCategory": "PipelineError.STAGE_ID_IN_USE"}),
    Case("unknown property definition", lambda ask: ask("GET", "/crm/v3/properties/deals/nosuch"), 404,
         re.compile(".+"), "OBJECT_NOT_FOUND"),
    Case("no such record", lambda ask: ask("GET", f"{V3}/deals/1"), 404, "resource not found", "OBJECT_NOT_FOUND"),
    Case("wrong path", lambda ask: ask("GET", "/crm/v3/nothing"), 404, html=True),
    Case("wrong verb", lambda ask: ask("PUT", f"{V3}/deals/5156001"), 405, re.compile(".+")),
    Case("wrong content type", lambda ask: ask("POST", f"{V3}/deals", raw=b"a=b", kind="text/plain"), 415,
         re.compile(".+")),
    Case("body too large", lambda ask: ask("POST", f"{V3}/deals", raw=b" " * 10_000_001), 413, re.compile(".+")),
    Case("address too long", lambda ask: ask("GET", f"{V3}/deals?properties={'x' * 16_000}"), 414, re.compile(".+")),
    Case("too many merged identities", lambda ask: ask("POST", f"{V3}/companies/merge", {
        "primaryObjectId": "8803", "objectIdToMerge": "8802"}), 414, re.compile(".*250.*")),
    Case("locked", lambda ask: ask.fault(423), 423, re.compile(".+")),
    Case("account moves", lambda ask: ask.fault(477, retry_after="3600"), 477, "Migration in Progress",
         headers={"Retry-After": "3600"}),
    Case("internal error", lambda ask: ask.fault(500), 500, "internal error"),
    *(Case(f"edge {status}", lambda ask, status=status: ask.fault(status), status, html=True)  # type: ignore[misc]
      for status in (502, 503, 504, 521, 522, 523, 524)),
    *(Case(f"{status} as JSON", lambda ask, status=status: ask.fault(status, body="json"), status,  # type: ignore[misc]
           re.compile(".+")) for status in (502, 503, 504)),
    Case("too many in ten seconds", lambda ask: ask.times(4, "GET", f"{V3}/deals"), 429,
         "You have reached your ten_secondly_rolling limit.", more={**LIMIT, "policyName": "TEN_SECONDLY_ROLLING"},
         switches={"burst": 3, "limits": True}),
    Case("too many searches in a second", lambda ask: ask.times(6, "POST", f"{V3}/deals/search", SEARCH), 429,
         "You have reached your secondly limit.", more={**LIMIT, "policyName": "SECONDLY"},
         switches={"limits": True}),
    Case("too many in a day", lambda ask: ask.times(4, "GET", f"{V3}/deals"), 429,
         "You have reached your daily limit.", more={**LIMIT, "policyName": "DAILY", "requestId": re.compile(".+")},
         switches={"daily": 3, "limits": True}),
    Case("too many, with the seconds to wait", lambda ask: ask.times(4, "GET", f"{V3}/deals"), 429, re.compile(".+"),
         more={**LIMIT, "policyName": re.compile(".+")}, headers={"Retry-After": "10"},
         switches={"burst": 3, "limits": True, "retry_after": "s"}),
)  # fmt: skip
