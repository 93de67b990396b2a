"""The gateway's errors: what each level raises, and the catalogue of numbers and texts.

Facts: number, level and text come from captured responses; a text marked guessed in COVERAGE.md has no capture.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One ``<error>``; ``description`` is usually empty, the message is in ``description2``."""

    errorno: str
    description2: str = ""
    description: str = ""
    correction: str = ""
    support_id: bool = False


class GatewayFailure(Exception):
    """Emitted before the application: control block is only a status, errors have no ``description2``."""

    def __init__(self, http_status: int, errorno: str, description: str) -> None:
        super().__init__(errorno)
        self.http_status = http_status
        self.errorno = errorno
        self.description = description


class ControlFailure(Exception):
    """Nothing was executed: malformed XML, wrong schema, bad sender, unknown policy."""

    def __init__(self, *entries: ErrorEntry, anonymous: bool = False) -> None:
        super().__init__(entries[0].errorno)
        self.entries = entries
        self.anonymous = anonymous


class AuthenticationFailure(Exception):
    """The control block was right, the login or session was not."""

    def __init__(self, entry: ErrorEntry, user: str = "", company: str = "") -> None:
        super().__init__(entry.errorno)
        self.entry = entry
        self.user = user
        self.company = company


@dataclass
class Refused(Exception):
    """A function failed for a business reason; ``data`` is what it still answers (partial success)."""

    entries: list[ErrorEntry] = field(default_factory=list)
    data: str = ""

    def and_then(self, errorno: str, text: str) -> Refused:
        """The same with a generic closing entry, as the application stacks them."""
        self.entries.append(ErrorEntry(errorno, text))
        return self


def refused(errorno: str, text: str, *, correction: str = "") -> Refused:
    return Refused([ErrorEntry(errorno, text, correction=correction, support_id=True)])


def invalid(what: str, value: str) -> Refused:
    """A reference that does not exist or cannot be used (BL01001973)."""
    return refused("BL01001973", f"{what} '{value}' is not valid.")


def missing(text: str) -> Refused:
    """A required or illegal value (BL03000018)."""
    return refused("BL03000018", text)


_OWN_DUPLICATE_NUMBER = {"Vendor", "Employee"}


def already_exists(what: str, value: str) -> Refused:
    """Another record has this id (BL34000061; PL05000104 for vendors and employees)."""
    number = "PL05000104" if what in _OWN_DUPLICATE_NUMBER else "BL34000061"
    return refused(number, f"Another {what} with the given value(s) {value} already exists")


def number_taken(kind: str, number: str) -> Refused:
    """A document of this number exists and the company forbids duplicates (BL03002185)."""
    return refused("BL03002185", f"A {kind} with the number '{number}' already exists.")


def bad_request() -> Refused:
    """A predicate, field or date the back end cannot process (DL02000001)."""
    return refused("DL02000001", "There was an error processing the request.")


def no_permission(operation: str, name: str) -> Refused:
    return refused(
        "PL04000005",
        f"You do not have permission for API operation {operation} on objects of type {name}",
    )


ROLLED_BACK = ErrorEntry("XL03000009", "The entire transaction in this operation has been rolled back due to an error.")


def function_error(text: str = "There was an error processing the function.") -> Refused:
    return refused("XL03000009", text)


def unknown_object(name: str) -> Refused:
    return refused("Query Failed", f"Object definition {name} not found")


def invalid_fields(name: str, fields: list[str]) -> Refused:
    """Fields of a ``query`` that the object does not have (XL03000010)."""
    listed = ", ".join(fields)
    first = f"{name.lower()}.{fields[0]}"
    return refused(
        "XL03000010",
        f"Query failed: field {first} is not valid. Invalid fields by object:\n\t{name.lower()}: [{listed}]",
    )


def already_recorded(controlid: str) -> Refused:
    """The function with this control id completed earlier; its errorno is unknown, the text is a fact."""
    return Refused(
        [
            ErrorEntry(
                "",
                f"A successful transaction has already been recorded with the control id {controlid}",
            )
        ]
    )


def still_running() -> Refused:
    return Refused([ErrorEntry("", "concurrent request in process")])


def too_many_requests() -> GatewayFailure:
    return GatewayFailure(429, "GW-0010", "Rate or concurrency limit exceeded. Please try again later.")


def bad_sign_in() -> GatewayFailure:
    return GatewayFailure(401, "XMLGW_JPP0002", "Sign-in information is incorrect. Please check your request.")
