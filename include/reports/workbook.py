"""Excel workbooks, as much of the format as tables need, written as their rows come.

Cells hold text, numbers and dates, never formulas or links. The same cells make the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPECIAL = re.compile("[&<>_\r\ufffe\uffff]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\r\ufffe\uffff]")
"""What Excel would read as one of its own escapes, and characters that XML does not carry."""
_DAY_ZERO = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""
_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "#,##0", *("#,##0." + "0" * digits for digits in range(1, 5)))
_HEADING, _DAY, _INSTANT, _AMOUNT = 1, 2, 3, 4
"""Styles of cells: places in ``_styles``; the last is of no decimals, those of more follow."""


def text(shown: str) -> str:
    """A cell with this text. Characters below the space, but tab and line ends, are the caller's to leave out."""
    if _SPECIAL.search(shown):
        shown = escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", shown))
    kept = "" if shown == shown.strip() else ' xml:space="preserve"'
    return f' t="inlineStr"><is><t{kept}>{shown}</t></is>'


def number(shown: int | str, decimals: int | None = None) -> str:
    """A cell with a number; with ``decimals`` it is an amount, which has so many."""
    style = "" if decimals is None else f' s="{_AMOUNT + decimals}"'
    return f"{style}><v>{shown}</v>"


def flag(true: bool) -> str:
    return f' t="b"><v>{int(true)}</v>'


def day(shown: date) -> str:
    if shown < _FIRST_DAY:
        return text(shown.isoformat())
    return f' s="{_DAY}"><v>{(shown - _DAY_ZERO).days}</v>'


def instant(shown: datetime) -> str:
    """``shown`` has no zone: a sheet knows none."""
    if shown.date() < _FIRST_DAY:
        return text(shown.isoformat(" "))
    whole = (shown.date() - _DAY_ZERO).days
    seconds = shown.hour * 3600 + shown.minute * 60 + shown.second + shown.microsecond / 1e6
    return f' s="{_INSTANT}"><v>{whole + seconds / 86400!r}</v>'


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    width: int


@dataclass
class Workbook:
    """A context; the file is whole at its end. Sheets are added one after the other."""

    path: Path
    _sheets: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Workbook:
        self._zip = zipfile.ZipFile(self.path, "w")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                for name, content in self._rest():
                    with self._part(name) as write:
                        write(_HEAD + content)
        finally:
            self._zip.close()

    def add(self, name: str, headings: Sequence[Heading], rows: Iterable[Sequence[str]], length: int) -> None:
        """A sheet with frozen, filtered headings; ``rows`` has ``length`` rows of cells, ``""`` for an empty one."""
        letters = [_letters(place) for place in range(len(headings))]
        filtered = f"$A$1:${letters[-1]}${length + 1}" if length else ""
        self._sheets.append((name, filtered))
        with self._part(f"xl/worksheets/sheet{len(self._sheets)}.xml") as write:
            write(_HEAD + _sheet_begins(headings))
            cells = [f' s="{_HEADING}"{text(one.text)}' for one in headings]
            write(_row(1, letters, cells))
            for at, row in enumerate(rows, 2):
                write(_row(at, letters, row))
            ends = f'<autoFilter ref="{filtered.replace("$", "")}"/>' if filtered else ""
            write(f"</sheetData>{ends}</worksheet>")

    @contextmanager
    def _part(self, name: str) -> Iterator[_Writer]:
        told = zipfile.ZipInfo(name)  # of 1980: no file tells when it was made
        told.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(told, "w", force_zip64=True) as stream:
            writer = _Writer(stream)
            yield writer
            writer.flush()

    def _rest(self) -> Iterator[tuple[str, str]]:
        numbers = range(1, len(self._sheets) + 1)
        overrides = [("workbook", "sheet.main"), ("styles", "styles")]
        overrides += [(f"worksheets/sheet{one}", "worksheet") for one in numbers]
        kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        listed = "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{kinds}.{kind}+xml"/>' for part, kind in overrides
        )
        package = "application/vnd.openxmlformats-package.relationships+xml"
        yield (
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{package}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>',
        )
        yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
        sheets = [("worksheet", f"worksheets/sheet{one}.xml") for one in numbers]
        yield "xl/_rels/workbook.xml.rels", _relations([*sheets, ("styles", "styles.xml")])
        yield "xl/workbook.xml", self._contents()
        yield "xl/styles.xml", _styles()

    def _contents(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
            for at, (name, _) in enumerate(self._sheets, 1)
        )
        filters = "".join(
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">{_quoted(name)}!{filtered}'
            "</definedName>"
            for at, (name, filtered) in enumerate(self._sheets)
            if filtered
        )
        names = f"<definedNames>{filters}</definedNames>" if filters else ""
        return (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_PARTS}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets>{names}</workbook>"
        )


class _Writer:
    """Hands a part's text on in larger pieces."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._held = stream, list[str]()

    def __call__(self, piece: str) -> None:
        self._held.append(piece)
        if len(self._held) >= 500:
            self.flush()

    def flush(self) -> None:
        self._stream.write("".join(self._held).encode("utf-8", "replace"))
        self._held.clear()


def _row(at: int, letters: Sequence[str], cells: Sequence[str]) -> str:
    filled = "".join([
        f'<c r="{letter}{at}"{cell}</c>' for letter, cell in zip(letters, cells, strict=True) if cell
    ])  # fmt: skip
    return f'<row r="{at}">{filled}</row>'


def _sheet_begins(headings: Sequence[Heading]) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{one.width}" customWidth="1"/>' for at, one in enumerate(headings, 1)
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{at}" Type="{_PARTS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _styles() -> str:
    formats = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{one}"/>' for at, one in enumerate(_FORMATS))
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    heading = '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" '
    heading += 'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    cells = "".join(
        f'<xf numFmtId="{164 + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for at in range(len(_FORMATS))
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    no_border = "<left/><right/><top/><bottom/><diagonal/>"
    border = no_border.replace("<bottom/>", '<bottom style="thin"/>')
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{no_border}</border><border>{border}</border></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS) + 2}">{plain} xfId="0"/>{heading}{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _letters(place: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def _quoted(name: str) -> str:
    return escape("'" + name.replace("'", "''") + "'")
