"""Is this connection good for what we want? Answered in sentences for the person who sets it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from include.connectors.hubspot.account import Account, get_account
from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.errors import MissingScopes, Refusal
from include.connectors.hubspot.wire import Json
from include.core.errors import AuthError, TieoutError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried. ``sentence`` says what is the matter, or that nothing is."""

    scope: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """``account`` is ``None`` where not even that could be read; then ``checks`` holds the one reason."""

    account: Account | None
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return self.account is not None and all(check.ok for check in self.checks)

    @property
    def missing(self) -> tuple[str, ...]:
        """Scopes that HubSpot said are missing."""
        return tuple(check.scope for check in self.checks if not check.ok and check.scope)

    def text(self) -> str:
        """One paragraph: the account, then what is missing, or that nothing is."""
        sentences = []
        if self.account is not None:
            a = self.account
            sentences.append(
                f"Connected to HubSpot account {a.portal_id} ({a.company_currency}, time zone {a.time_zone})."
            )
        sentences += [check.sentence for check in self.checks if not check.ok]
        if self.ok:
            sentences.append(f"All {len(self.checks)} scopes that were checked are granted.")
        return " ".join(sentences)


def check_connection(client: HubSpotClient, needed: Mapping[str, str]) -> ConnectionReport:
    """Try the account, and then each scope of ``needed`` (scope -> what it is for) with one harmless call.

    A key's scopes cannot be listed, so each is tried: reading asks for one record; writing sends an empty
    batch or an empty definition, of which HubSpot can make nothing. Never raises our errors: they become
    sentences.
    """
    try:
        account = get_account(client)
    except TieoutError as error:
        return ConnectionReport(None, (Check("", False, error.message),))
    return ConnectionReport(account, tuple(_check(client, scope, purpose) for scope, purpose in needed.items()))


def _check(client: HubSpotClient, scope: str, purpose: str) -> Check:
    probe = _probe(client, scope)
    if probe is None:
        return Check(scope, True, f"Whether {scope} ({purpose}) is granted cannot be tried out.")
    method, path, body = probe
    query = {"limit": "1"} if method == "GET" and "/properties/" not in path else None
    try:
        client.request(method, path, query=query, body=body, repeat=Repeat.ALWAYS)
    except MissingScopes as error:
        named = f" HubSpot asks for one of {', '.join(error.scopes)}." if error.scopes else ""
        return Check(scope, False, f"The scope {scope} is missing ({purpose}).{named}")
    except AuthError as error:
        return Check(scope, False, f"{scope} ({purpose}): {error.message}")
    except Refusal as error:
        # An empty write is refused as invalid only after it was let in; a refused read is a real problem.
        if method != "POST" or error.status != 400:
            return Check(scope, False, f"{scope} ({purpose}): {error.message}")
    except TieoutError as error:
        return Check(scope, False, f"{scope} ({purpose}) could not be tried: {error.message}")
    return Check(scope, True, f"{scope} is granted ({purpose}).")


def _probe(client: HubSpotClient, scope: str) -> tuple[str, str, Json | None] | None:
    """Method, path and body of the call that tries ``scope``; ``None`` for a scope we know no harmless call
    for."""
    match scope.split("."):
        case ["crm", "objects", "owners", "read"]:
            return "GET", client.paths.owners(), None
        case ["crm", "objects", kind, "read"]:
            return "GET", client.paths.objects(kind), None
        case ["crm", "objects", kind, "write"]:
            return "POST", client.paths.objects(kind, "batch", "update"), {"inputs": []}
        case ["crm", "schemas", kind, "read"]:
            return "GET", client.paths.properties(kind), None
        case ["crm", "schemas", kind, "write"]:
            return "POST", client.paths.properties(kind, "groups"), {}
    return None
