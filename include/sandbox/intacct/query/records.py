"""Rows to wire records: XML, JSON or CSV, column by column so that pages of 2,000 records are cheap."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from include.sandbox.intacct.envelope.wire import escape_all
from include.sandbox.intacct.query.columns import Column
from include.sandbox.intacct.values import money_text, show_date, shower

Rows = Sequence[Sequence[Any]]


def shown(rows: Rows, columns: Sequence[Column], gmt_offset_hours: int = 0) -> list[list[str]]:
    """Per column the wire texts of its values, not yet escaped; empty values are empty texts."""
    return [
        _texts(column.kind, values, gmt_offset_hours)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]


def _texts(kind: str, values: Sequence[Any], gmt_offset_hours: int) -> list[str]:
    if kind == "C":
        return ["" if value is None else money_text(value) for value in values]
    if kind == "D":
        return ["" if value is None else show_date(value) for value in values]
    if kind == "S":
        show = shower("S", gmt_offset_hours)
        return ["" if value is None else show(value) for value in values]
    return ["" if value is None else str(value) for value in values]


def as_xml(rows: Rows, columns: Sequence[Column], names: Sequence[str], element: str, gmt_offset_hours: int = 0) -> str:
    """``<ELEMENT><NAME>text</NAME>...</ELEMENT>`` per row."""
    if not rows:
        return ""
    texts = [
        escape_all(column_texts) if column.kind in {"T", "E", "Q"} else column_texts
        for column, column_texts in zip(columns, shown(rows, columns, gmt_offset_hours), strict=True)
    ]
    body = "".join(f"<{name}>%s</{name}>" for name in names)
    template = f"<{element}>{body}</{element}>"
    return "".join([template % values for values in zip(*texts, strict=True)])


def as_json(rows: Rows, columns: Sequence[Column], names: Sequence[str], gmt_offset_hours: int = 0) -> str:
    texts = shown(rows, columns, gmt_offset_hours) if rows else []
    records = [dict(zip(names, values, strict=True)) for values in zip(*texts, strict=True)]
    return json.dumps(records, ensure_ascii=False, separators=(",", ":"))


def as_csv(rows: Rows, columns: Sequence[Column], names: Sequence[str], gmt_offset_hours: int = 0) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*shown(rows, columns, gmt_offset_hours), strict=True) if rows else ())
    return out.getvalue()
