"""The predicate language of readByQuery: comparisons, like, in, IS NULL, AND, OR, NOT, rownum."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from include.sandbox.intacct.errors import bad_request
from include.sandbox.intacct.query.columns import Column, Columns
from include.sandbox.intacct.query.conditions import Reading, compare
from include.sandbox.intacct.query.sql import Condition

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:\\.|[^'\\])*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<operator><=|>=|<|>|=|\(|\)|,)"
    r"|(?P<word>[A-Za-z_][\w.]*))"
)
_OPERATORS = {
    "=": "equalto",
    "<": "lessthan",
    "<=": "lessthanorequalto",
    ">": "greaterthan",
    ">=": "greaterthanorequalto",
}
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Predicate:
    """``limit`` is the number of rows that rownum allows, ``None`` without it."""

    conditions: tuple[Condition, ...]
    limit: int | None = None


def parse_predicate(text: str, columns: Columns, gmt_offset_hours: int) -> Predicate:
    """Raises Refused (DL02000001) for anything outside the grammar, unknown fields and values of the wrong kind."""
    tokens = _tokens(text)
    if not tokens:
        return Predicate(())
    parser = _Parser(tokens, columns, Reading(gmt_offset_hours, codes=True))
    condition = parser.alternatives(0)
    if parser.at != len(tokens):
        raise bad_request()
    return Predicate((condition,), parser.limit)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:
            raise bad_request()
        kind, value = match.lastgroup, match.group(match.lastgroup)
        if kind == "string":
            value = re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
        elif kind == "word" and value.upper() in {"AND", "OR", "NOT", "LIKE", "IN", "IS", "NULL", "ORDER"}:
            kind, value = "keyword", value.upper()
        tokens.append((kind, value))
        at = match.end()
    return tokens


@dataclass(slots=True)
class _Parser:
    tokens: list[tuple[str, str]]
    columns: Columns
    reading: Reading
    at: int = 0
    limit: int | None = field(default=None)

    def alternatives(self, depth: int) -> Condition:
        parts = [self.conjunction(depth)]
        while self._take("keyword", "OR"):
            parts.append(self.conjunction(depth))
        return _joined(parts, "OR")

    def conjunction(self, depth: int) -> Condition:
        parts = [self.negation(depth)]
        while self._take("keyword", "AND"):
            parts.append(self.negation(depth))
        return _joined(parts, "AND")

    def negation(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise bad_request()
        if self._take("keyword", "NOT"):
            inner = self.negation(depth + 1)
            return Condition(f"NOT ({inner.sql})", inner.parameters)
        if self._take("operator", "("):
            inner = self.alternatives(depth + 1)
            self._need("operator", ")")
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        name = self._need("word").upper()
        if name == "ROWNUM":
            return self._rownum()
        column = self._column(name)
        if self._take("keyword", "IS"):
            negated = self._take("keyword", "NOT")
            self._need("keyword", "NULL")
            return compare(column, "isnotnull" if negated else "isnull", (), self.reading)
        negated = self._take("keyword", "NOT")
        if self._take("keyword", "LIKE"):
            return compare(column, "notlike" if negated else "like", [self._value()], self.reading)
        if self._take("keyword", "IN"):
            return compare(column, "notin" if negated else "in", self._values(), self.reading)
        operator = self._need("operator")
        if negated or operator not in _OPERATORS:
            raise bad_request()
        return compare(column, _OPERATORS[operator], [self._value()], self.reading)

    def _column(self, name: str) -> Column:
        stored = "RAWSTATE" if name == "STATE" and "RAWSTATE" in self.columns.item.fields else name
        column = self.columns.find(stored)
        if column is None:
            raise bad_request()
        return column

    def _rownum(self) -> Condition:
        operator, value = self._need("operator"), self._value()
        if operator not in {"<", "<="} or not value.isdecimal() or len(value) > 12:
            raise bad_request()
        self.limit = int(value) - (1 if operator == "<" else 0)
        return Condition("1")

    def _values(self) -> list[str]:
        self._need("operator", "(")
        values = [self._value()]
        while self._take("operator", ","):
            values.append(self._value())
        self._need("operator", ")")
        return values

    def _value(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] in {"string", "number"}:
            self.at += 1
            return self.tokens[self.at - 1][1]
        raise bad_request()

    def _take(self, kind: str, value: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == (kind, value):
            self.at += 1
            return True
        return False

    def _need(self, kind: str, value: str | None = None) -> str:
        if self.at >= len(self.tokens):
            raise bad_request()
        found_kind, found = self.tokens[self.at]
        if found_kind != kind or (value is not None and found != value):
            raise bad_request()
        self.at += 1
        return found


def _joined(parts: list[Condition], word: str) -> Condition:
    if len(parts) == 1:
        return parts[0]
    sql = f" {word} ".join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))
