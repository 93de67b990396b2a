"""Calls of Sage Intacct that fail, in the sign-in and after it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import requests

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.errors import to_exception
from include.connectors.intacct.query import build_query
from tests.connectors.intacct.scripted_gateway import (
    Step,
    answer,
    control_failure,
    drip,
    failed,
    hang_up,
    results,
    scripted_gateway,
    sign_in_failure,
    succeeded,
)
from tests.security.failing import ALL, NOWHERE, Calls, echo, ended, over_tls

CREDENTIALS = Credentials("acme", "canary_ws", ALL["user password"], "canary_sender", ALL["sender password"])
ECHO = echo("user password", "sender password")
XML_ECHO = escape(ECHO)
PAGE = f"<html><body>{ECHO}</body></html>"


def _endpoint(address: str) -> Step:
    api = f"<api><sessionid>s-1</sessionid><endpoint>{escape(address)}</endpoint><locationid></locationid></api>"
    return results(
        f"<result><status>success</status><function>getAPISession</function><controlid>1</controlid>"
        f"<data>{api}</data></result>"
    )


SIGN_INS: dict[str, Step] = {
    "wrong password": answer(control_failure("XL03000006", f"Sign-in information is incorrect {XML_ECHO}")),
    "wrong sender": answer(control_failure("XMLGW_JPP0002", f"Invalid Web Services authorization {XML_ECHO}")),
    "number with secrets": answer(control_failure(XML_ECHO, "refused")),
    "sign-in refused": answer(sign_in_failure("XL03000006", XML_ECHO)),
    "invalid session": answer(sign_in_failure("XL03000006", f"Invalid session {XML_ECHO}")),
    "off line": answer(control_failure("GW-0003", XML_ECHO), 503),
    "a page": answer(PAGE),
    "a page of an error": answer(PAGE, 500),
    "forbidden": answer(PAGE, 403),
    "not there": answer(PAGE, 404),
    "proxy": answer(PAGE, 407),
    "too many": answer(PAGE, 429, [("Retry-After", "1")]),
    "bad gateway": answer(PAGE, 502),
    "redirect": answer("", 302, [("Location", f"http://127.0.0.1:1/?password={quote(ALL['user password'])}")]),
    "hang-up": hang_up,
    "cut": answer(control_failure("XL03000006", XML_ECHO), length=100_000),
    "dripping": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + XML_ECHO.encode(), 0.3, 2000),
    "garbage": answer(ECHO.encode("utf-16")),
    "broken gzip": answer(ECHO, headers=[("Content-Encoding", "gzip")]),
    "another endpoint": _endpoint(f"https://evil.example/{quote(ECHO[:300])}"),
    "an endpoint with a user": _endpoint(f"https://u:{quote(ALL['user password'])}@evil.example/"),
    "no session": results("<result><status>success</status></result>"),
}
CALLS: dict[str, Step] = {
    "refused": results(failed("query", "BL01001973", XML_ECHO)),
    "no permission": results(failed("query", "BL01001973", f"You do not have permission {XML_ECHO}")),
    "duplicate": results(failed("query", "BL34000061", f"already exists {XML_ECHO}")),
    "of a contact": results(failed("query", "BL01001973", f"Contact {XML_ECHO}")),
    "spent": results(failed("query", "BL01001973", f"already been recorded with the controlid {XML_ECHO}")),
    "closed period": results(failed("query", "BL01001973", f"The period is closed {XML_ECHO}")),
    "unknown customer": results(failed("query", "BL01001973", f"Invalid customer {XML_ECHO}")),
    "aborted": results(failed("query", "BL01001973", XML_ECHO, status="aborted")),
    "two answers": results(succeeded("query", XML_ECHO), succeeded("query", XML_ECHO)),
    "another's answer": results(succeeded("query", "", XML_ECHO)),
    "page": answer(PAGE),
    "hang-up": hang_up,
    "session over": answer(sign_in_failure("XL03000006", f"Invalid session {XML_ECHO}")),
}
READ = Function(build_query("CUSTOMER", ("RECORDNO",)), "1")


def _intacct(url: str) -> IntacctClient:
    return IntacctClient(requests.Session(), url, CREDENTIALS, request_deadline=1.0, tries=1, first_pause=0.01)


def _call_intacct(login: Step | None, call: Step | None) -> list[Any]:
    with scripted_gateway() as gateway:
        gateway.login_script.extend([login] if login else [])
        gateway.script.extend([call] if call else [])
        client = _intacct(gateway.url)
        done = ended(lambda: client.call([READ]))
        if isinstance(done, list):
            done += [to_exception(one.failure) for one in done if not one.ok]
        return [client, *(done if isinstance(done, list) else [done])]


def intacct_calls() -> Calls:
    def encrypted() -> list[Any]:
        with scripted_gateway() as gateway:
            return [ended(lambda: _intacct(over_tls(gateway.url)).login())]

    user = f"https://u:{quote(ALL['user password'])}@api.intacct.com/"
    return {
        **{
            f"Intacct sign-in: {name}": (lambda step=step: _call_intacct(step, None)) for name, step in SIGN_INS.items()
        },
        **{f"Intacct call: {name}": (lambda step=step: _call_intacct(None, step)) for name, step in CALLS.items()},
        "Intacct: nobody listens": lambda: [ended(lambda: _intacct(f"http://127.0.0.1:{NOWHERE}/").login())],
        "Intacct: no TLS": encrypted,
        "Intacct: a user in the address": lambda: [ended(lambda: _intacct(user))],
        "Intacct: in clear": lambda: [ended(lambda: _intacct(f"http://gw.example/{ALL['user password']}"))],
    }
