"""What a document posts: its journal entry and the revenue schedules of its lines."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.ledger import journal, schedules
from include.sandbox.intacct.ledger.journal import Entry
from include.sandbox.intacct.ledger.kinds import Kind
from include.sandbox.intacct.ledger.rates import Rate
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native

_LINE_DIMENSIONS = ("CUSTOMERID", "VENDORID", "EMPLOYEEID", "ITEMID", "CLASSID", "PROJECTID", "CONTRACTID")


def control_account(context: Context, kind: Kind, party: Row) -> str:
    return str(party[kind.party_control] or context.tenant[kind.control])


def post_document(
    context: Context, kind: Kind, head: Row, lines: list[dict[str, Native]], party: Row, rate: Rate
) -> None:
    posting = date.fromisoformat(str(head["WHENPOSTED"]))
    if not head["_NOGL"]:
        source = journal.Source(
            str(head["MODULEKEY"]),
            kind.journal,
            kind.record_type,
            int(head["RECORDNO"]),
            str(head["RECORDID"]),
            f"{kind.word.capitalize()} {head['RECORDID']}",
        )
        entries = _entries(context, kind, party, lines)
        journal.post(context, source, posting, entries, rate, head)
    for line in lines:
        if line.get("REVRECTEMPLATE") and line["TRX_AMOUNT"]:
            template = schedules.template_of(context, str(line["REVRECTEMPLATE"]))
            schedules.create_schedule(context, head, line, template, rate)


def _entries(context: Context, kind: Kind, party: Row, lines: list[dict[str, Native]]) -> list[Entry]:
    """Each line against its account; its offset against the control account, summed per location.

    The control account of a document over several entities is in the first line's; the others owe it through the
    inter-entity account, so that each entity balances.
    """
    entries: list[Entry] = []
    offsets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    default = control_account(context, kind, party)
    owner = str(lines[0]["_ENTITY"] or "")
    home = str(lines[0]["LOCATIONID"] or "")
    between = context.tenant["inter_entity_account"]
    for line in lines:
        base, trx = kind.sign * int(line["AMOUNT"] or 0), kind.sign * int(line["TRX_AMOUNT"] or 0)
        location = str(line["LOCATIONID"] or "")
        control = str(line["OFFSETGLACCOUNTNO"] or default)
        entries.append(_line_entry(line, -base, -trx))
        targets = [(control, location, 1)]
        if str(line["_ENTITY"] or "") != owner:
            targets = [(between, location, 1), (between, home, -1), (control, home, 1)]
        for number, place, sign in targets:
            offsets[(number, place)][0] += sign * base
            offsets[(number, place)][1] += sign * trx
    party_dimension = {kind.party: str(party[kind.party])}
    for (number, location), (base, trx) in offsets.items():
        entries.append(Entry(number, base, trx, location, dimensions=party_dimension))
    return entries


def _line_entry(line: dict[str, Native], base: int, trx: int) -> Entry:
    deferred = line.get("DEFERREDREVACCTNO") if line.get("REVRECTEMPLATE") else None
    return Entry(
        str(deferred or line["ACCOUNTNO"]),
        base,
        trx,
        str(line["LOCATIONID"] or ""),
        str(line["DEPARTMENTID"] or ""),
        str(line["ENTRYDESCRIPTION"] or ""),
        {name: str(line[name]) for name in _LINE_DIMENSIONS if line.get(name)},
    )
