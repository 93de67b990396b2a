"""Reading what a client sent: JSON parsed once, then asked for by name and kind; anything odd is a 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from include.sandbox.hubspot.errors import Refusal, invalid, invalid_json

MAX_BYTES = 10_000_000


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body. Numbers with a point come as ``Decimal``. Raises ``Refusal`` (400, 413)."""
    value = parse_any(raw)
    if not isinstance(value, dict):
        raise invalid_json(1, 1, "Cannot deserialize value: an object is expected")
    return value


def parse_any(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise Refusal(413, None, "Request Entity Too Large")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise invalid_json(1, error.start + 1, "Invalid UTF-8") from None
    if not text.strip():
        raise invalid_json(1, 1, "No content to map due to end-of-input")
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise invalid_json(error.lineno, error.colno, f"Cannot deserialize: {error.msg}") from None
    except (RecursionError, ValueError, ArithmeticError):
        raise invalid_json(
            1, 1, "Cannot deserialize: the document is nested too deep or a number is too long"
        ) from None
    if b"\\u" in raw and _has_lone_surrogate(value):
        raise invalid_json(1, 1, "Cannot deserialize: lone surrogate in a text")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def wrong_kind(name: str, kind: str) -> Refusal:
    return invalid_json(1, 1, f'Cannot deserialize value of field "{name}": {kind} is expected')


def items(body: Mapping[str, Any], name: str = "inputs") -> list[dict[str, Any]]:
    """A required list of objects."""
    value = body.get(name)
    if value is None:
        raise invalid(f"Some required fields were not set: [{name}]")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise wrong_kind(name, "a list of objects")
    return value


def inner(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An optional object; empty when absent or null."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_kind(name, "an object")
    return value


def text(body: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:
    """A text; numbers and booleans are taken by their written form, as the service does."""
    value = body.get(name)
    if value is None:
        if required:
            raise invalid(f"Some required fields were not set: [{name}]")
        return None
    return scalar(name, value)


def required_text(body: Mapping[str, Any], name: str) -> str:
    value = text(body, name, required=True)
    assert value is not None  # noqa: S101 - text() has raised otherwise
    return value


def scalar(name: str, value: Any) -> str:
    """The written form of a JSON text, number or boolean."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() > 4096:
            raise wrong_kind(name, "a shorter number")
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if -60 < value.adjusted() < 60 else str(value)
    raise wrong_kind(name, "a text")


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """An optional list of texts."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_kind(name, "a list")
    return [scalar(name, item) for item in value]


def whole(body: Mapping[str, Any], name: str, default: int) -> int:
    """An optional whole number, given as a number or as digits."""
    value = body.get(name)
    if value is None or value == "":
        return default
    return as_whole(name, scalar(name, value))


def as_whole(name: str, value: str) -> int:
    digits = value[1:] if value.startswith("-") else value
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise wrong_kind(name, "a whole number")
    return int(value)


def flag(body: Mapping[str, Any], name: str, default: bool = False) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return bool(value == "true")
    raise wrong_kind(name, "true or false")


def record_id(value: str | None) -> int | None:
    """A record id as an integer; None for what cannot be one (then no such record exists)."""
    if value is None or not (value.isascii() and value.isdigit() and len(value) <= 18):
        return None
    return int(value)
