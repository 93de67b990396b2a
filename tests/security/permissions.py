"""A company as a token and a user see it that have just what a flow needs, without one thing; and its books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from include.core.errors import TieoutError
from include.flows.checks.needs import NEEDS
from include.flows.checks.object_words import OBJECTS
from include.flows.checks.permissions import makes_of, reads_of, scopes_of
from include.sandbox.intacct.catalogue.standard import standard_catalogue
from tests.flows.office import Office, office

AT = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
"""An hour in which the entities' days differ, so that it matters whose an invoice is."""


@dataclass(frozen=True)
class Case:
    """``kind``: ``scope`` of HubSpot; ``read``, ``make`` or ``warn``: an object of Intacct that may not be read, or not
    made and changed."""

    flow: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.flow} without {self.kind} {self.name}"

    def named_in(self, text: str) -> bool:
        return self.name in text or OBJECTS.get(self.name, "?") in text


CASES = [
    Case(flow, kind, name)
    for flow, needs in sorted(NEEDS.items())
    for kind, names in (("scope", needs.scopes), ("read", needs.reads), ("make", needs.makes), ("warn", needs.warns))
    for name in names
]


@contextmanager
def company(deals: int = 12) -> Iterator[Office]:
    with TemporaryDirectory() as folder, office(Path(folder), deals=deals, at=AT) as opened:
        yield opened


def granted(demo: Office, flow: str, without: Case | None = None) -> Office:
    """The flow's own token and user, which have just what ``NEEDS`` says under these settings, less ``without``."""
    scopes = [*scopes_of([flow]), "oauth"]
    readable, makeable = {*reads_of([flow]), *NEEDS[flow].warns}, {*makes_of([flow])}
    if without:
        scopes = [one for one in scopes if one != without.name or without.kind != "scope"]
        readable -= {without.name} if without.kind in {"read", "warn"} else set()
        makeable -= {without.name} if without.kind == "make" else set()
    every = {*standard_catalogue().objects}
    denied = [*(every - readable), *(f"MAKE {name}" for name in every - makeable)]
    token = f"pat-na1-{flow.replace('_', '-')}-{'all' if without is None else without.name.replace('.', '-')}"
    twins = demo.sandbox.sandbox.twins
    twins["hubspot"].load([{"type": "_token", "token": token, "app_id": 3141591, "scopes": scopes}])
    user = {"user_id": "tieout_restricted", "user_password": "restricted-user-secret"}
    twins["intacct"].load([{"object": "_USER", "fields": {**user, "denied": denied}}])
    hubspot, intacct = demo.sandbox.hubspot, demo.sandbox.intacct
    narrow = replace(demo.sandbox, hubspot=replace(hubspot, token=token), intacct=replace(intacct, **user))
    return replace(demo, sandbox=narrow)


def run(demo: Office, flow: str, params: Mapping[str, Any] | None = None) -> TieoutError | None:
    """One run; what it failed with."""
    try:
        demo.run_flow(import_module(f"include.flows.{flow}").FLOW, **(params or {}))
    except TieoutError as error:
        return error
    return None


def books(demo: Office) -> Counter[str]:
    """What stands in both systems, without numbers and moments that depend on when it was written."""
    hubspot = (
        (b["type"], sorted((k, v) for k, v in b.get("properties", {}).items() if _settled(k)))
        for b in demo.sandbox.control.books("hubspot")
    )
    intacct = (
        (b["object"], sorted((k, v) for k, v in b["record"].items() if k in _TOLD_BY_INTACCT))
        for b in demo.sandbox.control.books("intacct")
    )
    return Counter(repr(one) for one in (*hubspot, *intacct) if not one[0].startswith("_"))


_TOLD_BY_INTACCT = {"CUSTOMERID", "VENDORID", "CONTACTNAME", "TOTALENTERED", "TOTALDUE", "STATE", "STATUS", "NAME"}


def _settled(name: str) -> bool:
    return not name.startswith("hs_") and not name.endswith(("date", "_at", "_id", "synced", "_url", "_number"))
