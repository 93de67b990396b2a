"""``python -m include.reports.explain FOLDER FIGURE``: which records make this figure?

``FOLDER`` is a revenue report's or a close pack's, ``FIGURE`` one of its columns (``billed_net``, ``open``). Lists the
records with what each adds or takes away, their sums, and whether the report says the same. Exit code 1 where not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from include.core.log_line import log_line
from include.core.money import Money
from include.reports.close_tables import FIGURES, PARTS

_BY = ("entity", "period", "currency", "owner", "pipeline", "product")
_ALSO = ("customer", "deal_id")
_SHOWN = (
    "measure",
    "currency",
    "amount_minor",
    "day",
    "object",
    "record_no",
    "number",
    "deal",
    "customer",
    "why",
    "url",
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m include.reports.explain", description=(__doc__ or "").strip())
    parser.add_argument("folder", type=Path)
    parser.add_argument("figure", choices=sorted(PARTS))
    for name in (*_BY, *_ALSO):
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name)
    asked = vars(parser.parse_args(arguments))
    folder, figure = asked.pop("folder"), asked.pop("figure")
    wanted = {name: value for name, value in asked.items() if value is not None}
    try:
        records = list(records_of(folder, figure, wanted))
        said = stated(folder, figure, wanted)
    except duckdb.Error as error:
        sys.stderr.write(f"{folder} holds no such report: {str(error).splitlines()[0]}\n")
        return 1
    found: dict[str, int] = defaultdict(int)
    for one in records:
        found[one["currency"]] += one["amount_minor"]
        sys.stdout.write(f"{_line(one)}\n")
    sums = ", ".join(_shown(minor, code) for code, minor in sorted(found.items())) or "nothing"
    sys.stdout.write(f"{len(records)} records: {sums}\n")
    if said is None:
        return 0
    same = {code: minor for code, minor in found.items() if minor} == said
    told = ", ".join(_shown(minor, code) for code, minor in sorted(said.items())) or "nothing"
    sys.stdout.write("The report says the same.\n" if same else f"The report says otherwise: {told}.\n")
    return 0 if same else 1


def records_of(folder: Path, figure: str, wanted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The records behind the figure, by day; ``amount_minor`` is what each adds to it. ``wanted``: column -> value.

    Raises ``duckdb.Error`` where the folder has no records.
    """
    file = next((one for one in (folder / "facts.parquet", folder / "records.parquet") if one.exists()), folder)
    parts = PARTS[figure]
    conditions = [f"measure IN ({', '.join('?' for _ in parts)})", *(f"{name} = ?" for name in wanted)]
    if figure == "unbilled":
        conditions.append("(measure <> 'billed' OR deal_id <> '')")
    if figure == "billed_without_deal":
        conditions.append("deal_id = ''")
    names = ", ".join(_SHOWN)
    query = f"SELECT {names} FROM read_parquet(?) WHERE {' AND '.join(conditions)} ORDER BY day, object, record_no"  # noqa: S608
    with duckdb.connect() as store:
        found = store.execute(query, [str(file), *parts, *wanted.values()])
        while row := found.fetchone():
            one = dict(zip(_SHOWN, row, strict=True))
            yield {**one, "amount_minor": parts[one["measure"]] * one["amount_minor"]}


def stated(folder: Path, figure: str, wanted: Mapping[str, str]) -> dict[str, int] | None:
    """What the report itself says, by currency, without what is zero; ``None`` where it has no such sum."""
    table = folder / "revenue.parquet"
    if table.exists() and not set(wanted) - set(_BY):
        where = " AND ".join(["true", *(f"{name} = ?" for name in wanted)])
        query = f"SELECT currency, sum({figure}_minor)::BIGINT FROM read_parquet(?) WHERE {where} GROUP BY 1"  # noqa: S608
        with duckdb.connect() as store:
            return {
                code: minor for code, minor in store.execute(query, [str(table), *wanted.values()]).fetchall() if minor
            }
    if not table.exists() and figure in FIGURES and not set(wanted) - {"currency"}:
        figures: Sequence[Mapping[str, Any]] = json.loads((folder / "summary.json").read_text())["figures"]
        return {
            one["currency"]: one["amount_minor"]
            for one in figures
            if one["figure"] == figure and one["kind"] == "as invoiced" and one["amount_minor"]
            and wanted.get("currency") in (None, one["currency"])
        }  # fmt: skip
    return None


def _line(one: Mapping[str, Any]) -> str:
    about = " ".join(
        str(one[name]) for name in ("object", "record_no", "number", "deal", "customer", "why", "url") if one[name]
    )
    return log_line(f"{one['day']}  {_shown(one['amount_minor'], one['currency']):>18}  {one['measure']:<12}  {about}")


def _shown(minor: int, currency: str) -> str:
    return f"{Money.from_minor(minor, currency).amount:,} {currency}"


if __name__ == "__main__":
    sys.exit(main())
