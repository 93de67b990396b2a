"""What a function answers."""

from __future__ import annotations

from dataclasses import dataclass

from include.sandbox.intacct.errors import ErrorEntry


@dataclass(frozen=True, slots=True)
class Result:
    """``body`` is the XML between ``controlid`` and the end of ``<result>`` (``<data>``, ``<key>``, ``<listtype>``).

    ``errors`` make it a failure that still keeps what was done (partial success of a multi-object create).
    ``bare`` replaces the whole HTTP body (returnformat json and csv): the text and its content type.
    ``transactions`` is how many API transactions the call costs.
    """

    body: str = ""
    bare: tuple[str, str] | None = None
    transactions: int = 1
    errors: tuple[ErrorEntry, ...] = ()
