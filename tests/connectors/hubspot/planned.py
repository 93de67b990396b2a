"""Writes for HubSpot as a flow plans them, and a bench that applies them with a real state store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.connectors.hubspot.source_key import ensure_source_keys
from include.connectors.hubspot.target import HubSpotTarget
from include.core.decisions import Json, Key, Ref, Write
from include.core.sync import Limits, Owner, Result, apply
from include.core.target import Send
from include.state.engine import connect
from include.state.migrate import migrate_engine
from include.state.store import StateStore
from tests.connectors.hubspot.twin import Account, account, company

COMPANY = "8801"
CONTACT = "9001"
PERSON = {"type": "contacts", "id": CONTACT, "properties": {"email": "ann@alder.example", "firstname": "Ann"}}
AT_COMPANY = {"to": "companies", "id": COMPANY}


def key(target_object: str, n: int | str) -> Key:
    return Key("hubspot", target_object, "intacct", "ARINVOICE", str(n), target_object)


def write(target_object: str, n: int | str, *associations: Json, **properties: str) -> Write:
    payload: Json = {"properties": properties, "associations": list(associations)}
    return Write(key(target_object, n), payload, {"properties": properties}, summary=f"{target_object} {n}")


def deal(n: int | str, **more: str) -> Write:
    values = {"dealname": f"Renewal {n}", "dealstage": "qualifiedtobuy", "pipeline": "default", **more}
    return write("deal", n, AT_COMPANY, **values)


def line_item(n: int, of: Write) -> Write:
    parent = {"to": "deals", "id": Ref(of.key).to_json()}
    return write("line_item", f"{of.key.source_id}-{n}", parent, name=f"Panel {n}", quantity="2", price="99.50")


def task(n: int | str, *associations: Json, **more: str) -> Write:
    values = {"hs_timestamp": "2026-11-20T08:00:00Z", "hs_task_subject": f"Invoice {n} is overdue", **more}
    return write("task", n, *(associations or (AT_COMPANY,)), **values)


def note(n: int) -> Write:
    return write("note", n, AT_COMPANY, hs_timestamp="2026-11-20T08:00:00Z", hs_note_body=f"Paid {n}")


def sends(writes: Sequence[Write]) -> list[Send]:
    return [Send(one.key, one.payload, one.key.controlid(0)) for one in writes]


def kinds(outcomes: Sequence[Any]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


@dataclass
class Bench:
    """An account with the source keys in place. ``folder`` is for state databases."""

    hubspot: Account
    folder: Path
    stores: dict[str, StateStore] = field(default_factory=dict)

    def target(self, **client: Any) -> HubSpotTarget:
        return HubSpotTarget(self.hubspot.another_client(**client))

    def store(self, name: str = "state") -> StateStore:
        if name not in self.stores:
            engine = connect(f"sqlite:///{self.folder / name}.db", synchronous="OFF")
            migrate_engine(engine)
            self.stores[name] = StateStore(engine, self.hubspot.clock.now)
        return self.stores[name]

    def apply(
        self,
        *writes: Write,
        state: str = "state",
        run: str = "run",
        attempt: int = 1,
        limits: Limits | None = None,
        wait: Callable[[float], None] | None = None,
    ) -> list[Result]:
        """``state`` names the state database. Waits move the account's stopped clock, unless ``wait`` is given."""
        return apply(
            writes,
            self.target(),
            self.store(state),
            owner=Owner(run, "load", attempt=attempt),
            now=self.hubspot.clock.now,
            wait=wait or self.hubspot.clock.advance,
            limits=limits or Limits(),
        )

    def fault(self, kind: str, **rule: Any) -> None:
        self.hubspot.sandbox.control.fault(kind, system="hubspot", **rule)

    def creates(self) -> list[str]:
        return [label for label in self.hubspot.calls() if "create" in label]

    def books(self, object_type: str) -> dict[str, dict[str, str]]:
        return self.hubspot.books(object_type)


@contextmanager
def bench(folder: Path, *records: Any, objects: Sequence[str] = (), **switches: Any) -> Iterator[Bench]:
    """An account with a company, a person and ``records``, and the source keys of ``objects`` (else of the four that
    most tests make); ``switches`` are the twin's."""
    with account(company(int(COMPANY)), PERSON, *records, **switches) as hubspot:
        ensure_source_keys(hubspot.client, objects or ("deal", "line_item", "task", "note"))
        hubspot.sandbox.control.forget_calls()
        yield Bench(hubspot, folder)
