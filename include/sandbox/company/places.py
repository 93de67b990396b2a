"""Countries of the demo's customers: their cities, legal forms, tax ids, and which entity bills them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """``entity`` is the one that bills the country when the deal names none, ``None`` where nobody is
    responsible; ``tax_id`` is a pattern in which ``#`` stands for a digit; a city is (name, state, postal
    code)."""

    name: str
    code: str
    entity: str | None
    legal_forms: tuple[str, ...]
    tax_id: str
    dialling: str
    cities: tuple[tuple[str, str, str], ...]


UNITED_STATES = Country(
    "United States",
    "US",
    "100",
    ("Inc", "LLC", "Corp"),
    "##-#######",
    "+1 555 01##",
    (
        ("Portland", "OR", "97209"),
        ("Columbus", "OH", "43215"),
        ("Tucson", "AZ", "85701"),
        ("Raleigh", "NC", "27601"),
        ("Duluth", "MN", "55802"),
        ("Boise", "ID", "83702"),
        ("Providence", "RI", "02903"),
        ("Omaha", "NE", "68102"),
    ),
)
UNITED_KINGDOM = Country(
    "United Kingdom",
    "GB",
    "200",
    ("Ltd", "Limited", "PLC"),
    "GB#########",
    "+44 1632 96##",
    (
        ("Leeds", "", "LS1 4AP"),
        ("Bristol", "", "BS1 5TR"),
        ("Dundee", "", "DD1 3JP"),
        ("Cardiff", "", "CF10 1EP"),
        ("Norwich", "", "NR2 1NH"),
    ),
)
GERMANY = Country(
    "Germany",
    "DE",
    "300",
    ("GmbH", "AG", "KG"),
    "DE#########",
    "+49 30 23125 ##",
    (
        ("Leipzig", "", "04109"),
        ("Bremen", "", "28195"),
        ("Kassel", "", "34117"),
        ("Ulm", "", "89073"),
    ),
)
AUSTRIA = Country("Austria", "AT", "300", ("GmbH",), "ATU########", "+43 1 234 ##", (("Graz", "", "8010"),))
FRANCE = Country("France", "FR", "300", ("SAS", "SARL"), "FR###########", "+33 1 99 00 ##", (("Lille", "", "59800"),))
NETHERLANDS = Country(
    "Netherlands", "NL", "300", ("BV",), "NL#########B01", "+31 85 01 ##", (("Utrecht", "", "3511 LN"),)
)
JAPAN = Country("Japan", "JP", None, ("KK",), "T#############", "+81 3 5555 01##", (("Osaka", "", "530-0001"),))
SWITZERLAND = Country("Switzerland", "CH", None, ("AG",), "CHE#########", "+41 44 555 ##", (("Basel", "", "4051"),))
BRAZIL = Country("Brazil", "BR", None, ("Ltda",), "##############", "+55 11 5550 ##", (("Curitiba", "", "80010-000"),))
