"""Writes ``airflow_settings.yaml`` to Airflow's database, and keeps what a person has changed there since.

What was applied last is remembered, by digests: an entry that stands otherwise in Airflow, while the file says what it
said, was changed by a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tieout.local.settings_file import ConnectionEntry, SettingsFile

_FIELDS = ("conn_type", "host", "schema", "login", "port", "extra")


def apply_settings(settings: SettingsFile, remembered: Path, *, only_twins: bool = False) -> list[str]:
    """Write it all in one transaction; sentences about what a person had changed. Airflow's environment must be set.

    Pools, variables and connections that a person changed stay, until the file says something new of them;
    ``only_twins``: connections are set back, because they must lead where the file was checked to lead.
    """
    from airflow.utils.session import create_session

    known = _read(remembered)
    wanted = {
        **{f"connection {one.conn_id}": _digest(_shape(_airflow_connection(one))) for one in settings.connections},
        **{f"pool {one.name}": _digest((one.slots, one.description)) for one in settings.pools},
        **{f"variable {one.name}": _digest(one.value) for one in settings.variables},
    }
    said = {name for name, digest in wanted.items() if known.get(name) == digest}
    with create_session() as session:
        told = [
            *_connections(session, settings, said, only_twins),
            *_pools(session, settings, said),
            *_variables(session, settings, said),
        ]
    remembered.touch(mode=0o600)
    remembered.write_text(json.dumps(wanted))
    return told


def _connections(session: Any, settings: SettingsFile, said: set[str], only_twins: bool) -> Iterator[str]:
    from airflow.models.connection import Connection
    from sqlalchemy import select

    for entry in settings.connections:
        fresh = _airflow_connection(entry)
        stands = session.scalar(select(Connection).where(Connection.conn_id == entry.conn_id))
        if stands is None:
            session.add(fresh)
            continue
        if _shape(stands) == _shape(fresh):
            continue
        changed = f"connection {entry.conn_id}" in said
        if changed and not only_twins:
            yield f"The connection {entry.conn_id} stays as you changed it in Airflow."
            continue
        if changed:
            yield (
                f"The connection {entry.conn_id} is as in airflow_settings.yaml again, not as you changed it in "
                "Airflow: the demo acts on the twins alone. Keep your own connections in .env (see .env.example)."
            )
        for name in _FIELDS:
            setattr(stands, name, getattr(fresh, name))
        stands.set_password(fresh.password)


def _pools(session: Any, settings: SettingsFile, said: set[str]) -> Iterator[str]:
    from airflow.models.pool import Pool

    for one in settings.pools:
        stands = Pool.get_pool(one.name, session=session)
        if stands is not None and f"pool {one.name}" in said:
            if stands.slots != one.slots:
                yield (
                    f"The pool {one.name} keeps the {stands.slots} slots that you gave it in Airflow "
                    f"(airflow_settings.yaml says {one.slots})."
                )
            continue
        Pool.create_or_update_pool(one.name, one.slots, one.description, include_deferred=False, session=session)


def _variables(session: Any, settings: SettingsFile, said: set[str]) -> Iterator[str]:
    from airflow.models.variable import Variable

    for one in settings.variables:
        stands = Variable.get(one.name, default_var=None) if f"variable {one.name}" in said else None
        if stands is None:
            Variable.set(one.name, one.value, session=session)
        elif stands != one.value:
            yield f"The variable {one.name} keeps the value that you gave it in Airflow."


def _airflow_connection(entry: ConnectionEntry) -> Any:
    from airflow.models.connection import Connection

    if entry.uri is not None:
        return Connection(conn_id=entry.conn_id, uri=entry.uri)
    return Connection(
        conn_id=entry.conn_id,
        conn_type=entry.conn_type,
        host=entry.host,
        schema=entry.schema,
        login=entry.login,
        password=entry.password,
        # Airflow 3.3's form sends 0 for a port that is not set, and its Test button then refuses a stored NULL.
        port=entry.port or 0,
        extra=json.dumps(entry.extra) if entry.extra else None,
    )


def _shape(connection: Any) -> tuple[Any, ...]:
    plain = (connection.conn_type, connection.host, connection.schema, connection.login, connection.port)
    return (*plain, connection.password, connection.extra_dejson)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _read(remembered: Path) -> dict[str, str]:
    try:
        told = json.loads(remembered.read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
