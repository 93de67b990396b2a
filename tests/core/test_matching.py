"""Whose customer is this: the rules in their order, and that two answers are never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.matching import (
    AmbiguousMatch,
    Candidates,
    Matched,
    NoMatch,
    Party,
    SimilarOnly,
    business_domains,
    mail_domain,
    match,
    normalised_name,
    normalised_tax_id,
)

ACME = Party(
    "C-1",
    "Acme Ltd",
    tax_id="GB123456789",
    domains=("acme.example",),
    country="United Kingdom",
    postcode="E1 6AN",
)
NORTH = Party(
    "C-2",
    "Northwind GmbH",
    domains=("northwind.example",),
    country="Germany",
    city="Hamburg",
    postcode="20457",
)


def test_the_cross_reference_wins_over_every_rule() -> None:
    subject = Party("7", "Acme Ltd", tax_id="GB123456789")
    assert match(subject, [ACME, NORTH], known_id="C-2") == Matched(
        NORTH, match(subject, [NORTH], known_id="C-2").score, "cross-reference"
    )  # type: ignore[union-attr]


def test_a_cross_reference_to_a_customer_that_is_gone_falls_back_to_the_rules() -> None:
    found = match(Party("7", "x", tax_id="gb 123 456 789"), [ACME], known_id="C-99")
    assert isinstance(found, Matched)
    assert (found.candidate.id, found.reason) == ("C-1", "tax id")


@pytest.mark.parametrize(
    ("subject", "expected", "reason"),
    [
        (Party("7", "Other", external_id="C-2"), "C-2", "external id"),
        (Party("7", "Other", tax_id="GB 123-456-789"), "C-1", "tax id"),
        (Party("7", "Other", domains=("northwind.example",)), "C-2", "e-mail domain"),
        (Party("7", "NORTHWIND", country="Germany", postcode="20457"), "C-2", "name and address"),
        (Party("7", "Northwind AG", country="Germany", city="Hamburg"), "C-2", "name and address"),
    ],
)
def test_each_rule_finds_its_customer_and_says_why(subject: Party, expected: str, reason: str) -> None:
    found = match(subject, [ACME, NORTH])
    assert isinstance(found, Matched)
    assert (found.candidate.id, found.reason) == (expected, reason)


def test_rules_are_scored_in_their_order() -> None:
    subjects = [
        Party("7", "o", external_id="C-1"),
        Party("7", "o", tax_id=ACME.tax_id),
        Party("7", "o", domains=ACME.domains),
        Party("7", "Acme", country="United Kingdom", postcode="E16AN"),
    ]
    scores = [found.score for s in subjects if isinstance(found := match(s, [ACME]), Matched)]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)


def test_two_equally_good_candidates_are_never_a_guess() -> None:
    twin = Party("C-3", "Acme Trading", domains=("acme.example",))
    assert match(Party("7", "Acme", domains=("acme.example",)), [ACME, twin]) == AmbiguousMatch(
        (ACME, twin), "e-mail domain"
    )


def test_a_domain_and_a_name_that_point_to_two_customers_are_never_a_guess() -> None:
    group = Party("C-5", "Acme Holding", domains=("northwind.example",))
    subject = Party("7", "Northwind", domains=("northwind.example",), country="Germany", postcode="20457")
    unrelated_domain = Party("C-2", "Northwind GmbH", country="Germany", city="Hamburg", postcode="20457")
    found = match(subject, [group, unrelated_domain])
    assert isinstance(found, AmbiguousMatch)
    assert [c.id for c in found.candidates] == ["C-2", "C-5"]


def test_a_weaker_rule_never_overrules_a_stronger_one_that_is_undecided() -> None:
    twin = Party("C-3", "Acme Trading", tax_id="GB123456789")
    subject = Party("7", "Acme Ltd", tax_id="GB123456789", domains=("acme.example",))
    assert isinstance(match(subject, [ACME, twin]), AmbiguousMatch)


def test_different_tax_ids_are_different_companies_whatever_name_and_domain_say() -> None:
    subject = Party(
        "7",
        "Acme Ltd",
        tax_id="GB999",
        domains=("acme.example",),
        country="United Kingdom",
        postcode="E1 6AN",
    )
    assert match(subject, [ACME]) == NoMatch()


def test_the_same_name_at_another_address_is_shown_to_a_person() -> None:
    assert match(Party("7", "Acme", country="United States", postcode="10001"), [ACME]) == SimilarOnly((ACME,))


def test_the_same_postcode_in_another_country_is_another_address() -> None:
    assert match(Party("7", "Northwind", country="France", postcode="20457"), [NORTH]) == SimilarOnly((NORTH,))


def test_nobody_known_is_a_new_customer() -> None:
    assert match(Party("7", "Blue Lake Inc"), [ACME, NORTH]) == NoMatch()


def test_empty_values_never_match_each_other() -> None:
    assert match(Party("7", ""), [Party("C-9", "")]) == NoMatch()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("The Blau-Werk GmbH & Co. KG", "blau werk"),
        ("Société Générale S.A.", "societe generale s a"),
        ("ACME, Inc.", "acme"),
        ("SE", "se"),
    ],
)
def test_names_are_compared_without_case_accents_articles_and_legal_forms(raw: str, expected: str) -> None:
    assert normalised_name(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Anna@Acme.Example", "acme.example"),
        ("https://www.acme.example/contact", "acme.example"),
        ("acme.example", "acme.example"),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_a_domain_is_read_from_addresses_and_links(raw: str, expected: str) -> None:
    assert mail_domain(raw) == expected


def test_public_mail_domains_say_nothing_about_a_company() -> None:
    assert business_domains(["a@gmail.com", "b@acme.example", "c@ACME.example"]) == ("acme.example",)


@given(st.text())
def test_normalising_is_total_and_idempotent(text: str) -> None:
    once = normalised_name(text)
    assert normalised_name(once) == once
    assert normalised_tax_id(normalised_tax_id(text)) == normalised_tax_id(text)


@given(
    st.lists(st.sampled_from([ACME, NORTH, Party("C-3", "Acme", domains=("acme.example",))]), max_size=4),
    st.randoms(),
)
def test_the_order_of_candidates_never_matters(candidates: list[Party], random: object) -> None:
    subject = Party("7", "Acme", domains=("acme.example",))
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert match(subject, candidates) == match(subject, shuffled)


people = st.builds(
    Party,
    id=st.sampled_from(["C-1", "C-2", "C-3", "C-4"]),
    name=st.sampled_from(["", "Acme Ltd", "ACME", "Northwind"]),
    tax_id=st.sampled_from(["", "GB 1", "GB1", "DE2"]),
    domains=st.sampled_from([(), ("acme.example",), ("northwind.example", "acme.example")]),
    external_id=st.sampled_from(["", "C-1", "C-4"]),
    country=st.sampled_from(["", "Germany", "France"]),
    postcode=st.sampled_from(["", "1", "2"]),
)


@given(people, st.lists(people, max_size=6, unique_by=lambda p: p.id), st.sampled_from([None, "C-2", "C-9"]))
def test_the_index_of_candidates_never_changes_the_answer(subject: Party, all_: list[Party], known: str | None) -> None:
    assert match(subject, Candidates(all_).near(subject, known), known_id=known) == match(subject, all_, known_id=known)
