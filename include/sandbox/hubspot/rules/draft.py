"""A record about to be written, as the rules see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.store.records import Source


@dataclass(slots=True)
class Draft:
    """``before`` is empty for a new record. Rules read and set ``after`` (empty texts are dropped on saving).

    ``given`` are the properties the caller wrote; ``loading`` marks a seed, whose history happened elsewhere."""

    kind: ObjectType
    id: int
    before: dict[str, str]
    after: dict[str, str]
    now: int
    source: Source
    created: int
    given: frozenset[str] = field(default_factory=frozenset)
    loading: bool = False

    @property
    def is_new(self) -> bool:
        return not self.before

    def value(self, name: str) -> str:
        return self.after.get(name, "")

    def set(self, name: str, value: str) -> None:
        if value:
            self.after[name] = value
        else:
            self.after.pop(name, None)

    def changed(self, name: str) -> bool:
        return self.before.get(name, "") != self.after.get(name, "")
