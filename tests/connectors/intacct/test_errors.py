from __future__ import annotations

import pytest

from include.connectors.intacct.errors import (
    Failure,
    GatewayError,
    Kind,
    Malformed,
    StillRunning,
    classify,
    read_error,
    to_exception,
    to_read_exception,
)
from include.core.errors import (
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SessionExpired,
    SettingsError,
    TransientError,
    Unavailable,
)


def one(errorno: str, description2: str = "", description: str = "", correction: str = "") -> Failure:
    parts = {
        "errorno": errorno,
        "description": description,
        "description2": description2,
        "correction": correction,
    }
    return classify([read_error(parts)])


# The catalogue of captured errors, and what each means for what happens next.
@pytest.mark.parametrize(
    ("errorno", "text", "kind"),
    [
        ("XL03000003", "XML Parse schema error: Fatal Error 76: Opening and ending tag mismatch", Kind.MALFORMED),
        ("XL03000006", "Sign-in information is incorrect", Kind.AUTH),
        ("XL03000006", "nopolicy is not a valid transport policy.", Kind.AUTH),
        ("XL03000006", "Invalid session Zq8..", Kind.SESSION_EXPIRED),
        (
            "XL03000006",
            "The sender ID 'x' is not authorized to make Web Services requests to company ID 'y'.",
            Kind.AUTH,
        ),
        (
            "XL03000009",
            "The entire transaction in this operation has been rolled back due to an error.",
            Kind.ROLLED_BACK,
        ),
        ("XL03000009", "There was an error processing the function", Kind.REJECTED),
        ("XL03000010", "Query failed: field gldetail.STATUS is not valid.", Kind.REJECTED),
        ("XL03000027", "The amount is more than what is due", Kind.REJECTED),
        ("DL02000001", "There was an error processing the request.", Kind.REJECTED),
        ("DL03000005", "no record", Kind.REJECTED),
        ("BL01001973", "Customer 'C-404' is not valid.", Kind.REJECTED),
        ("BL34000061", "Another Customer with the given value(s) C-1 already exists", Kind.DUPLICATE),
        ("BL01001973", "Another Account with the given value(s) 4000 already exists", Kind.DUPLICATE),
        ("BL03000018", "Missing required location", Kind.REJECTED),
        ("BL03002185", "An invoice with the number 'INV-1' already exists.", Kind.DUPLICATE),
        ("BL02000051", "not allowed", Kind.REJECTED),
        ("PL01000127", "document number missing", Kind.REJECTED),
        (
            "PL04000005",
            "You do not have permission for API operation CREATE on objects of type CUSTOMER",
            Kind.PERMISSION,
        ),
        ("PL04000055", "expired demo", Kind.AUTH),
        ("PL05000104", "Employee already exists", Kind.DUPLICATE),
        ("Query Failed", "Object definition FOO not found", Kind.REJECTED),
        ("XMLGW_JPP0002", "Sign-in information is incorrect. Please check your request.", Kind.AUTH),
        ("GW-0001", "", Kind.TRANSIENT),
        ("GW-0009", "Unable to process the request", Kind.TRANSIENT),
        ("GW-0010", "Rate or concurrency limit exceeded.", Kind.RATE_LIMITED),
        ("GW-0011", "Invalid Request", Kind.AUTH),
        ("GW-0042", "", Kind.PERMISSION),
        ("", "The Service is Temporarily Off-line", Kind.TRANSIENT),
        ("", "API rate limit exceeded", Kind.RATE_LIMITED),
        ("", "A successful transaction has already been recorded with the control id abc", Kind.SPENT),
        ("BL01001973", "A successful transaction has already been recorded with the control id abc", Kind.SPENT),
        ("XL03000009", "concurrent request in process", Kind.RUNNING),
        ("", "This company is not authorized for XML transactions. Please subscribe to the XML Gateway.", Kind.AUTH),
        ("", "Please provide a payment batch key.", Kind.REJECTED),
        ("", "", Kind.REJECTED),
        ("SOMETHING_NEW", "whatever it says", Kind.REJECTED),
    ],
)
def test_every_known_error_says_what_happens_next(errorno: str, text: str, kind: Kind) -> None:
    assert one(errorno, text).kind is kind
    assert one(errorno, description=text).kind is kind


def test_the_cause_is_found_among_generic_errors_wherever_it_stands() -> None:
    cause = GatewayError("BL03000018", "Missing dimension Location")
    generic = GatewayError("BL01001973", "Could not create invoice record!")
    rolled_back = GatewayError("XL03000009", "The entire transaction in this operation has been rolled back")
    for stack in ([cause, generic], [generic, cause], [rolled_back, generic, cause], [rolled_back, cause]):
        assert classify(stack).code == "BL03000018"


def test_a_failure_without_any_error_is_still_a_refusal() -> None:
    assert classify([]).kind is Kind.REJECTED
    assert classify([]).message


def test_a_support_id_is_kept_as_request_id_and_taken_out_of_the_text() -> None:
    failure = one("BL01001973", "Customer 'C-404' is not valid. [Support ID: AbC12%7EzZ]")
    assert failure.request_id == "AbC12~zZ"
    assert "Support" not in failure.message
    assert failure.text == "Customer 'C-404' is not valid."
    assert classify([GatewayError("", "a"), GatewayError("", "b", request_id="q")]).request_id == "q"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Periods are closed. Your transaction date (09/15/2026) is within a period that's been closed.",
            "The posting date 09/15/2026 lies in a closed period; open the period in Sage Intacct, "
            "or let the settings post into the first open day.",
        ),
        ("The books are closed through 2026-09-30", "The posting date 2026-09-30 lies in a closed period;"),
        ("Customer 'C-404' is not valid.", "Sage Intacct does not accept the customer C-404;"),
        ("Invalid Customer", "Sage Intacct does not accept the customer;"),
        ("Invalid customer C-404", "Sage Intacct does not accept the customer C-404;"),
        ("GL account '4000' is inactive", "The GL account 4000 is inactive in Sage Intacct;"),
        ("Customer 'C-9' is inactive.", "The customer C-9 is inactive in Sage Intacct;"),
        ("Item 'PLAN-1' is not valid.", "Sage Intacct does not know the item PLAN-1, or may not use it here;"),
        ("Department 'D99' is not valid.", "Sage Intacct does not know the department D99,"),
        ("Missing dimension Location on line 1", "A line lacks the dimension location, which its account demands;"),
        ("Line 2: account 4200 requires a value for DEPARTMENT.", "A line lacks the dimension department,"),
        ("Department is required for account 4200", "A line lacks the dimension department,"),
        (
            "Use of empty Location is invalid. A valid Multi-Entity Location must be specified.",
            "A line lacks the dimension location",
        ),
        ("Required field Date Created is missing", "Sage Intacct misses"),
        ("No exchange rate for CHF on 11/16/2026", "Sage Intacct has no exchange rate for this currency on this date;"),
        ("The account label is required", "This company books by AR account labels;"),
        ("An oddity without precedent", "Sage Intacct refused the record. Intacct says: An oddity without precedent"),
    ],
)
def test_common_refusals_are_told_in_a_finance_persons_words(text: str, sentence: str) -> None:
    message = one("BL01001973", text).message
    assert message.startswith(sentence)
    assert text.rstrip(".") in message  # Intacct's own words always follow


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("Invalid session Zq8very-secret..", "Zq8very-secret"),
        ("E-mail jane.doe@corp.example is not valid", "jane.doe@corp.example"),
        ("Another Contact with the given value(s) 'Jane Doe' already exists", "Jane Doe"),
        ('Contact "Jane Doe" was not found', "Jane Doe"),
        ("The phone number '+49 170 1234567' is illegal", "170"),
    ],
)
def test_session_ids_and_contact_data_never_reach_an_error(said: str, hidden: str) -> None:
    error = read_error({"errorno": "BL01001973", "description2": said, "correction": said})
    failure = classify([error])
    assert hidden not in repr(error) + repr(failure) + str(to_exception(failure))


def test_customer_ids_stay_in_the_error_as_a_person_needs_them() -> None:
    assert "C-404" in str(to_exception(one("BL01001973", "Customer 'C-404' is not valid.")))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.AUTH, AuthError),
        (Kind.PERMISSION, AuthError),
        (Kind.MALFORMED, Malformed),
        (Kind.REJECTED, Rejected),
        (Kind.DUPLICATE, Rejected),
        (Kind.TRANSIENT, Unavailable),
        (Kind.RATE_LIMITED, RateLimited),
        (Kind.SPENT, OutcomeUnknown),
        (Kind.RUNNING, StillRunning),
        (Kind.SESSION_EXPIRED, SessionExpired),
        (Kind.ROLLED_BACK, Unavailable),
    ],
)
def test_every_kind_is_raised_as_the_error_that_is_handled_that_way(kind: Kind, error: type) -> None:
    raised = to_exception(Failure(kind, "X1", "A sentence.", request_id="r"), record_id="7")
    assert type(raised) is error
    assert (raised.system, raised.code, raised.request_id, raised.record_id) == ("intacct", "X1", "r", "7")


def test_a_wrong_question_is_a_matter_of_settings_and_not_of_a_record() -> None:
    assert isinstance(to_read_exception(one("XL03000010", "field X is not valid"), "invoices"), SettingsError)
    assert isinstance(to_read_exception(one("PL04000005", "no"), "invoices"), AuthError)
    assert isinstance(to_read_exception(one("", "The Service is Temporarily Off-line"), "invoices"), TransientError)


@pytest.mark.parametrize(
    ("errorno", "text", "level", "says"),
    [
        ("XL03000006", "Sign-in information is incorrect", "control", "refused the sender"),
        ("XL03000006", "Sign-in information is incorrect", "authentication", "refused the user"),
        ("XMLGW_JPP0002", "Sign-in information is incorrect", "", "check company, user, sender"),
        (
            "XL03000006",
            "is not authorized to make Web Services requests",
            "authentication",
            "not authorised the sender id",
        ),
        (
            "",
            "This company is not authorized for XML transactions.",
            "authentication",
            "not subscribed to Web Services",
        ),
        ("GW-0011", "Invalid Request", "", "does not know the company or the sender id"),
        ("PL04000055", "", "control", "expired demo"),
    ],
)
def test_a_refused_sign_in_says_which_credential_it_is(errorno: str, text: str, level: str, says: str) -> None:
    failure = classify([GatewayError(errorno, text)], level)
    assert failure.kind is Kind.AUTH
    assert says in failure.message
