"""Signing in: ``getAPISession``, alone in its request."""

from __future__ import annotations

from lxml import etree

from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import SYSTEM, Unreachable, Unreadable, to_exception
from include.connectors.intacct.replies import Reply
from include.core.errors import SettingsError, TieoutError


def login_function() -> Function:
    return Function(etree.Element("getAPISession"))


def read_login(reply: Reply, entity_id: str | None) -> tuple[str, str]:
    """(session id, endpoint) of a sign-in's answer; the endpoint is not checked yet.

    Raises ``AuthError`` where the sign-in is refused, ``SettingsError`` where it led into another entity than
    ``entity_id``, ``Unreadable`` where the answer holds no session.
    """
    if reply.refusal is not None:
        raise to_exception(reply.refusal)
    if len(reply.results) != 1:
        raise Unreadable("Sage Intacct's answer to the sign-in holds no session.")
    result = reply.results[0]
    if result.status == "failure":
        raise to_exception(result.failure)
    api = result.records[0] if result.ok and len(result.records) == 1 else {}
    session_id, endpoint = api.get("sessionid"), api.get("endpoint")
    if not (isinstance(session_id, str) and session_id and isinstance(endpoint, str) and endpoint):
        raise Unreadable("Sage Intacct's answer to the sign-in holds no session.")
    landed = str(api.get("locationid") or "")
    if landed != (entity_id or ""):
        raise SettingsError(
            f"Signing in to the Sage Intacct entity {entity_id or '(top level)'} led to {landed or '(top level)'}; "
            "check the entity of the connection and what the user may enter.",
            system=SYSTEM,
        )
    return session_id, endpoint


_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405, 410})


def not_a_gateway(error: Unreadable) -> TieoutError:
    """What an unreadable answer to a sign-in means: nothing of ours was sent after it."""
    if error.status in _ELSEWHERE:
        return SettingsError(
            f"There is no Sage Intacct XML gateway at the address of the connection (HTTP {error.status}); "
            "its host must be the whole URL, ending in /ia/xml/xmlgw.phtml.",
            system=SYSTEM,
        )
    if error.status == 407:
        return SettingsError("The proxy asks for a sign-in of its own; check the proxy settings.", system=SYSTEM)
    return Unreachable(f"Signing in to Sage Intacct failed: {error.message}", system=SYSTEM, code=error.code)
