"""Whose customer is this? Ordered rules, each with a score and a reason; two answers are never a guess.

Pure: candidates are gathered beforehand. The first rule that finds anybody decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

# fmt: off
PUBLIC_MAIL_DOMAINS = frozenset({
    "aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com",
    "icloud.com", "live.com", "mac.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me",
    "protonmail.com", "t-online.de", "web.de", "yahoo.co.uk", "yahoo.com", "yandex.com", "zoho.com",
})
# fmt: on

_LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "kgaa",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "nv",
        "oy",
        "plc",
        "pty",
        "sa",
        "sarl",
        "sas",
        "se",
        "spa",
        "srl",
    ]
)


@dataclass(frozen=True, slots=True)
class Party:
    """A company as one system knows it, reduced to what matching needs. ``id`` is that system's own id."""

    id: str
    name: str
    tax_id: str = ""
    domains: tuple[str, ...] = ()
    external_id: str = ""
    country: str = ""
    city: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """One candidate, by rule ``reason``; ``score`` from 0 to 1 says how strong that rule is."""

    candidate: Party
    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class AmbiguousMatch:
    """Several candidates are equally good under rule ``reason``."""

    candidates: tuple[Party, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SimilarOnly:
    """Nobody matches, but these carry the same name at another address: a person should look."""

    candidates: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nobody matches and nobody is similar: a new customer."""


Match = Matched | AmbiguousMatch | SimilarOnly | NoMatch


def normalised_name(name: str) -> str:
    """A company's name for comparison: case, accents, punctuation, a leading article and legal forms do not count.

    ``normalised_name("The Blau-Werk GmbH & Co. KG") == "blau werk"``. Never empty for a non-empty name.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    words = re.findall(r"[^\W_]+", plain)
    kept = [w for w in words if w not in _LEGAL_FORMS and w not in {"and", "the"}]
    return " ".join(kept or words)


def normalised_tax_id(tax_id: str) -> str:
    """Letters and digits only, upper case: ``DE 811.234-567`` and ``de811234567`` are one id."""
    return re.sub(r"[\W_]", "", tax_id).upper()


def mail_domain(address_or_domain: str) -> str:
    """The lower-case domain of an e-mail address, a web address or a bare domain; empty if there is none."""
    text = address_or_domain.strip().casefold().rpartition("@")[2]
    text = re.sub(r"^[a-z]+://", "", text)
    domain = re.split(r"[/:?#]", text)[0].removeprefix("www.")
    return domain if "." in domain else ""


def business_domains(values: Iterable[str], public: frozenset[str] = PUBLIC_MAIL_DOMAINS) -> tuple[str, ...]:
    """The distinct domains among these that belong to one business: public mail providers say nothing."""
    found = (mail_domain(v) for v in values if v)
    return tuple(dict.fromkeys(d for d in found if d and d not in public))


def _same_address(a: Party, b: Party) -> bool:
    """Same country (where both tell it) and same postcode, or same city where a postcode is missing."""

    def eq(x: str, y: str) -> bool:
        return bool(x) and bool(y) and normalised_name(x) == normalised_name(y)

    if a.country and b.country and not eq(a.country, b.country):
        return False
    if a.postcode and b.postcode:
        return normalised_tax_id(a.postcode) == normalised_tax_id(b.postcode)
    return eq(a.city, b.city)


def _tax_ids_contradict(a: Party, b: Party) -> bool:
    """Two different tax ids are two different legal persons, whatever their domain or name says."""
    return bool(a.tax_id and b.tax_id) and normalised_tax_id(a.tax_id) != normalised_tax_id(b.tax_id)


@dataclass(frozen=True, slots=True)
class _Rule:
    reason: str
    score: Decimal
    holds: Callable[[Party, Party], bool] = field(repr=False)


_RULES = (
    _Rule(
        "external id",
        Decimal("1"),
        lambda s, c: bool(s.external_id) and s.external_id == c.id,
    ),
    _Rule(
        "tax id",
        Decimal("0.95"),
        lambda s, c: bool(s.tax_id) and normalised_tax_id(s.tax_id) == normalised_tax_id(c.tax_id),
    ),
    _Rule(
        "e-mail domain",
        Decimal("0.8"),
        lambda s, c: bool(set(s.domains) & set(c.domains)),
    ),
    _Rule(
        "name and address",
        Decimal("0.7"),
        lambda s, c: normalised_name(s.name) == normalised_name(c.name) and _same_address(s, c),
    ),
)


class Candidates:
    """Candidates by what the rules compare, so that a subject meets only those whom some rule could find."""

    def __init__(self, parties: Iterable[Party]) -> None:
        self._by_trait: dict[tuple[str, str], list[Party]] = {}
        for party in parties:
            for trait in {("id", party.id), *_traits(party)}:
                self._by_trait.setdefault(trait, []).append(party)

    def near(self, subject: Party, known_id: str | None = None) -> list[Party]:
        """Everybody whom ``match`` could name for this subject, each once."""
        traits = [("id", subject.external_id), ("id", known_id or ""), *sorted(_traits(subject))]
        found = {party.id: party for trait in traits if trait[1] for party in self._by_trait.get(trait, ())}
        return list(found.values())


def _traits(party: Party) -> set[tuple[str, str]]:
    domains = {("domain", domain) for domain in party.domains}
    return domains | {("tax id", normalised_tax_id(party.tax_id)), ("name", normalised_name(party.name))} - _EMPTY


_EMPTY = {("tax id", ""), ("name", "")}


def _contrary(subject: Party, possible: Sequence[Party], rule: _Rule, found: str) -> dict[str, Party]:
    """Whom the next weaker rule names instead. A domain may be shared by a group's companies, so where name and address
    point to another customer, neither is believed; ids are believed whatever the name says."""
    if rule.reason != "e-mail domain":
        return {}
    return {c.id: c for c in possible if c.id != found and _RULES[-1].holds(subject, c)}


def match(subject: Party, candidates: Sequence[Party], *, known_id: str | None = None) -> Match:
    """Find the candidate that ``subject`` is.

    ``known_id`` is the candidate id that our cross-reference already holds; it wins if that candidate still exists.
    A stronger rule that finds several candidates is not overruled by a weaker one that finds one.
    """
    if known_id is not None:
        known = [c for c in candidates if c.id == known_id]
        if known:
            return Matched(known[0], Decimal("1"), "cross-reference")
    possible = [c for c in candidates if not _tax_ids_contradict(subject, c)]
    for rule in _RULES:
        found = {c.id: c for c in (candidates if rule is _RULES[0] else possible) if rule.holds(subject, c)}
        if len(found) == 1:
            contrary = _contrary(subject, possible, rule, next(iter(found)))
            if contrary:
                everybody = found | contrary
                return AmbiguousMatch(
                    tuple(everybody[i] for i in sorted(everybody)), f"{rule.reason} or name and address"
                )
            return Matched(next(iter(found.values())), rule.score, rule.reason)
        if found:
            return AmbiguousMatch(tuple(found[i] for i in sorted(found)), rule.reason)
    name = normalised_name(subject.name)
    similar = {c.id: c for c in possible if name and normalised_name(c.name) == name}
    if similar:
        return SimilarOnly(tuple(similar[i] for i in sorted(similar)))
    return NoMatch()
