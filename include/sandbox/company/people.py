"""Names, addresses, e-mail domains and ids for the demo, drawn from our own words. Every domain ends in
``.example``.

A company name is used once: the n-th name is a fixed shuffle of all pairs of words, which a seed starts
elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

from include.sandbox.company.model import Address, Person
from include.sandbox.company.places import Country
from include.sandbox.company.words import (
    FAMILY_NAMES,
    FIRST_WORDS,
    GIVEN_NAMES,
    JOBS,
    PLACE_WORDS,
    STREETS,
    TRADE_WORDS,
)

_PAIRS = len(FIRST_WORDS) * len(TRADE_WORDS)
# Shares no factor with the number of pairs, so that stepping by it visits each pair once.
_STEP = 1_009


def company_name(number: int, seed: int) -> str:
    """The name of the company with this number; different numbers give different names."""
    round_, position = divmod(number, _PAIRS)
    pair = (position * _STEP + seed * 7_919) % _PAIRS
    first, trade = FIRST_WORDS[pair // len(TRADE_WORDS)], TRADE_WORDS[pair % len(TRADE_WORDS)]
    if round_ == 0:
        return f"{first} {trade}"
    place, again = PLACE_WORDS[(round_ - 1) % len(PLACE_WORDS)], (round_ - 1) // len(PLACE_WORDS)
    return f"{first} {place} {trade}" if again == 0 else f"{first} {place} {trade} {again + 1}"


def domain_of(name: str, suffix: str = "") -> str:
    """``Kestrel Optics`` has ``kestrel-optics.example``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") + suffix + ".example"


def digits_for(pattern: str, random: Random) -> str:
    """The pattern with each ``#`` replaced by a digit."""
    return "".join(str(random.randrange(10)) if sign == "#" else sign for sign in pattern)


def address_in(country: Country, random: Random, *, other_than: Address | None = None) -> Address:
    """An address there; ``other_than`` excludes a city."""
    cities = [c for c in country.cities if other_than is None or c[0] != other_than.city]
    city, state, postal_code = random.choice(cities)
    street = f"{random.randrange(1, 240)} {random.choice(STREETS)}"
    return Address(street, city, state, postal_code, country)


def person_at(domain: str, country: Country, person_id: str, random: Random) -> Person:
    given, family = random.choice(GIVEN_NAMES), random.choice(FAMILY_NAMES)
    # The id keeps two people of one name at one company apart.
    email = f"{given}.{family}.{int(person_id) % 1000}@{domain}".lower()
    return Person(person_id, given, family, email, digits_for(country.dialling, random), random.choice(JOBS))
