"""From field names to SQL: own columns, fields of related records, and the few that are computed."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.sandbox.intacct.catalogue.definition import Catalogue, Choices, ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.store.database import quoted

_COMPUTED = {
    ("ARINVOICE", "DUE_IN_DAYS"): "CAST(julianday({t}.WHENDUE) - julianday('{today}') AS INTEGER)",
    ("APBILL", "DUE_IN_DAYS"): "CAST(julianday({t}.WHENDUE) - julianday('{today}') AS INTEGER)",
    ("CUSTOMER", "TOTALDUE"): (
        "(SELECT COALESCE(SUM(x.TOTALDUE), 0) FROM ARINVOICE x WHERE x.CUSTOMERID = {t}.CUSTOMERID"
        " AND x.STATE NOT IN ('Draft', 'Submitted'))"
    ),
    ("VENDOR", "TOTALDUE"): (
        "(SELECT COALESCE(SUM(x.TOTALDUE), 0) FROM APBILL x WHERE x.VENDORID = {t}.VENDORID"
        " AND x.STATE NOT IN ('Draft', 'Submitted'))"
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field as SQL expression, with what is needed to read and write its values."""

    name: str
    sql: str
    kind: str
    choices: Choices = ()


@dataclass(slots=True)
class Columns:
    """Resolves the fields of one object and collects the joins they need; the object itself is ``t``."""

    item: ObjectType
    context: Context
    joins: list[str] = field(default_factory=list)
    _aliases: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        return self.context.db.catalogue

    def find(self, name: str) -> Column | None:
        """The column of this (upper-case) field name, own or one relation away; ``None`` if there is none."""
        return self._own("t", self.item, name, name) or self._dotted(name)

    def source(self) -> str:
        """The FROM clause with the joins collected so far."""
        return " ".join((quoted(self.item.name), "t", *self.joins))

    def _own(self, alias: str, item: ObjectType, name: str, shown: str) -> Column | None:
        known = item.fields.get(name)
        if known is None:
            return None
        computed = _COMPUTED.get((item.name, name))
        if computed is not None:
            sql = computed.format(t=alias, today=self.context.today.isoformat())
            return Column(shown, sql, known.kind)
        if name == "RECORD_URL" and self.context.switches.record_url:
            place = _literal(f"{self.context.switches.record_url}/{item.name.lower()}/")
            return Column(shown, f"'{place}' || {alias}.RECORDNO", known.kind)
        if known.stored:
            return Column(shown, f"{alias}.{quoted(name)}", known.kind, known.choices)
        relation = item.relations[known.relation]
        target = self.catalogue.objects[relation.object]
        joined = self._join(alias, item, known.relation)
        found = self._own(joined, target, known.related, shown)
        return None if found is None else Column(shown, found.sql, known.kind, found.choices)

    def _dotted(self, name: str) -> Column | None:
        relation_name, dot, rest = name.partition(".")
        relation = self.item.relations.get(relation_name)
        if not dot or relation is None:
            return None
        target = self.catalogue.objects[relation.object]
        if rest not in target.fields:
            return None
        return self._own(self._join("t", self.item, relation_name), target, rest, name)

    def _join(self, alias: str, item: ObjectType, relation_name: str) -> str:
        place = (alias, relation_name)
        if place not in self._aliases:
            relation = item.relations[relation_name]
            joined = f"j{len(self._aliases)}"
            self._aliases[place] = joined
            self.joins.append(
                f"LEFT JOIN {quoted(relation.object)} {joined} "
                f"ON {joined}.{quoted(relation.field)} = {alias}.{quoted(relation.key)}"
            )
        return self._aliases[place]


def visible(item: ObjectType, context: Context, *, private: bool) -> str:
    """The condition that hides what belongs to other entities, and tax lines by switch; empty where nothing is."""
    hidden = [_of_others(item, context, private=private)]
    if not context.switches.tax_lines_shown and "PARENTENTRY" in item.fields:
        hidden.append("t.LINEITEM IS NOT 'F'")
    return " AND ".join(filter(None, hidden))


def _of_others(item: ObjectType, context: Context, *, private: bool) -> str:
    if "MEGAENTITYID" in item.fields:
        column = "t.MEGAENTITYID"
    elif any(name == "_MEGAENTITYID" for name, _ in item.internal):
        column = "t._MEGAENTITYID"
    else:
        return ""
    if context.entity:
        return f"({column} IS NULL OR {column} = '{_literal(context.entity)}')"
    if private or not context.switches.private_to_top_level:
        return ""
    return f"{column} IS NULL"


def _literal(text: str) -> str:
    return text.replace("'", "''")
