"""The one write path of all flows: a retry, a clear, two runs at once, a kill or a restored state database leave
exactly one record in the target for each key.

For every chunk: claim it in our write log, ask the target which records it already holds, note that we are about to
send, send under deterministic control ids, record each outcome. What is not known for sure is looked up before
anything is sent again, and a new control id is used only once the old one can no longer make a record.
"""

from include.core.sync.apply import apply
from include.core.sync.rows import Claimed, Limits, Owner, Result, WriteRow, WriteState, WriteStore

__all__ = ["Claimed", "Limits", "Owner", "Result", "WriteRow", "WriteState", "WriteStore", "apply"]
