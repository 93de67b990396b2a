"""What every handler may ask: the store, the switches, and the account's settings parsed once per change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from include.sandbox.hubspot.account import DEFAULT_ACCOUNT, Account, from_document
from include.sandbox.hubspot.catalogue import BY_ID
from include.sandbox.hubspot.definitions.property import Option, Property
from include.sandbox.hubspot.definitions.property import from_document as property_from_document
from include.sandbox.hubspot.definitions.seeded import seeded
from include.sandbox.hubspot.limits import Limits
from include.sandbox.hubspot.pipelines.stages import Stage, default_pipelines, stages_of
from include.sandbox.hubspot.search.pages import Pages
from include.sandbox.hubspot.store.database import Database
from include.sandbox.hubspot.store.records import Records
from include.sandbox.hubspot.switches import Switches

_PER_STAGE = (
    ("hs_v2_date_entered_", "Date entered", "datetime"),
    ("hs_v2_date_exited_", "Date exited", "datetime"),
    ("hs_v2_cumulative_time_in_", "Cumulative time in", "number"),
    ("hs_v2_latest_time_in_", "Latest time in", "number"),
)


class World:
    def __init__(self, db: Database, switches: Switches) -> None:
        self.db = db
        self.switches = switches
        self.records = Records(db, switches.search_lag // timedelta(milliseconds=1))
        self.limits = Limits(switches)
        self.pages = Pages(db)
        self.events_queued = 0
        self._version = -1
        self._kept: dict[str, Any] = {}

    def install(self) -> None:
        """Give an empty store the settings of a fresh account."""
        if self.db.document("account", "account") is None:
            with self.db.transaction():
                self.db.put_document("account", "account", DEFAULT_ACCOUNT)
                for type_id, pipelines in default_pipelines().items():
                    for pipeline in pipelines:
                        self.db.put_document("pipeline", f"{type_id}/{pipeline['id']}", pipeline)

    @property
    def account(self) -> Account:
        kept = self._cache()
        if "account" not in kept:
            kept["account"] = from_document(self.db.document("account", "account"))
        account: Account = kept["account"]
        return account

    def pipelines(self, type_id: str) -> dict[str, Mapping[str, Any]]:
        """The type's live pipelines in wire form by id."""
        prefix = f"{type_id}/"
        return {
            key[len(prefix) :]: body
            for key, body in self.db.documents("pipeline").items()
            if key.startswith(prefix) and not body.get("archived")
        }

    def stages(self, type_id: str) -> dict[str, Stage]:
        kept = self._cache()
        key = f"stages {type_id}"
        if key not in kept:
            kept[key] = stages_of(self.pipelines(type_id))
        stages: dict[str, Stage] = kept[key]
        return stages

    def definitions(self, type_id: str) -> dict[str, Property]:
        """The type's live property definitions by name."""
        kept = self._cache()
        key = f"definitions {type_id}"
        if key not in kept:
            kept[key] = {n: p for n, p in self.all_definitions(type_id).items() if p.archived_at is None}
        found: dict[str, Property] = kept[key]
        return found

    def all_definitions(self, type_id: str) -> dict[str, Property]:
        """Archived definitions included."""
        prefix = f"{type_id}/"
        stored = {
            key[len(prefix) :]: property_from_document(body)
            for key, body in self.db.documents("property").items()
            if key.startswith(prefix)
        }
        found = {**seeded(type_id), **self._per_stage(type_id), **stored}
        options = self._external_options(type_id)
        for name, choice in options.items():
            if name in found:
                found[name] = _with_options(found[name], choice)
        return found

    def _per_stage(self, type_id: str) -> dict[str, Property]:
        if type_id != "0-3":
            return {}
        return {
            prefix + stage.id: Property(
                name=prefix + stage.id,
                label=f'{label} "{stage.label}"',
                type=kind,
                field_type="date" if kind == "datetime" else "number",
                group="deal_stages",
                read_only=True,
                calculated=True,
            )
            for stage in self.stages(type_id).values()
            for prefix, label, kind in _PER_STAGE
        }

    def _external_options(self, type_id: str) -> dict[str, tuple[Option, ...]]:
        money = tuple(Option(code, code, order) for order, code in enumerate(self.account.currencies))
        names = ("deal_currency_code", "hs_line_item_currency_code", "hs_currency", "hs_currency_code")
        options: dict[str, tuple[Option, ...]] = dict.fromkeys(names, money)
        pipeline = BY_ID[type_id].pipeline
        if pipeline is not None:
            listed = self.pipelines(type_id).values()
            options[pipeline[0]] = tuple(Option(p["label"], p["id"], n) for n, p in enumerate(listed))
            options[pipeline[1]] = tuple(
                Option(stage.label, stage.id, n) for n, stage in enumerate(self.stages(type_id).values())
            )
        return options

    def _cache(self) -> dict[str, Any]:
        if self._version != self.db.settings_version:
            self._kept = {}
            self._version = self.db.settings_version
        return self._kept


@lru_cache(maxsize=1024)
def _with_options(definition: Property, options: tuple[Option, ...]) -> Property:
    return replace(definition, options=options)
