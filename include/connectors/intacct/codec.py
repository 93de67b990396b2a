"""Requests as bytes: the envelope in the schema's order around the functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.xmltext import append, clean_text

MAX_CONTROLID = 256

# Functions that change nothing: they may be repeated blindly. Whatever is not listed counts as a write.
READS = frozenset(
    {
        "get",
        "get_araging",
        "get_invoice",
        "get_list",
        "getAPISession",
        "getApprovalHistory",
        "getObjectTrail",
        "getTransactionsToApprove",
        "inspect",
        "lookup",
        "query",
        "read",
        "readByName",
        "readByQuery",
        "readEntityDetails",
        "readMore",
        "readRelated",
        "readReport",
        "readUserFormatting",
        "readView",
        "retrievepdf",
    }
)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a request: its single child element, and its control id (may be empty for reads)."""

    element: etree._Element
    controlid: str = ""

    def __post_init__(self) -> None:
        if len(self.controlid) > MAX_CONTROLID:
            raise ValueError(f"a control id has at most {MAX_CONTROLID} characters")

    @property
    def name(self) -> str:
        return str(self.element.tag)

    @property
    def reads(self) -> bool:
        return self.name in READS


def build_request(
    functions: Sequence[Function],
    credentials: Credentials,
    *,
    controlid: str,
    unique: bool,
    session_id: str | None,
    entity_id: str | None = None,
) -> bytes:
    """The request document in UTF-8.

    With a ``session_id`` the session authenticates (and fixes the entity), else the user's login into ``entity_id``
    (``None``: top level). A function without a control id gets its place in the request as one. ``unique`` makes the
    gateway refuse control ids that it has completed before.
    """
    request = etree.Element("request")
    control = etree.SubElement(request, "control")
    append(control, "senderid", credentials.sender_id)
    _secret(control, "password", credentials.sender_password)
    append(control, "controlid", controlid)
    append(control, "uniqueid", "true" if unique else "false")
    append(control, "dtdversion", "3.0")
    append(control, "includewhitespace", "false")
    operation = etree.SubElement(request, "operation", transaction="false")
    _authentication(etree.SubElement(operation, "authentication"), credentials, session_id, entity_id)
    content = etree.SubElement(operation, "content")
    for place, function in enumerate(functions, start=1):
        name = clean_text(function.controlid, "controlid") or str(place)
        etree.SubElement(content, "function", controlid=name).append(function.element)
    return etree.tostring(request, encoding="UTF-8", xml_declaration=True)


def _authentication(
    parent: etree._Element, credentials: Credentials, session_id: str | None, entity_id: str | None
) -> None:
    if session_id is not None:
        _secret(parent, "sessionid", session_id)
        return
    login = etree.SubElement(parent, "login")
    append(login, "userid", credentials.user_id)
    append(login, "companyid", credentials.company_id)
    _secret(login, "password", credentials.user_password)
    if entity_id:
        append(login, "locationid", entity_id)


def _secret(parent: etree._Element, name: str, text: str) -> None:
    """Like ``append``, for what must arrive exactly: nothing is cleaned, XML's own limits raise ``ValueError``."""
    etree.SubElement(parent, name).text = text
