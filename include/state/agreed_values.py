"""What two records that a flow keeps alike last agreed on, so that the next run knows which of them changed since.

Digests alone are kept, never the values: they are people's data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from include.state.engine import Database
from include.state.schema import agreed
from include.state.upsert import insert

_AT_ONCE = 500
_QUERY = select(agreed.c.pair, agreed.c.field, agreed.c.digest).where(
    agreed.c.flow == bindparam("its_flow"), agreed.c.pair.in_(bindparam("pairs", expanding=True))
)


class AgreedValues(Database):
    def agreed(self, flow: str, pairs: Collection[str]) -> dict[str, dict[str, str]]:
        """``{pair: {field: digest}}`` for those of ``pairs`` of which anything is known. ``pair`` and ``field`` are the
        flow's own names ("customer:C-1", "hubspot company.phone")."""
        wanted = sorted(set(pairs))
        known: dict[str, dict[str, str]] = {}
        with self.read() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                rows = connection.execute(_QUERY, {"its_flow": flow, "pairs": wanted[start : start + _AT_ONCE]})
                for row in rows:
                    known.setdefault(row.pair, {})[row.field] = row.digest
        return known

    def put_agreed(self, flow: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Remember ``{pair: {field: digest}}``; a field that is not named keeps what was known of it."""
        now = self._now()
        rows = [
            {"flow": flow, "pair": pair, "field": field, "digest": digest, "updated_at": now}
            for pair, fields in sorted(values.items())
            for field, digest in sorted(fields.items())
        ]
        if not rows:
            return
        with self.begin() as connection:
            statement = insert(connection, agreed)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[column.name for column in agreed.primary_key],
                    set_={"digest": statement.excluded.digest, "updated_at": statement.excluded.updated_at},
                ),
                rows,
            )
