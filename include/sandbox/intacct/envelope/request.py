"""The request envelope: what was sent, after the schema accepted it."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.envelope.parsing import Element, child_text, parse_failure, text_of
from include.sandbox.intacct.envelope.validation import validate
from include.sandbox.intacct.errors import ControlFailure
from include.sandbox.intacct.schemas import FUNCTIONS

_CONTROL = Model(
    "appid? senderid password? controlid uniqueid? dtdversion? policyid? debug? includewhitespace? "
    "showadditionalerrorinfo? validate?"
)
_AUTHENTICATION = Model(
    "login | sessionid | oauth",
    {"login": Model("userid companyid password clientid? locationid?")},
)
_PREFERENCES = Model("preference*", {"preference": Model("preferencename preferencevalue")})
_FUNCTION = Model(" | ".join(sorted(FUNCTIONS)), FUNCTIONS, attributes=frozenset({"controlid"}))
_OPERATION = Model(
    "authentication preferences* content*",
    {
        "authentication": _AUTHENTICATION,
        "preferences": _PREFERENCES,
        "content": Model("function*", {"function": _FUNCTION}),
    },
    attributes=frozenset({"transaction"}),
)
_REQUEST = Model("control operation*", {"control": _CONTROL, "operation": _OPERATION})

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_FLAGS = ("uniqueid", "debug", "includewhitespace", "showadditionalerrorinfo")


@dataclass(frozen=True, slots=True)
class Control:
    """The control block; ``uniqueid`` is true where it was not sent."""

    senderid: str
    password: str = field(repr=False)
    controlid: str = ""
    uniqueid: bool = True
    dtdversion: str = "3.0"
    policyid: str = ""
    additional_error_info: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    userid: str
    companyid: str
    password: str = field(repr=False)
    locationid: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    controlid: str
    name: str
    element: Element


@dataclass(frozen=True, slots=True)
class Operation:
    login: Login | None
    sessionid: str
    transaction: bool
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    control: Control
    operations: tuple[Operation, ...]


def read_control(root: Element) -> Control | None:
    """What can be read of the control block, to echo it even when the rest breaks the schema."""
    block = root.find("control") if root.tag == "request" else None
    if block is None or block.find("senderid") is None:
        return None
    flags = {name: _BOOLEANS.get(child_text(block, name)) for name in _FLAGS}
    return Control(
        senderid=child_text(block, "senderid"),
        password=child_text(block, "password"),
        controlid=child_text(block, "controlid"),
        uniqueid=flags["uniqueid"] is not False,
        dtdversion=child_text(block, "dtdversion") or "3.0",
        policyid=child_text(block, "policyid"),
        additional_error_info=flags["showadditionalerrorinfo"] is True,
    )


def read_envelope(root: Element, *, strict: bool) -> Envelope:
    """Raises ControlFailure (XL03000003) where the schema is violated."""
    if root.tag != "request":
        raise parse_failure(
            f"Error 1845: Element '{root.tag}': No matching global declaration available. Line: 1, column: 0."
        )
    validate(root, _REQUEST, strict=strict)
    control = read_control(root)
    block = root.find("control")
    if control is None or block is None or not 1 <= len(control.controlid) <= 256:
        raise parse_failure("Error 1831: Element 'controlid': the length must be 1 to 256. Line: 0, column: 0.")
    for name in _FLAGS:
        flag = block.find(name)
        if flag is not None and text_of(flag) not in _BOOLEANS:
            raise _bad_value(name, text_of(flag))
    return Envelope(control, tuple(_read_operation(element) for element in root.findall("operation")))


def check_size(envelope: Envelope, characters: int, *, functions: int, asynchronous: int) -> None:
    """Raises ControlFailure for more than ``functions`` functions, or for a request with a policy that has more than
    ``asynchronous`` characters."""
    asked = sum(len(operation.functions) for operation in envelope.operations)
    if asked > functions:
        raise parse_failure(f"The request has {asked} functions; at most {functions} are allowed.")
    if envelope.control.policyid and characters > asynchronous:
        raise parse_failure(f"An asynchronous request has at most {asynchronous} characters, not {characters}.")


def _read_operation(element: Element) -> Operation:
    transaction = str(element.get("transaction", "false"))
    if transaction not in {"true", "false"}:
        raise _bad_value("transaction", transaction)
    authentication = element.find("authentication")
    if authentication is None:
        raise _bad_value("authentication", "")
    login = authentication.find("login")
    return Operation(
        login=None if login is None else _read_login(login),
        sessionid=child_text(authentication, "sessionid"),
        transaction=transaction == "true",
        functions=tuple(_read_function(item) for item in element.iterfind("content/function")),
    )


def _read_login(element: Element) -> Login:
    return Login(
        child_text(element, "userid"),
        child_text(element, "companyid"),
        child_text(element, "password"),
        child_text(element, "locationid"),
    )


def _read_function(element: Element) -> Function:
    controlid = element.get("controlid")
    if controlid is None:
        raise parse_failure(
            "Error 1868: Element 'function': The attribute 'controlid' is required but missing. "
            f"Line: {element.sourceline or 0}, column: 0."
        )
    if len(controlid) > 256:
        raise _bad_value("controlid", "too long")
    child = element[0]
    return Function(str(controlid), str(child.tag), child)


def _bad_value(name: str, value: str) -> ControlFailure:
    return parse_failure(
        f"Error 1824: Element '{name}': '{value}' is not a valid value of its type. Line: 0, column: 0."
    )
