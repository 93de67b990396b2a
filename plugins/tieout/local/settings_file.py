"""Reads ``airflow_settings.yaml`` (the Astro CLI's schema) and says everything that is wrong with it.

Imports no Airflow; ``prepare.py`` writes what was read to Airflow's database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

_CONNECTION_KEYS = {
    "conn_id": str,
    "conn_type": str,
    "conn_host": str,
    "conn_schema": str,
    "conn_login": str,
    "conn_password": str,
    "conn_port": int,
    "conn_uri": str,
    "conn_extra": dict,
}
_POOL_KEYS = {"pool_name": str, "pool_slot": int, "pool_description": str}
_VARIABLE_KEYS = {"variable_name": str, "variable_value": str}
_KIND = {str: "text", int: "a whole number", dict: "a mapping or JSON text"}


Entry = TypeVar("Entry")


class BadSettingsFile(Exception):
    """The file cannot be applied. ``problems`` are sentences with key and remedy, without values."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__(f"{path.name} has {len(problems)} problem(s):\n" + "\n".join(f"  {p}" for p in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    conn_id: str
    conn_type: str
    host: str | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    port: int | None = None
    uri: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PoolEntry:
    name: str
    slots: int
    description: str


@dataclass(frozen=True, slots=True)
class VariableEntry:
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    connections: tuple[ConnectionEntry, ...] = ()
    pools: tuple[PoolEntry, ...] = ()
    variables: tuple[VariableEntry, ...] = ()

    def connection(self, conn_id: str) -> ConnectionEntry | None:
        return next((entry for entry in self.connections if entry.conn_id == conn_id), None)


def read(path: Path) -> SettingsFile:
    """Read and check the whole file. Raises ``BadSettingsFile`` with every problem."""
    try:
        document = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BadSettingsFile(path, [f"it cannot be read: {error.strerror}"]) from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" at line {place.line + 1}, column {place.column + 1}" if place else ""
        raise BadSettingsFile(path, [f"it is not YAML{where}: correct the syntax"]) from None
    problems: list[str] = []
    parsed = _parse(document, problems)
    if problems:
        raise BadSettingsFile(path, problems)
    return parsed


def _parse(document: Any, problems: list[str]) -> SettingsFile:
    root = document.get("airflow") if isinstance(document, dict) else None
    if not isinstance(root, dict):
        problems.append("airflow: is missing; everything goes under this one key")
        return SettingsFile()
    for key in root.keys() - {"connections", "pools", "variables"}:
        problems.append(f"airflow.{key}: is not known; allowed are connections, pools, variables")
    connections = _entries(root, "connections", _CONNECTION_KEYS, _connection, problems)
    pools = _entries(root, "pools", _POOL_KEYS, _pool, problems)
    variables = _entries(root, "variables", _VARIABLE_KEYS, _variable, problems)
    _refuse_repeats("connections", "conn_id", [c.conn_id for c in connections], problems)
    _refuse_repeats("pools", "pool_name", [p.name for p in pools], problems)
    _refuse_repeats("variables", "variable_name", [v.name for v in variables], problems)
    return SettingsFile(tuple(connections), tuple(pools), tuple(variables))


def _entries(
    root: Mapping[str, Any],
    section: str,
    keys: Mapping[str, type],
    build: Callable[[dict[str, Any], str, list[str]], Entry | None],
    problems: list[str],
) -> list[Entry]:
    rows = root.get(section) or []
    if not isinstance(rows, list):
        problems.append(f"airflow.{section}: must be a list; begin each entry with '- '")
        return []
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"airflow.{section}[{number}]"
        if not isinstance(row, dict):
            problems.append(f"{where}: must be a mapping with the keys {', '.join(keys)}")
            continue
        before = len(problems)
        values = _values(row, keys, where, problems)
        if len(problems) == before and (entry := build(values, where, problems)) is not None:
            found.append(entry)
    return found


def _values(row: Mapping[str, Any], keys: Mapping[str, type], where: str, problems: list[str]) -> dict[str, Any]:
    """The row's values that are set, of the right kind. A number where text belongs is taken as text."""
    for key in row.keys() - keys.keys():
        hint = next((known for known in keys if known.endswith(f"_{key}")), None)
        remedy = f"did you mean {hint}?" if hint else f"allowed are {', '.join(keys)}"
        problems.append(f"{where}.{key}: is not known; {remedy}")
    values: dict[str, Any] = {}
    for key, kind in keys.items():
        value = row.get(key)
        if value is None or value == "":
            continue
        if kind is dict and isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                value = None
        if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            problems.append(f"{where}.{key}: must be {_KIND[kind]}")
            continue
        values[key] = value
    return values


def _connection(values: dict[str, Any], where: str, problems: list[str]) -> ConnectionEntry | None:
    conn_id, uri = values.get("conn_id"), values.get("conn_uri")
    others = values.keys() - {"conn_id", "conn_uri"}
    if conn_id is None:
        problems.append(f"{where}.conn_id: is missing; it is the name by which DAGs find the connection")
    if uri is not None and others:
        problems.append(f"{where}.conn_uri: stands alone; remove it, or remove {', '.join(sorted(others))}")
    elif uri is None and "conn_type" not in values:
        problems.append(f"{where}.conn_type: is missing; for example sage_intacct or hubspot")
    extra = values.get("conn_extra", {})
    for key in extra:
        if key != str(key).lower():
            problems.append(f"{where}.conn_extra.{key}: must be lower case, because the Astro CLI makes it so")
    if conn_id is None:
        return None
    return ConnectionEntry(
        conn_id,
        values.get("conn_type", ""),
        values.get("conn_host"),
        values.get("conn_schema"),
        values.get("conn_login"),
        values.get("conn_password"),
        values.get("conn_port"),
        uri,
        extra,
    )


def _pool(values: dict[str, Any], where: str, problems: list[str]) -> PoolEntry | None:
    if "pool_name" not in values:
        problems.append(f"{where}.pool_name: is missing")
    if values.get("pool_slot", 0) < 1:
        problems.append(f"{where}.pool_slot: must be a whole number of at least 1")
    if "pool_name" not in values or "pool_slot" not in values:
        return None
    return PoolEntry(values["pool_name"], values["pool_slot"], values.get("pool_description", ""))


def _variable(values: dict[str, Any], where: str, problems: list[str]) -> VariableEntry | None:
    if "variable_name" not in values:
        problems.append(f"{where}.variable_name: is missing")
        return None
    return VariableEntry(values["variable_name"], values.get("variable_value", ""))


def _refuse_repeats(section: str, key: str, names: Sequence[str], problems: list[str]) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(f"airflow.{section}: {key} {name} occurs {names.count(name)} times; keep one")
