"""Compare the fields of a HubSpot record and an Intacct record that are one, rule by rule. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from include.core.errors import Unmapped
from include.flows.sync.field_agreement import Base, Shown, Side, Verdict, digest, same_but_for_form, settle
from include.flows.sync.records import Card, Flat
from include.flows.sync.settings import FieldRule

Digests = Mapping[str, str]


@dataclass(slots=True)
class Compared:
    """``to_hubspot`` and ``to_intacct``: what to write, in each system's own names. ``agreed``: digests to remember."""

    to_hubspot: dict[str, str] = field(default_factory=dict)
    to_intacct: dict[str, str] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that are one. ``name`` names the pair in our memory. ``at``: when the Intacct field was changed."""

    name: str
    card: Card
    record: Flat = field(repr=False)
    at: Callable[[FieldRule], datetime | None]
    base: Digests = field(default_factory=dict)

    def compare(self, rules: Iterable[FieldRule]) -> Compared:
        """What each side must show so that the rules hold; nothing for fields that are alike or undecided."""
        found = Compared()
        for rule in rules:
            hubspot, intacct = self._shown(rule)
            verdict = self._verdict(rule, hubspot, intacct)
            try:
                if verdict == "to_intacct":
                    found.to_intacct[rule.intacct] = rule.to_intacct(hubspot.value)
                elif verdict == "to_hubspot":
                    found.to_hubspot[rule.property_name] = rule.to_hubspot(intacct.value)
            except Unmapped as error:
                found.unmapped.append(error.message)
                continue
            if verdict == "conflict":
                found.conflicts.append(rule.hubspot)
            elif verdict in {"alike", "leave"}:
                found.agreed |= self._digests(rule, hubspot.value, intacct.value)
            elif self._base(rule) is not None and not self._changed(rule, hubspot, intacct)(_source(verdict)):
                found.put_back.append(rule.hubspot)
        return found

    def after(self, rules: Iterable[FieldRule], to_hubspot: Digests, to_intacct: Digests) -> dict[str, str]:
        """The digests to remember after these values were written and both sides were read again into this pair."""
        agreed: dict[str, str] = {}
        for rule in rules:
            hubspot, intacct = self._shown(rule)
            if rule.intacct in to_intacct:
                sent, shown = to_intacct[rule.intacct], intacct.value
            elif rule.property_name in to_hubspot:
                sent, shown = to_hubspot[rule.property_name], hubspot.value
            else:
                continue
            if not same_but_for_form(sent, shown):
                continue  # somebody was faster, or the system did not take it: the next run decides anew
            if rule.intacct in to_intacct:
                source = hubspot.value if _translated(rule.to_intacct, hubspot.value) == sent else sent
                agreed |= self._digests(rule, source, intacct.value)
            else:
                source = intacct.value if _translated(rule.to_hubspot, intacct.value) == sent else sent
                agreed |= self._digests(rule, hubspot.value, source)
        return agreed

    def _verdict(self, rule: FieldRule, hubspot: Shown, intacct: Shown) -> Verdict:
        same = None
        if rule.values is not None:
            same = _translated(rule.to_intacct, hubspot.value) == intacct.value
        changed = self._changed(rule, hubspot, intacct) if self._base(rule) is not None else None
        return settle(hubspot, intacct, rule.owner, changed, same=same)

    def _changed(self, rule: FieldRule, hubspot: Shown, intacct: Shown) -> Callable[[Side], bool]:
        base, now = self._base(rule), self._digests(rule, hubspot.value, intacct.value)
        at_hubspot, at_intacct = _keys(rule)

        def changed(side: Side) -> bool:
            if base is None:
                return True
            return now[at_hubspot] != base.hubspot if side == "hubspot" else now[at_intacct] != base.intacct

        return changed

    def _shown(self, rule: FieldRule) -> tuple[Shown, Shown]:
        return self.card.shown(rule.property_name), Shown(self.record.get(rule.intacct, "").strip(), self.at(rule))

    def _base(self, rule: FieldRule) -> Base | None:
        hubspot, intacct = (self.base.get(key) for key in _keys(rule))
        return Base(hubspot, intacct) if hubspot is not None and intacct is not None else None

    def _digests(self, rule: FieldRule, hubspot: str, intacct: str) -> dict[str, str]:
        values = (hubspot, intacct)
        return {key: digest(f"{self.name} {key}", value) for key, value in zip(_keys(rule), values, strict=True)}


def _keys(rule: FieldRule) -> tuple[str, str]:
    """Under which names a rule's digests are kept: a rule that is mapped otherwise later meets for the first time."""
    return f"hubspot {rule.hubspot} ~ {rule.intacct}", f"intacct {rule.hubspot} ~ {rule.intacct}"


def _source(verdict: Verdict) -> Side:
    return "hubspot" if verdict == "to_intacct" else "intacct"


def _translated(translate: Callable[[str], str], value: str) -> str | None:
    try:
        return translate(value)
    except Unmapped:
        return None
