"""The one write path of all flows: a retry, a clear, two runs at once, a kill or a restored state database leave
exactly one record in the target for each key.

For every chunk: claim it in our write log, ask the target which records it already holds, note that we are about to
send, send under deterministic control ids, record each outcome. What is not known for sure is looked up before
anything is sent again, and a new control id is used only once the old one can no longer make a record.

What is assumed of a target. (1) A request acts within ``request_deadline + settle_seconds`` of being sent, and what it
made can be found by then. (2) A control id that was used is remembered for longer than that. (3) While a request is
worked on, its control id is answered as running. A target that breaks (3) and answers it as spent is survived too, but
only as long as our log has not lost its memory of that request.
"""

from include.core.sync.apply import apply
from include.core.sync.rows import Claimed, Limits, Owner, Result, WriteRow, WriteState, WriteStore

__all__ = ["Claimed", "Limits", "Owner", "Result", "WriteRow", "WriteState", "WriteStore", "apply"]
