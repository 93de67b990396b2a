from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from include.connectors.hubspot.errors import (
    AlreadyExists,
    Forbidden,
    MissingScopes,
    NotFound,
    Refusal,
    error_of,
    refusal_of,
)
from include.core.errors import (
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SettingsError,
    TieoutError,
    Unavailable,
)
from tests.connectors.hubspot.scripted import refusal

WHAT = "POST /crm/objects/2026-09/deals/search"
UNIQUE_CLASH = (
    "Cannot set PropertyValueCoordinates{portalId=4711, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
    "propertyName=email, value=ada@customer.example} on 9002. 9001 already has that value."
)
NOT_VALID = "Property values were not valid: " + json.dumps(
    [
        {
            "isValid": False,
            "message": 'Property "colour" does not exist',
            "error": "PROPERTY_DOESNT_EXIST",
            "name": "colour",
            "value": "ada@customer.example",
            "portalId": 4711,
        }
    ]
)


def error(status: int, body: Any = None, repeatable: bool = True, **headers: str) -> TieoutError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_of(status, named, body, what=WHAT, repeatable=repeatable)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (301, None, SettingsError),
        (307, None, SettingsError),
        (400, refusal(), Refusal),
        (401, refusal(category="EXPIRED_AUTHENTICATION"), AuthError),
        (403, refusal(category="MISSING_SCOPES"), MissingScopes),
        (403, refusal(category="USER_DOES_NOT_HAVE_PERMISSIONS"), Forbidden),
        (403, None, Forbidden),
        (404, refusal(category="OBJECT_NOT_FOUND"), NotFound),
        (404, None, SettingsError),
        (405, None, SettingsError),
        (408, None, Unavailable),
        (409, refusal(category="CONFLICT"), AlreadyExists),
        (413, None, Refusal),
        (414, None, Refusal),
        (415, None, SettingsError),
        (422, refusal(), Refusal),
        (423, refusal(), Unavailable),
        (429, refusal(), RateLimited),
        (477, refusal(), Unavailable),
        (500, refusal(), Unavailable),
        (502, None, Unavailable),
        (503, None, Unavailable),
        (504, None, Unavailable),
        (524, None, Unavailable),
    ],
)
def test_each_status_says_what_happens_next(status: int, body: Any, kind: type[TieoutError]) -> None:
    found = error(status, body)

    assert type(found) is kind
    assert found.system == "hubspot"


@pytest.mark.parametrize("status", [408, 500, 502, 504, 521, 522, 523, 524])
def test_a_create_that_may_have_happened_is_of_unknown_outcome(status: int) -> None:
    assert type(error(status, repeatable=False)) is OutcomeUnknown


@pytest.mark.parametrize("status", [423, 429, 477, 503])
def test_a_create_that_was_refused_for_a_moment_may_be_sent_again(status: int) -> None:
    assert isinstance(error(status, refusal(), repeatable=False), RateLimited | Unavailable)


def test_missing_scopes_are_named() -> None:
    body = refusal(
        "This app hasn't been granted all required scopes to make this call.",
        "MISSING_SCOPES",
        errors=[{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.invoices.read", "e-commerce"]}}],
    )

    found = error(403, body)

    assert isinstance(found, MissingScopes)
    assert found.scopes == ("crm.objects.invoices.read", "e-commerce")
    assert "crm.objects.invoices.read, e-commerce" in found.message
    assert found.request_id == "5d0f2f5e-0000-4000-8000-000000000001"


def test_the_correlation_id_is_taken_from_the_header_where_the_body_has_none() -> None:
    found = error(502, None, X_HubSpot_Correlation_Id="5d0f2f5e-0000-4000-8000-00000000000a")

    assert found.request_id == "5d0f2f5e-0000-4000-8000-00000000000a"


def test_a_refusal_names_the_property_and_the_code_but_not_the_value() -> None:
    body = refusal(
        "ada@customer.example was not one of the allowed options: [A, B]",
        errors=[
            {"message": "ada@customer.example", "code": "INVALID_OPTION", "context": {"propertyName": ["industry"]}}
        ],
    )

    found = refusal_of(body, status=400, record_id="77")

    assert isinstance(found, Refusal)
    assert (found.code, found.properties, found.record_id) == ("INVALID_OPTION", ("industry",), "77")
    assert found.message == "HubSpot refused industry: the value is not one of the allowed options."
    assert "customer.example" not in str(found)


def test_a_property_named_only_in_the_json_inside_the_message_is_found() -> None:
    found = refusal_of(refusal(NOT_VALID), status=400)

    assert isinstance(found, Refusal)
    assert (found.code, found.properties) == ("PROPERTY_DOESNT_EXIST", ("colour",))
    assert found.message == "HubSpot refused colour: it does not exist in this account."


def test_several_faults_are_told_each_with_its_property() -> None:
    body = refusal(
        errors=[
            {"code": "INVALID_OPTION", "context": {"propertyName": ["industry"]}},
            {"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["colour"]}},
            {"code": "SOMETHING_NEW"},
        ]
    )

    found = refusal_of(body, status=400)

    assert isinstance(found, Refusal)
    assert (found.properties, found.unwritable) == (("industry", "colour"), ("colour",))
    assert found.message == (
        "HubSpot refused industry: the value is not one of the allowed options; "
        "colour: it does not exist in this account; the record: SOMETHING_NEW."
    )


def test_a_unique_clash_tells_which_record_has_the_value_but_not_the_value() -> None:
    for status, message in ((400, UNIQUE_CLASH), (409, "Contact already exists. Existing ID: 9001")):
        found = refusal_of(refusal(message), status=status)

        assert isinstance(found, Refusal)
        assert found.existing_id == "9001"
        assert "ada@" not in str(found) + repr(vars(found))


def test_an_id_property_that_is_not_unique_is_a_mistake_in_the_settings() -> None:
    message = "Unable to perform update/upsert by non-unique 0-2 property hs_object_id in portal ID 4711"

    found = refusal_of(refusal(message), status=400)

    assert isinstance(found, SettingsError)
    assert "hs_object_id" in found.message


@pytest.mark.parametrize(
    ("policy", "header", "seconds"),
    [
        ("TEN_SECONDLY_ROLLING", None, 10.0),
        ("SECONDLY", None, 1.0),
        ("TEN_SECONDLY_ROLLING", "3", 3.0),
        ("TEN_SECONDLY_ROLLING", "120", 120.0),
        ("TEN_SECONDLY_ROLLING", "4000", 4.0),
        ("TEN_SECONDLY_ROLLING", "-5", 10.0),
        ("TEN_SECONDLY_ROLLING", "Fri, 20 Nov 2026 12:00:00 GMT", 10.0),
        ("TEN_SECONDLY_ROLLING", "1e99", 10.0),
        ("TEN_SECONDLY_ROLLING", "99999999999999", 10.0),
        ("DAILY", "3", None),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(policy: str, header: str | None, seconds: float | None) -> None:
    headers = {} if header is None else {"Retry_After": header}

    found = error(429, {**refusal(), "policyName": policy}, **headers)

    assert isinstance(found, RateLimited)
    assert (found.code, found.retry_after) == (policy, seconds)


def test_an_account_on_the_move_names_its_wait_in_seconds() -> None:
    found = error(477, refusal(), Retry_After="7200")

    assert isinstance(found, Unavailable)
    assert found.retry_after == 7200


def test_a_lock_is_waited_for_two_seconds_at_least() -> None:
    for header, seconds in (("1", 2.0), ("5", 5.0)):
        found = error(423, None, Retry_After=header)
        assert isinstance(found, Unavailable)
        assert found.retry_after == seconds


NASTY = "ada@customer.example"


@pytest.mark.parametrize(
    "body",
    [
        refusal(NASTY),
        refusal(f"Ada Lovelace <{NASTY}> at 1 Secret Street"),
        refusal(UNIQUE_CLASH.replace("ada@customer.example", NASTY)),
        refusal(NOT_VALID),
        refusal(category=NASTY),
        refusal(subCategory=NASTY),
        refusal(correlationId=NASTY),
        refusal(policyName=NASTY),
        refusal(context={"propertyName": [NASTY], "ids": [NASTY]}),
        refusal(errors=[{"message": NASTY, "code": NASTY, "in": NASTY, "context": {"propertyName": [NASTY]}}]),
        refusal(errors=[{"context": {"requiredGranularScopes": [NASTY]}}], category="MISSING_SCOPES"),
        refusal("[{" + json.dumps({"name": NASTY, "error": NASTY})[1:] + "]"),
        refusal("[{not json]"),
        refusal(message=None),
        refusal(message=[NASTY]),
        refusal(errors={"a": NASTY}, context=[NASTY]),
        {"errors": [None, 1, NASTY, [], {"context": NASTY}, {"context": {"propertyName": NASTY}}]},
        [NASTY],
        NASTY,
        None,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 423, 429, 477, 500, 503])
def test_no_error_ever_shows_what_a_message_says_about_people(body: Any, status: int) -> None:
    for repeatable in (True, False):
        found = error(status, body, repeatable=repeatable)

        shown = f"{found} {found!r} {vars(found)}"
        assert "ada" not in shown.lower()
        assert "secret street" not in shown.lower()


def test_errors_survive_the_trip_between_processes() -> None:
    found = refusal_of(refusal(NOT_VALID), status=400, record_id="77")

    back = pickle.loads(pickle.dumps(found))  # noqa: S301 (our own bytes)

    assert isinstance(back, Rejected)
    assert (str(back), vars(back)) == (str(found), vars(found))
