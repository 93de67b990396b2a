"""Element order as in the schema: ``"customerid datecreated dateposted? (termname | datedue) item+"``.

A model is compiled (Glushkov) to an automaton over child names and run lazily as a DFA, so that checking thousands of
elements costs a dictionary look-up each. Operators: sequence, ``|``, ``?``, ``*``, ``+``, parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from include.sandbox.intacct.envelope.parsing import Element

_TOKEN = re.compile(r"[A-Za-z_][\w.]*|[()|?*+]")


@dataclass(slots=True)
class _Part:
    first: set[int]
    last: set[int]
    empty: bool


@dataclass(eq=False)
class Model:
    """``children`` gives each child's own model; a child without one may hold only text. ``unchecked`` children may
    hold anything (generic objects); ``any_order``: the order of the children is free, how often each comes is not."""

    source: str
    children: Mapping[str, Model] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    any_order: bool = False

    def __post_init__(self) -> None:
        automaton = _Automaton(self.source)
        self._names = automaton.names
        self._follow = automaton.follow
        self._last = automaton.whole.last
        self._states: dict[frozenset[int], dict[str, frozenset[int]]] = {}
        self._start = frozenset({-1})
        self._follow[-1] = automaton.whole.first
        self._empty = automaton.whole.empty

    @property
    def start(self) -> frozenset[int]:
        return self._start

    def step(self, state: frozenset[int], name: str) -> frozenset[int]:
        """The state after a child of this name; empty where it is not allowed here."""
        known = self._states.setdefault(state, {})
        if name not in known:
            known[name] = frozenset(nxt for here in state for nxt in self._follow[here] if self._names[nxt] == name)
        return known[name]

    def in_order(self, element: Element) -> list[Element]:
        """The children as the schema orders them; names it does not know come last."""
        place = {name: at for at, name in reversed(list(enumerate(self._names)))}
        return sorted(element, key=lambda child: place.get(str(child.tag), len(place)))

    def complete(self, state: frozenset[int]) -> bool:
        return (state == self._start and self._empty) or bool(state & self._last)

    def expected(self, state: frozenset[int]) -> list[str]:
        return sorted({self._names[nxt] for here in state for nxt in self._follow[here]})


class _Automaton:
    def __init__(self, source: str) -> None:
        self.tokens = _TOKEN.findall(source)
        self.at = 0
        self.names: list[str] = []
        self.follow: dict[int, set[int]] = {}
        self.whole = self._choice() if self.tokens else _Part(set(), set(), True)
        if self.at != len(self.tokens):
            raise ValueError(f"cannot read the content model {source!r}")

    def _choice(self) -> _Part:
        part = self._sequence()
        while self._peek() == "|":
            self.at += 1
            other = self._sequence()
            part = _Part(part.first | other.first, part.last | other.last, part.empty or other.empty)
        return part

    def _sequence(self) -> _Part:
        part = _Part(set(), set(), True)
        while self._peek() not in {"", ")", "|"}:
            nxt = self._repeated()
            for last in part.last:
                self.follow[last] |= nxt.first
            part = _Part(
                part.first | nxt.first if part.empty else part.first,
                part.last | nxt.last if nxt.empty else nxt.last,
                part.empty and nxt.empty,
            )
        return part

    def _repeated(self) -> _Part:
        part = self._atom()
        while self._peek() in {"?", "*", "+"}:
            operator = self.tokens[self.at]
            self.at += 1
            if operator in {"*", "+"}:
                for last in part.last:
                    self.follow[last] |= part.first
            part = _Part(part.first, part.last, part.empty or operator != "+")
        return part

    def _atom(self) -> _Part:
        token = self.tokens[self.at]
        self.at += 1
        if token == "(":  # noqa: S105 - a parenthesis
            part = self._choice()
            self.at += 1
            return part
        position = len(self.names)
        self.names.append(token)
        self.follow[position] = set()
        return _Part({position}, {position}, False)

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""
