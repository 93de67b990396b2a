"""The route table: which handler answers which method and path, what scope it needs, which allowance it uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import find, scopes
from include.sandbox.hubspot.paths import Address

Handler = Callable[..., Reply]
Needs = Callable[[tuple[str, ...]], tuple[tuple[str, ...], ...]]


def nothing(_: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return ()


def records(verb: str, *positions: int) -> Needs:
    """One scope of each object type that the path names at these positions."""

    def needs(found: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        kinds = [find(found[position]) for position in positions or (0,)]
        return tuple(dict.fromkeys(scopes(kind, verb) for kind in kinds if kind is not None))

    return needs


def schema(verb: str) -> Needs:
    """Definitions need the schema scope; for reading, that of the records will do."""

    def needs(found: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        kind = find(found[0])
        if kind is None:
            return ()
        own = (f"crm.schemas.{kind.scope}.{verb}",)
        both = (*own, f"crm.schemas.{kind.scope}.write") if verb == "read" else own
        return ((*both, *scopes(kind, "read"), *scopes(kind, "write")),) if verb == "read" else (both,)

    return needs


def fixed(*alternatives: str) -> Needs:
    def needs(_: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        return (alternatives,)

    return needs


@dataclass(frozen=True, slots=True)
class Route:
    """``pattern`` segments are literal, ``{}`` or ``{n}`` (digits only). ``writes``: runs in a transaction.

    ``allowance``: ``general``, ``search``, ``associations``, or ``none`` (not counted). ``open``: needs no token.
    ``versions``: a predicate of the path's version."""

    method: str
    area: str
    pattern: tuple[str, ...]
    handler: Handler
    needs: Needs = nothing
    writes: bool = False
    allowance: str = "general"
    open: bool = False
    versions: Callable[[str], bool] = field(default=lambda _: True)

    def match(self, address: Address) -> tuple[str, ...] | None:
        """The path's variable segments, or None."""
        if address.area != self.area or len(address.rest) != len(self.pattern) or not self.versions(address.version):
            return None
        found = []
        for wanted, given in zip(self.pattern, address.rest, strict=True):
            if wanted == "{}":
                found.append(given)
            elif wanted == "{n}":
                if not given.isdigit():
                    return None
                found.append(given)
            elif wanted != given:
                return None
        return tuple(found)


def route(method: str, area: str, path: str, handler: Handler, needs: Needs = nothing, **more: object) -> Route:
    """``route("GET", "objects", "{}/{}", get, records("read"))``."""
    pattern = tuple(path.split("/")) if path else ()
    return Route(method, area, pattern, handler, needs, **more)  # type: ignore[arg-type]


def old(version: str) -> bool:
    return version == "v3"


def v4_or_dated(version: str) -> bool:
    return version != "v3"


def not_v4(version: str) -> bool:
    return version != "v4"


__all__ = ["Address", "Call", "Route", "fixed", "not_v4", "nothing", "old", "records", "route", "schema", "v4_or_dated"]
