"""Which record of one system is which record of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from include.state.engine import Database
from include.state.schema import xrefs
from include.state.upsert import insert

_AT_ONCE = 500
_QUERY = select(xrefs.c.from_id, xrefs.c.to_id).where(
    xrefs.c.from_system == bindparam("from_system"),
    xrefs.c.from_object == bindparam("from_object"),
    xrefs.c.to_system == bindparam("to_system"),
    xrefs.c.to_object == bindparam("to_object"),
    xrefs.c.from_id.in_(bindparam("ids", expanding=True)),
)


class CrossReferences(Database):
    def xrefs(
        self, from_system: str, from_object: str, ids: Collection[str], to_system: str, to_object: str
    ) -> dict[str, str]:
        """``{from id: to id}`` for those of ``ids`` that are known: ("hubspot", "company", ["501"], "intacct",
        "CUSTOMER") -> {"501": "HS-501"}."""
        kinds = {
            "from_system": from_system,
            "from_object": from_object,
            "to_system": to_system,
            "to_object": to_object,
        }
        wanted = sorted(set(ids))
        known: dict[str, str] = {}
        with self.read() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                rows = connection.execute(_QUERY, {**kinds, "ids": wanted[start : start + _AT_ONCE]})
                known |= {row.from_id: row.to_id for row in rows}
        return known

    def put_xrefs(
        self, from_system: str, from_object: str, to_system: str, to_object: str, pairs: Mapping[str, str]
    ) -> None:
        """Remember ``{from id: to id}``; a pair replaces the one that was known for its from id."""
        if not pairs:
            return
        now = self._now()
        rows = [
            {
                "from_system": from_system,
                "from_object": from_object,
                "from_id": from_id,
                "to_system": to_system,
                "to_object": to_object,
                "to_id": to_id,
                "updated_at": now,
            }
            for from_id, to_id in sorted(pairs.items())
        ]
        with self.begin() as connection:
            statement = insert(connection, xrefs)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[column.name for column in xrefs.primary_key],
                    set_={"to_id": statement.excluded.to_id, "updated_at": statement.excluded.updated_at},
                ),
                rows,
            )
