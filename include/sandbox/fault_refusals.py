"""Refusals that the Intacct gateway words inside an XML answer, with the caller's own control ids: what a fault of
the kind ``refusal`` puts in place of the twin's answer."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from include.sandbox.exchange import Request, Response
from include.sandbox.intacct import transport

LEVELS = ("function", "authentication", "control", "gateway")
OFF_LINE = "The Service is Temporarily Off-line"
_XML = {"Content-Type": 'text/xml; encoding="UTF-8"'}
_MAX_FUNCTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """``errorno`` may be empty: some of the service's errors are known by their text only."""

    level: str
    errorno: str
    message: str
    correction: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of the request the answer repeats; empty where the request is not readable."""

    sender: str = ""
    control: str = ""
    unique: str = "false"
    dtd: str = "3.0"
    user: str = ""
    company: str = ""
    functions: tuple[tuple[str, str], ...] = ()


def refused(request: Request, refusal: Refusal) -> Response:
    """Status 200 with the refusal at its level: every function failed, the login failed, or the whole request. At the
    level ``gateway`` the control block is a status only and the text stands in ``description``."""
    asked = _asked(request)
    match refusal.level:
        case "gateway":
            error = f"<error>{_element('errorno', refusal.errorno)}{_element('description', refusal.message)}</error>"
            body = f"<control><status>failure</status></control><errormessage>{error}</errormessage>"
        case "control":
            body = _control("failure", asked) + _error(refusal)
        case "authentication":
            body = _control("success", asked) + f"<operation>{_login('failure', asked)}{_error(refusal)}</operation>"
        case _:
            results = "".join(_result(name, control, refusal) for name, control in asked.functions)
            body = _control("success", asked) + f"<operation>{_login('success', asked)}{results}</operation>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<response>{body}</response>\n'
    return Response(200, _XML, text.encode())


def _result(name: str, control: str, refusal: Refusal) -> str:
    head = f"<status>failure</status>{_element('function', name)}{_element('controlid', control)}"
    return f"<result>{head}{_error(refusal)}</result>"


def _error(refusal: Refusal) -> str:
    return (
        f"<errormessage><error>{_element('errorno', refusal.errorno)}<description></description>"
        f"{_element('description2', refusal.message)}{_element('correction', refusal.correction)}"
        "</error></errormessage>"
    )


def _control(status: str, asked: _Asked) -> str:
    fields = (
        ("status", status),
        ("senderid", asked.sender),
        ("controlid", asked.control),
        ("uniqueid", asked.unique),
        ("dtdversion", asked.dtd),
    )
    return "<control>" + "".join(_element(name, value) for name, value in fields) + "</control>"


def _login(status: str, asked: _Asked) -> str:
    who = _element("userid", asked.user) + _element("companyid", asked.company)
    return f"<authentication>{_element('status', status)}{who}</authentication>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _asked(request: Request) -> _Asked:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(transport.request_xml(request), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return _Asked()
    functions = [
        (str(function[0].tag), function.get("controlid", ""))
        for function in root.iterfind("operation/content/function")
        if len(function)
    ]
    return _Asked(
        sender=root.findtext("control/senderid", ""),
        control=root.findtext("control/controlid", ""),
        unique=root.findtext("control/uniqueid", "true"),
        dtd=root.findtext("control/dtdversion", "3.0"),
        user=root.findtext("operation/authentication/login/userid", ""),
        company=root.findtext("operation/authentication/login/companyid", ""),
        functions=tuple(functions[:_MAX_FUNCTIONS]),
    )
