"""The tables. Record ids are integers (text on the wire), instants whole milliseconds, types HubSpot type ids."""

TABLES = """
CREATE TABLE IF NOT EXISTS objects (
  type TEXT NOT NULL, id INTEGER NOT NULL, props TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, archived_at INTEGER,
  source_type TEXT NOT NULL, source_id TEXT NOT NULL, user_id INTEGER,
  UNIQUE (type, id)
);
CREATE INDEX IF NOT EXISTS objects_by_id ON objects (type, id, updated) WHERE archived_at IS NULL;
CREATE INDEX IF NOT EXISTS objects_by_updated ON objects (type, updated, id) WHERE archived_at IS NULL;
CREATE INDEX IF NOT EXISTS objects_by_created ON objects (type, created, id) WHERE archived_at IS NULL;

CREATE TABLE IF NOT EXISTS indexed (
  type TEXT NOT NULL, id INTEGER NOT NULL, props TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, archived_at INTEGER,
  source_type TEXT NOT NULL, source_id TEXT NOT NULL, user_id INTEGER,
  UNIQUE (type, id)
);
CREATE TABLE IF NOT EXISTS index_queue (
  seq INTEGER PRIMARY KEY, visible_at INTEGER NOT NULL,
  type TEXT NOT NULL, id INTEGER NOT NULL, props TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, archived_at INTEGER,
  source_type TEXT NOT NULL, source_id TEXT NOT NULL, user_id INTEGER
);

CREATE TABLE IF NOT EXISTS merged (
  type TEXT NOT NULL, old_id INTEGER NOT NULL, new_id INTEGER NOT NULL, PRIMARY KEY (type, old_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS uniques (
  type TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL, folded TEXT NOT NULL,
  PRIMARY KEY (type, name, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uniques_folded ON uniques (type, name, folded);
CREATE INDEX IF NOT EXISTS uniques_of ON uniques (type, id);

CREATE TABLE IF NOT EXISTS history (
  seq INTEGER PRIMARY KEY, type TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
  at INTEGER NOT NULL, value TEXT NOT NULL, source_type TEXT NOT NULL, source_id TEXT NOT NULL, user_id INTEGER
);
CREATE INDEX IF NOT EXISTS history_of ON history (type, id, name);

CREATE TABLE IF NOT EXISTS links (
  from_type TEXT NOT NULL, from_id INTEGER NOT NULL, to_type TEXT NOT NULL, to_id INTEGER NOT NULL,
  category INTEGER NOT NULL, type_id INTEGER NOT NULL,
  PRIMARY KEY (from_type, from_id, to_type, to_id, category, type_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS documents (
  kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY, app_id TEXT NOT NULL, subscription_id INTEGER NOT NULL, body TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, delivery INTEGER, event_id INTEGER
);
CREATE INDEX IF NOT EXISTS events_due ON events (due, seq) WHERE delivery IS NULL;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY, app_id TEXT NOT NULL, attempt INTEGER NOT NULL, sent_at INTEGER NOT NULL
);
"""

NAMES = (
    "objects", "indexed", "index_queue", "merged", "uniques", "history", "links", "documents", "events", "deliveries",
)  # fmt: skip

_DEALS = "WHERE type = '0-3' AND archived_at IS NULL"
_CLOSE, _WON = """json_extract(props, '$."closedate"')""", """json_extract(props, '$."hs_is_closed_won"')"""
_STAGE = """json_extract(props, '$."dealstage"')"""

# What deals are most often searched by. Search writes the same expressions, so that these are used.
DEAL_INDEXES = f"""
CREATE INDEX IF NOT EXISTS deals_by_close ON objects (type, {_CLOSE}, id) {_DEALS};
CREATE INDEX IF NOT EXISTS deals_won_by_close ON objects (type, {_WON}, {_CLOSE}, id) {_DEALS};
CREATE INDEX IF NOT EXISTS deals_won_by_updated ON objects (type, {_WON}, updated, id) {_DEALS};
CREATE INDEX IF NOT EXISTS deals_by_stage ON objects (type, {_STAGE}, updated, id) {_DEALS};
"""
