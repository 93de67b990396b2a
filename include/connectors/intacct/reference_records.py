"""Reference data as Intacct knows it: entities, accounts, items, and whatever is an id and a name."""

from __future__ import annotations

from dataclasses import dataclass

from include.connectors.intacct.fields import Wire, flag, is_active, optional, required


@dataclass(frozen=True, slots=True)
class Entity:
    """A LOCATIONENTITY: a legal entity with books of its own."""

    entity_id: str
    name: str
    currency: str
    country: str
    active: bool

    FIELDS = ("LOCATIONID", "NAME", "CURRENCY", "OPCOUNTRY", "STATUS")

    @classmethod
    def from_wire(cls, record: Wire) -> Entity:
        return cls(
            required(record, "LOCATIONID"),
            optional(record, "NAME"),
            optional(record, "CURRENCY"),
            optional(record, "OPCOUNTRY"),
            is_active(record),
        )


@dataclass(frozen=True, slots=True)
class GLAccount:
    """A GLACCOUNT, with the dimensions that its lines must carry (``LOCATION``, ``DEPARTMENT``, ``CLASS``, ...)."""

    number: str
    title: str
    active: bool
    requires: tuple[str, ...]

    _REQUIRE = (
        ("REQUIREDEPT", "DEPARTMENT"),
        ("REQUIRELOC", "LOCATION"),
        ("REQUIRECUSTOMER", "CUSTOMER"),
        ("REQUIREVENDOR", "VENDOR"),
        ("REQUIREEMPLOYEE", "EMPLOYEE"),
        ("REQUIREITEM", "ITEM"),
        ("REQUIRECLASS", "CLASS"),
    )
    FIELDS = ("ACCOUNTNO", "TITLE", "STATUS", *(name for name, _ in _REQUIRE))

    @classmethod
    def from_wire(cls, record: Wire) -> GLAccount:
        demanded = tuple(dimension for name, dimension in cls._REQUIRE if flag(record, name))
        return cls(required(record, "ACCOUNTNO"), optional(record, "TITLE"), is_active(record), demanded)


@dataclass(frozen=True, slots=True)
class Item:
    """An ITEM: a product or service that invoice lines may name."""

    item_id: str
    name: str
    item_type: str
    active: bool

    FIELDS = ("ITEMID", "NAME", "ITEMTYPE", "STATUS")

    @classmethod
    def from_wire(cls, record: Wire) -> Item:
        return cls(
            required(record, "ITEMID"), optional(record, "NAME"), optional(record, "ITEMTYPE"), is_active(record)
        )


@dataclass(frozen=True, slots=True)
class Dimension:
    """A value of a dimension that is an id and a name: DEPARTMENT, CLASS, LOCATION, PROJECT."""

    id: str
    name: str
    active: bool
    parent_id: str = ""
