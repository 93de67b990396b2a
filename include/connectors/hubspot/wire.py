"""What arrives is untrusted until its shape is seen: small checks that turn a JSON value into the Python
value meant.

All raise ``BadShape``, which names the place in the reply and never shows what stood there.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from include.core.errors import Unavailable

Json = dict[str, Any]

_ID = re.compile(r"[0-9]{1,30}", re.ASCII)


class BadShape(Unavailable):
    """A readable JSON reply that is not what this call answers with."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"HubSpot's reply is not understood: {where} is not {expected}.", system="hubspot")


def as_object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise BadShape(where, "an object")
    return value


def as_list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadShape(where, "a list")
    return value


def as_text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadShape(where, "a text")
    return value


def as_whole(value: Any, where: str) -> int:
    """A whole number, sent as a number or as digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _ID.fullmatch(value):
        return int(value)
    raise BadShape(where, "a whole number")


def as_id(value: Any, where: str) -> str:
    """A record id as text. HubSpot sends ids as strings, and as numbers in association replies."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0 and value < 10**30:
        return str(value)
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise BadShape(where, "a record id")


def parse_json(content: bytes) -> Any:
    """The JSON value of a body; numbers with a fraction become ``Decimal``.

    Raises ``ValueError`` for anything else, too deeply nested or over-long numbers included. Lone surrogates,
    which JSON allows and no text file can hold, become ``?``.
    """
    try:
        value = json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
        return _without_lone_surrogates(value) if b"\\ud" in content.lower() else value
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(name): _without_lone_surrogates(item) for name, item in value.items()}
    return value
