"""One SQLite file: a table per catalogue object, and the twin's own tables. Single connection; callers hold a lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from include.sandbox.intacct.catalogue.definition import Catalogue, ObjectType
from include.sandbox.intacct.values import Native

Row = dict[str, Any]

_MOST_REMEMBERED = 20_000
_NEVER_LOOKED_UP = frozenset(
    [
        "ARINVOICE",
        "ARINVOICEITEM",
        "ARADJUSTMENT",
        "ARADJUSTMENTITEM",
        "ARPYMT",
        "ARPYMTDETAIL",
        "APBILL",
        "APBILLITEM",
        "APADJUSTMENT",
        "APADJUSTMENTITEM",
        "APPYMT",
        "APPYMTDETAIL",
        "GLBATCH",
        "GLENTRY",
        "REVRECSCHEDULE",
        "REVRECSCHEDULEENTRY",
        "SODOCUMENT",
        "SODOCUMENTENTRY",
        "AUDITHISTORY",
    ]
)
_TYPES = {"I": "INTEGER", "C": "INTEGER"}
_OWN_TABLES = (
    'CREATE TABLE IF NOT EXISTS "_setting" (name TEXT PRIMARY KEY, value TEXT)',
    'CREATE TABLE IF NOT EXISTS "_sequence" (name TEXT PRIMARY KEY, last INTEGER NOT NULL)',
    'CREATE TABLE IF NOT EXISTS "_user" (userid TEXT PRIMARY KEY, password TEXT, denied TEXT, gmt_offset INTEGER)',
    'CREATE TABLE IF NOT EXISTS "_session" (id TEXT PRIMARY KEY, userid TEXT, locationid TEXT, expires REAL)',
    'CREATE TABLE IF NOT EXISTS "_cursor" (id TEXT PRIMARY KEY, session TEXT, state TEXT)',
    'CREATE TABLE IF NOT EXISTS "_controlid" (scope TEXT, controlid TEXT, at REAL, PRIMARY KEY (scope, controlid))'
    " WITHOUT ROWID",
    'CREATE TABLE IF NOT EXISTS "_closed" (locationid TEXT, module TEXT, through TEXT,'
    " PRIMARY KEY (locationid, module))",
    'CREATE TABLE IF NOT EXISTS "_rate" (source TEXT, target TEXT, type TEXT, day TEXT, rate TEXT,'
    " PRIMARY KEY (source, target, type, day)) WITHOUT ROWID",
    'CREATE TABLE IF NOT EXISTS "_customfield" (object TEXT, id TEXT, kind TEXT, label TEXT, PRIMARY KEY (object, id))',
    'CREATE TABLE IF NOT EXISTS "_offline" (seq INTEGER PRIMARY KEY, controlid TEXT, policyid TEXT, body TEXT)',
    'CREATE TABLE IF NOT EXISTS "_applied" (payment INTEGER, object TEXT, recordno INTEGER, line INTEGER,'
    " trx INTEGER, base INTEGER)",
    'CREATE INDEX IF NOT EXISTS "_ix_applied_payment" ON "_applied" (payment)',
    'CREATE INDEX IF NOT EXISTS "_ix_applied_record" ON "_applied" (object, recordno)',
    'CREATE TABLE IF NOT EXISTS "_usage" (month TEXT PRIMARY KEY, transactions INTEGER)',
)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Database:
    """Tables of the catalogue over ``path``. ``version`` grows with every change of a catalogue table."""

    def __init__(self, path: str, catalogue: Catalogue) -> None:
        self.path = path
        self.catalogue = catalogue
        self.version = 0
        self._inserts: dict[tuple[str, ...], str] = {}
        self._changes: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._taken: set[str] = set()
        self._looked_up: dict[tuple[str, str, Native], Row | None] = {}
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=1024)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA cache_size=-65536")
        self._connection.execute("PRAGMA case_sensitive_like=ON")
        self._connection.execute("PRAGMA temp_store=MEMORY")
        self.create_tables()

    def close(self) -> None:
        self._connection.close()

    def checkpoint(self) -> None:
        """Empty the write-ahead log, which after a large load is as large as the books."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def create_tables(self) -> None:
        """Create what is missing; columns that the catalogue gained are added."""
        with self.transaction():
            for statement in _OWN_TABLES:
                self.execute(statement)
            tables = [item for item in self.catalogue.objects.values() if not item.view]
            for item in tables:
                self._create_table(item)
            for item in self.catalogue.objects.values():
                if item.view:
                    self.execute(" ".join(("DROP VIEW IF EXISTS", quoted(item.name))))
                    self.execute(" ".join(("CREATE VIEW", quoted(item.name), "AS", item.view)))

    def _create_table(self, item: ObjectType) -> None:
        table = quoted(item.name)
        columns = columns_of(item)
        body = ", ".join(
            quoted(name) + (" INTEGER PRIMARY KEY" if name == "RECORDNO" else " " + _TYPES.get(kind, "TEXT"))
            for name, kind in columns.items()
        )
        self.execute(" ".join(("CREATE TABLE IF NOT EXISTS", table, "(", body, ")")))
        present = {str(row[1]) for row in self.execute(" ".join(("PRAGMA table_info(", table, ")")))}
        for name, kind in columns.items():
            if name not in present:
                self.execute(" ".join(("ALTER TABLE", table, "ADD COLUMN", quoted(name), _TYPES.get(kind, "TEXT"))))
        custom = [field.name for field in item.fields.values() if field.custom]
        for name in (*item.indexed, *custom):
            self._create_index(item.name, name)

    def _create_index(self, table: str, column: str) -> None:
        index = quoted(f"ix_{table}_{column}")
        self.execute(" ".join(("CREATE INDEX IF NOT EXISTS", index, "ON", quoted(table), "(", quoted(column), ")")))

    def add_custom_field(self, object_name: str) -> None:
        """Give the object's table the columns its catalogue entry gained."""
        self._create_table(self.catalogue.objects[object_name])

    def reset(self) -> None:
        with self.transaction():
            names = self.execute(
                "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            for kind, name in sorted(names, reverse=True):
                self.execute(" ".join(("DROP", kind.upper(), quoted(name))))
        self._inserts.clear()
        self._numbers.clear()
        self._taken.clear()
        self._undone()

    def snapshot(self) -> bytes:
        """The whole file."""
        return self._connection.serialize()

    def restore(self, snapshot: bytes) -> None:
        """Everything as in the snapshot; the database must be in memory."""
        self._connection.deserialize(snapshot)
        self._numbers.clear()
        self._taken.clear()
        self._undone()

    # --- statements -------------------------------------------------------------------------------------------

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)

    def scalar(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or ``None``."""
        row = self._connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        cursor = self._connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One unit of work; nested ones are savepoints. Rolled back when the block raises."""
        if self._connection.in_transaction:
            self.execute("SAVEPOINT unit")
            try:
                yield
            except BaseException:
                self._undone()
                self.execute("ROLLBACK TO unit")
                self.execute("RELEASE unit")
                raise
            self.execute("RELEASE unit")
            return
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._undone()
            self._numbers.clear()
            self._taken.clear()
            self.execute("ROLLBACK")
            raise
        self._keep_numbers()
        self.execute("COMMIT")

    # --- records ----------------------------------------------------------------------------------------------

    def next_number(self, name: str) -> int:
        """The next value of a counter; a counter starts at 1. Values are kept when the outer transaction ends."""
        if name not in self._numbers:
            self._numbers[name] = int(self.scalar('SELECT last FROM "_sequence" WHERE name = ?', (name,)) or 0)
        self._numbers[name] += 1
        self._taken.add(name)
        if not self._connection.in_transaction:
            self._keep_numbers()
        return self._numbers[name]

    def _keep_numbers(self) -> None:
        self._connection.executemany(
            'INSERT OR REPLACE INTO "_sequence" (name, last) VALUES (?, ?)',
            [(name, self._numbers[name]) for name in self._taken],
        )
        self._taken.clear()

    def at_least(self, name: str, value: int) -> None:
        """A counter continues after this value, because a seed record brought its own number."""
        if name not in self._numbers or self._numbers[name] < value:
            self._numbers[name] = max(value, self.next_number(name) - 1)
            self._taken.add(name)

    def insert(self, object_name: str, values: Mapping[str, Native]) -> int:
        """Store a record and return its RECORDNO, given or next in the object's sequence."""
        self._changed(object_name)
        recordno = values.get("RECORDNO")
        if recordno is None:
            recordno = self.next_number(self.catalogue.objects[object_name].sequence)
        rest = values if "RECORDNO" not in values else {k: v for k, v in values.items() if k != "RECORDNO"}
        names = (object_name, *rest)
        sql = self._inserts.get(names)
        if sql is None:
            columns = ", ".join(quoted(name) for name in ("RECORDNO", *rest))
            marks = ", ".join("?" * len(names))
            sql = " ".join(("INSERT INTO", quoted(object_name), "(", columns, ") VALUES (", marks, ")"))
            self._inserts[names] = sql
        self.execute(sql, (recordno, *rest.values()))
        return int(recordno)

    def update(self, object_name: str, recordno: int, changes: Mapping[str, Native]) -> None:
        if not changes:
            return
        self._changed(object_name)
        sets = ", ".join(quoted(name) + " = ?" for name in changes)
        self.execute(
            " ".join(("UPDATE", quoted(object_name), "SET", sets, "WHERE RECORDNO = ?")),
            (*changes.values(), recordno),
        )

    def delete(self, object_name: str, recordno: int) -> None:
        self._changed(object_name)
        self.execute(" ".join(("DELETE FROM", quoted(object_name), "WHERE RECORDNO = ?")), (recordno,))

    def get(self, object_name: str, recordno: int) -> Row | None:
        return self.find(object_name, "RECORDNO", recordno)

    def find(self, object_name: str, column: str, value: Native) -> Row | None:
        """The record with this value, the oldest where there are several."""
        sql = " ".join(("SELECT * FROM", quoted(object_name), "WHERE", quoted(column), "= ? ORDER BY RECORDNO LIMIT 1"))
        found = self.rows(sql, (value,))
        return found[0] if found else None

    def lookup(self, object_name: str, column: str, value: Native) -> Row | None:
        """As ``find``, for master data: remembered until that object changes. The row must not be modified."""
        key = (object_name, column, value)
        if key not in self._looked_up:
            if len(self._looked_up) > _MOST_REMEMBERED:
                self._looked_up.clear()
            self._looked_up[key] = self.find(object_name, column, value)
        return self._looked_up[key]

    def changes_of(self, object_name: str) -> int:
        """Grows with every change of the object's table since the twin started."""
        return self._changes.get(object_name, 0)

    def _changed(self, object_name: str) -> None:
        self.version += 1
        self._changes[object_name] = self._changes.get(object_name, 0) + 1
        if object_name not in _NEVER_LOOKED_UP:
            self._looked_up.clear()

    def _undone(self) -> None:
        self.version += 1
        self._looked_up.clear()

    def matching(self, object_name: str, column: str, value: Native) -> list[Row]:
        sql = " ".join(("SELECT * FROM", quoted(object_name), "WHERE", quoted(column), "= ? ORDER BY RECORDNO"))
        return self.rows(sql, (value,))

    def exists(self, object_name: str, column: str, value: Native) -> bool:
        sql = " ".join(("SELECT 1 FROM", quoted(object_name), "WHERE", quoted(column), "= ? LIMIT 1"))
        return self.scalar(sql, (value,)) is not None

    def remove_where(self, object_name: str, column: str, values: Iterable[Native]) -> None:
        self._changed(object_name)
        sql = " ".join(("DELETE FROM", quoted(object_name), "WHERE", quoted(column), "= ?"))
        self._connection.executemany(sql, [(value,) for value in values])

    # --- settings ---------------------------------------------------------------------------------------------

    def setting(self, name: str, default: str = "") -> str:
        value = self.scalar('SELECT value FROM "_setting" WHERE name = ?', (name,))
        return default if value is None else str(value)

    def set_setting(self, name: str, value: str) -> None:
        self.execute('INSERT OR REPLACE INTO "_setting" (name, value) VALUES (?, ?)', (name, value))


def columns_of(item: ObjectType) -> dict[str, str]:
    """Stored columns and their kinds, RECORDNO first, ours last."""
    columns = {"RECORDNO": "I"}
    columns.update((field.name, field.kind) for field in item.stored())
    columns.update(item.internal)
    return columns
