"""create, update, delete: the objects inside are checked by the application, not by the schema."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model


class AnyObjects(Model):
    """One or more elements of any name and content."""

    def step(self, state: frozenset[int], name: str) -> frozenset[int]:
        return frozenset({0})

    def complete(self, state: frozenset[int]) -> bool:
        return 0 in state


class Everything(frozenset[str]):
    """Holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


def _objects() -> Model:
    return AnyObjects("object+", unchecked=Everything())


FUNCTIONS = {
    "create": _objects(),
    "update": _objects(),
    "delete": Model("object keys"),
}
