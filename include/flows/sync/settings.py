"""The settings of ``hubspot_contact_and_intacct_customer_sync``: which field is whose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import Field, field_validator, model_validator

from include.core.books import Strict
from include.core.errors import Unmapped
from include.flows.sync.field_agreement import Owner

_INTACCT_NAME = re.compile(r"[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*){0,2}")
_HUBSPOT_NAME = re.compile(r"(company|contact)\.[a-z][a-z0-9_]*")
_IDENTITY = frozenset({"RECORDNO", "CUSTOMERID", "ENTITY", "CONTACTNAME", "WHENCREATED", "WHENMODIFIED"})
# What people change here is money: never at a CRM's word (accounting case 73).
_FINANCE = re.compile(
    r"CREDIT|ONHOLD|TOTALDUE|BANK|ACH|IBAN|ROUTING|CARD|PAYMETHOD|ACCOUNT|GLGROUP|GLGRP|STATUS|RESTRICT|TAXABLE|TAXGROUP"
)
_OWN = frozenset({"intacct_customer_id", "tieout_key", "tieout_source_key", "tieout_state", "tieout_message"})


class FieldRule(Strict):
    """One field that both sides have. ``hubspot``: ``company.<property>`` or ``contact.<property>``; ``intacct``: a
    field of CUSTOMER (``DISPLAYCONTACT.PHONE1``, a custom field, a dimension) or, for contacts, of CONTACT. ``values``
    is a lookup table from HubSpot's values to Intacct's, for fields whose words differ."""

    hubspot: str
    intacct: str
    owner: Owner
    values: dict[str, str] | None = None

    @field_validator("hubspot")
    @classmethod
    def _a_property(cls, name: str) -> str:
        if not _HUBSPOT_NAME.fullmatch(name) or name.partition(".")[2] in _OWN:
            raise ValueError("write company.<property> or contact.<property>, none that Tieout fills itself")
        return name

    @field_validator("values")
    @classmethod
    def _one_to_one(cls, values: dict[str, str] | None) -> dict[str, str] | None:
        twice = [word for word, times in Counter((values or {}).values()).items() if times > 1]
        if twice:
            raise ValueError(f"{', '.join(twice)} stands for several values, so nobody can tell the way back")
        return values

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        name = self.intacct
        if not _INTACCT_NAME.fullmatch(name) or name.rpartition(".")[2] in _IDENTITY:
            raise ValueError(f"{name} is no upper-case field that can be kept alike")
        if self.owner != "intacct" and _FINANCE.search(name):
            raise ValueError(f"{name} is finance's: its owner can only be intacct")
        if self.is_contact and name.startswith(("DISPLAYCONTACT.", "BILLTO.", "SHIPTO.", "CONTACTINFO.")):
            raise ValueError(f"{name}: for a contact write the field of CONTACT alone, like EMAIL1")
        return self

    @property
    def is_contact(self) -> bool:
        return self.hubspot.startswith("contact.")

    @property
    def on_display(self) -> bool:
        return self.intacct.startswith("DISPLAYCONTACT.")

    @property
    def property_name(self) -> str:
        return self.hubspot.partition(".")[2]

    def to_intacct(self, value: str) -> str:
        """HubSpot's value in Intacct's words. Raises ``Unmapped`` where the lookup table lacks it."""
        if self.values is None or not value:
            return value
        if value not in self.values:
            raise Unmapped(f"{self.hubspot} has a value that the lookup table of the settings lacks")
        return self.values[value]

    def to_hubspot(self, value: str) -> str:
        """Intacct's value in HubSpot's words. Raises ``Unmapped`` where the lookup table lacks it."""
        if self.values is None or not value:
            return value
        back = {theirs: ours for ours, theirs in self.values.items()}
        if value not in back:
            shown = "has a value" if self.is_contact else f"is “{value}”"
            raise Unmapped(f"{self.intacct} {shown} that the lookup table of the settings lacks")
        return back[value]


class CreateSettings(Strict):
    """What a record without a counterpart becomes. Records older than ``since`` (in UTC) are matched, never created."""

    since: date
    companies: bool = True
    hubspot_contacts: bool = True
    intacct_contacts: bool = True


class PartySyncSettings(Strict):
    create: CreateSettings
    fields: tuple[FieldRule, ...] = Field(min_length=1)
    hubspot_app_id: str = ""

    @field_validator("fields")
    @classmethod
    def _each_once(cls, fields: tuple[FieldRule, ...]) -> tuple[FieldRule, ...]:
        sides = [r.hubspot for r in fields] + [
            f"{'contact' if r.is_contact else 'customer'} {r.intacct}" for r in fields
        ]
        twice = [name for name, times in Counter(sides).items() if times > 1]
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice; two rules for one field would contradict each other")
        return fields

    @property
    def company_rules(self) -> tuple[FieldRule, ...]:
        return tuple(rule for rule in self.fields if not rule.is_contact)

    @property
    def contact_rules(self) -> tuple[FieldRule, ...]:
        return tuple(rule for rule in self.fields if rule.is_contact)

    @property
    def display_rules(self) -> tuple[FieldRule, ...]:
        """The contact rules for a customer's display contact: what the company's rules say of it is theirs."""
        claimed = {rule.intacct.removeprefix("DISPLAYCONTACT.") for rule in self.company_rules if rule.on_display}
        return tuple(rule for rule in self.contact_rules if rule.intacct not in claimed)


def properties_of(rules: Iterable[FieldRule]) -> set[str]:
    return {rule.property_name for rule in rules}


def with_newest(rules: Iterable[FieldRule]) -> list[str]:
    """The properties of which the time of their last change matters."""
    return sorted(rule.property_name for rule in rules if rule.owner == "newest")
