"""Which deals a document bills: what counts now, and what counted before. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, select, update

from include.core.document_links import DocumentLink, Kind, restated
from include.state.engine import Database
from include.state.schema import document_links as table
from include.state.upsert import insert

_AT_ONCE = 500
_ALL = select(table).order_by(table.c.since, table.c.deal_id, table.c.document)
_END = (
    update(table)
    .where(
        table.c.deal_id == bindparam("its_deal"),
        table.c.document == bindparam("its_document"),
        table.c.until.is_(None),
    )
    .values(until=bindparam("at"), ended_by=bindparam("its_run"), successor=bindparam("its_successor"))
)


class DocumentLinks(Database):
    def links_of_documents(self, documents: Collection[str], *, ended: bool = False) -> list[DocumentLink]:
        """The links of these documents that count, oldest first; with ``ended`` those too that did."""
        with self.read() as connection:
            return _where(connection, table.c.document, documents, ended=ended)

    def links_of_deals(self, deals: Collection[str], *, ended: bool = False) -> list[DocumentLink]:
        """The links of these deals that count, oldest first; with ``ended`` those too that did."""
        with self.read() as connection:
            return _where(connection, table.c.deal_id, deals, ended=ended)

    def all_links(self, limit: int = 10_000) -> list[DocumentLink]:
        """Every link, ended ones too, newest last; at most the ``limit`` newest."""
        newest = _ALL.order_by(None)
        newest = newest.order_by(table.c.since.desc(), table.c.deal_id.desc(), table.c.document.desc()).limit(limit)
        with self.read() as connection:
            return [_link(row) for row in connection.execute(newest)][::-1]

    def put_links(self, run: str, new: Iterable[DocumentLink]) -> int:
        """Record what ``new`` says beyond what counts already; how many rows that took. What it takes the place of ends
        now and stays. A document that Tieout made and that has ended is not linked to its deal again by ``made``."""
        wanted = {(one.deal_id, one.document): one for one in new}
        if not wanted:
            return 0
        now = self._now()
        with self.begin() as connection:
            documents = sorted({document for _, document in wanted})
            found = _where(connection, table.c.document, documents, ended=True)
            counting = {(one.deal_id, one.document): one for one in found if one.counts}
            over = {(one.deal_id, one.document) for one in found} - counting.keys()
            said = {
                key: answer
                for key, one in wanted.items()
                if not (one.kind == "made" and key in over) and (answer := restated(counting.get(key), one))
            }
            ends = [_end(key, run, "", now) for key in said if key in counting]
            if ends:
                connection.execute(_END, ends)
            rows = [_values(one, run, now) for one in said.values()]
            if rows:
                statement = insert(connection, table)
                again = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
                primary = [column.name for column in table.primary_key]
                connection.execute(statement.on_conflict_do_update(index_elements=primary, set_=again), rows)
            return len(rows)

    def end_links(self, run: str, ended: Mapping[tuple[str, str], str]) -> None:
        """End the links of these (deal, document), where they count; the value is the document that took its place, or
        empty."""
        now = self._now()
        if ended:
            with self.begin() as connection:
                connection.execute(_END, [_end(key, run, successor, now) for key, successor in ended.items()])


def _end(key: tuple[str, str], run: str, successor: str, at: Any) -> dict[str, Any]:
    return {"its_deal": key[0], "its_document": key[1], "its_run": run, "its_successor": successor, "at": at}


def _where(connection: Connection, column: Column[str], values: Collection[str], *, ended: bool) -> list[DocumentLink]:
    query: Select[Any] = _ALL.where(column.in_(bindparam("values", expanding=True)))
    if not ended:
        query = query.where(table.c.until.is_(None))
    listed = sorted(set(values))
    parts: Sequence[list[str]] = [listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE)]
    return [_link(row) for part in parts for row in connection.execute(query, {"values": part})]


def _link(row: Row[Any]) -> DocumentLink:
    kind: Kind = row.kind
    return DocumentLink(
        deal_id=row.deal_id,
        document=row.document,
        kind=kind,
        share=Decimal(row.share) if row.share else None,
        why=row.why,
        number=row.number,
        since=row.since,
        run=row.run,
        until=row.until,
        ended_by=row.ended_by,
        successor=row.successor,
    )


def _values(one: DocumentLink, run: str, at: Any) -> dict[str, Any]:
    return {
        "deal_id": one.deal_id,
        "document": one.document,
        "kind": one.kind,
        "share": "" if one.share is None else f"{one.share:f}",
        "why": one.why.replace("\x00", ""),
        "number": one.number,
        "since": at,
        "run": run,
        "until": None,
        "ended_by": "",
        "successor": "",
    }
