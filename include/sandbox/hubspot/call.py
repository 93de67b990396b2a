"""One authorised call as the handlers see it, and what they hand back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from include.sandbox.exchange import Request
from include.sandbox.hubspot import body, catalogue
from include.sandbox.hubspot.account import Token
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import invalid
from include.sandbox.hubspot.objects.author import Author
from include.sandbox.hubspot.store.records import Source
from include.sandbox.hubspot.times import to_ms
from include.sandbox.hubspot.world import World


@dataclass(frozen=True, slots=True)
class Reply:
    """``value`` None: an empty body."""

    status: int
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Unrouted(Exception):
    """A path names an object type that does not exist."""


@dataclass(frozen=True, slots=True)
class Call:
    """``version`` is ``v3``, ``v4`` or a date; ``moment`` the instant of the call."""

    world: World
    request: Request
    version: str
    token: Token
    moment: datetime
    query: Mapping[str, list[str]]

    @property
    def now(self) -> int:
        return to_ms(self.moment)

    @property
    def source(self) -> Source:
        named = self.token.kind != "service_key" or self.world.switches.service_key_names_app
        return Source("INTEGRATION", self.token.app_id if named else "", self.token.user_id)

    @property
    def dated(self) -> bool:
        return self.version[:1].isdigit()

    @property
    def author(self) -> Author:
        return Author(self.source, self.now, self.version if self.dated else "", self.token.app_name)

    def json(self) -> dict[str, Any]:
        return body.parse(self.request.body)

    def first(self, name: str) -> str | None:
        found = self.query.get(name)
        return found[0] if found else None

    def names(self, name: str) -> list[str]:
        """A query parameter given repeatedly, as a comma list, or both."""
        parts = (part.strip() for value in self.query.get(name, ()) for part in value.split(","))
        return list(dict.fromkeys(part for part in parts if part))

    def number(self, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        """A whole number of the query. Raises ``Refusal`` (400) outside its bounds."""
        value = self.first(name)
        if value is None or value == "":
            return default
        number = body.as_whole(name, value)
        if number < least or (most is not None and number > most):
            raise invalid(f"{name} must be between {least} and {most}" if most else f"{name} must be at least {least}")
        return number

    def flag(self, name: str) -> bool:
        return (self.first(name) or "").lower() == "true"

    def kind(self, name: str) -> ObjectType:
        found = catalogue.find(name)
        if found is None:
            raise invalid(f"Unable to infer object type from: {name[:80]}")
        return found


def parse_query(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=2000)
    except ValueError:
        return {}
