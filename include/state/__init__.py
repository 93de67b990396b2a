"""What Tieout remembers between runs, on SQLite or PostgreSQL. ``include.state.migrate`` sets it up."""

from include.state.holds import HoldRow
from include.state.progress import Note
from include.state.store import StateStore, open_store

__all__ = ["HoldRow", "Note", "StateStore", "open_store"]
