from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from include.connectors.intacct import filters
from include.connectors.intacct.filters import Filter, filter_from_json
from include.core.errors import SettingsError


def xml(condition: Filter) -> str:
    return etree.tostring(condition.to_xml(), encoding="unicode")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (filters.equal("STATE", "Posted"), "<equalto><field>STATE</field><value>Posted</value></equalto>"),
        (filters.not_equal("A", 1), "<notequalto><field>A</field><value>1</value></notequalto>"),
        (filters.less("A", Decimal("1.50")), "<lessthan><field>A</field><value>1.50</value></lessthan>"),
        (filters.at_most("A", 1), "<lessthanorequalto><field>A</field><value>1</value></lessthanorequalto>"),
        (filters.greater("A", 1), "<greaterthan><field>A</field><value>1</value></greaterthan>"),
        (
            filters.at_least("WHENMODIFIED", datetime(2026, 3, 1, 8, 5, tzinfo=UTC)),
            "<greaterthanorequalto><field>WHENMODIFIED</field><value>03/01/2026 08:05:00</value>"
            "</greaterthanorequalto>",
        ),
        (
            filters.between("WHENDUE", date(2026, 11, 1), date(2026, 11, 30)),
            "<between><field>WHENDUE</field><value>11/01/2026</value><value>11/30/2026</value></between>",
        ),
        (filters.like("NAME", "%a%"), "<like><field>NAME</field><value>%a%</value></like>"),
        (filters.is_null("PARENTID"), "<isnull><field>PARENTID</field></isnull>"),
        (filters.is_in("ID", ["a", "b"]), "<in><field>ID</field><value>a</value><value>b</value></in>"),
        (
            filters.all_of(filters.is_not_null("A"), filters.any_of(filters.equal("B", True), filters.equal("C", "x"))),
            "<and><isnotnull><field>A</field></isnotnull><or><equalto><field>B</field><value>true</value></equalto>"
            "<equalto><field>C</field><value>x</value></equalto></or></and>",
        ),
    ],
)
def test_conditions_are_written_in_the_gateways_words(condition: Filter, expected: str) -> None:
    assert xml(condition) == expected


def test_a_single_condition_needs_no_and() -> None:
    assert filters.all_of(filters.equal("A", "b")) == filters.any_of(filters.equal("A", "b")) == filters.equal("A", "b")


def test_more_values_than_one_condition_takes_become_several_that_mean_the_same() -> None:
    condition = filters.is_in("ID", [str(n) for n in range(2_345)])
    assert condition.operator == "or"
    assert [len(part.values) for part in condition.parts] == [1000, 1000, 345]
    assert filters.not_in("ID", [str(n) for n in range(1_001)]).operator == "and"


def test_a_condition_over_nothing_is_refused_rather_than_meaning_everything() -> None:
    for nothing in (filters.all_of, filters.any_of):
        with pytest.raises(ValueError, match="nothing"):
            nothing()
    with pytest.raises(ValueError, match="nothing"):
        filters.is_in("ID", [])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_no_value_can_break_out_of_its_element(value: str) -> None:
    element = etree.fromstring(xml(filters.equal("NAME", value)))
    assert [child.tag for child in element] == ["field", "value"]
    assert (element.findtext("value") or "") == value


@pytest.mark.parametrize("field", ["", "A B", "A<B", "1A", "A&amp;", "NAME/../X", "NAME'", "Ä"])
def test_what_is_no_field_name_is_refused(field: str) -> None:
    with pytest.raises(SettingsError, match="no name"):
        filters.equal(field, "x")


def test_floats_and_times_without_zone_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        filters.equal("AMOUNT", 1.5)
    with pytest.raises(ValueError, match="zone"):
        filters.equal("WHENMODIFIED", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_filter_shows_no_values_as_they_may_be_names() -> None:
    shown = repr(filters.all_of(filters.equal("NAME", "Jane Doe"), filters.is_in("TAXID", ["DE1"])))
    assert "Jane" not in shown
    assert "DE1" not in shown
    assert "NAME" in shown


@pytest.mark.parametrize(
    ("given_json", "expected"),
    [
        ({"equalto": {"STATE": "Posted"}}, filters.equal("STATE", "Posted")),
        (
            {"and": [{"equalto": {"STATE": "Posted"}}, {"in": {"RECORDID": ["INV-1", "INV-2"]}}]},
            filters.all_of(filters.equal("STATE", "Posted"), filters.is_in("RECORDID", ["INV-1", "INV-2"])),
        ),
        (
            {"between": {"WHENDUE": ["11/01/2026", "11/30/2026"]}},
            filters.between("WHENDUE", "11/01/2026", "11/30/2026"),
        ),
        ({"isnull": "PARENTID"}, filters.is_null("PARENTID")),
        ({"isnotnull": ["A", "B"]}, filters.all_of(filters.is_not_null("A"), filters.is_not_null("B"))),
        ({"equalto": {"A": "1", "B": "2"}}, filters.all_of(filters.equal("A", "1"), filters.equal("B", "2"))),
        (
            [{"equalto": {"A": "1"}}, {"notin": {"B": [2]}}],
            filters.all_of(filters.equal("A", "1"), filters.not_in("B", [2])),
        ),
        ({"or": [{"like": {"A": "x%"}}]}, filters.like("A", "x%")),
        (
            {"greaterthan": {"A": 5}, "lessthan": {"A": 9}},
            filters.all_of(filters.greater("A", 5), filters.less("A", 9)),
        ),
    ],
)
def test_a_filter_may_be_written_as_json(given_json: Any, expected: Filter) -> None:
    assert filter_from_json(given_json) == expected


@pytest.mark.parametrize(
    ("given_json", "says"),
    [
        ("STATE = 'Posted'", "is an object"),
        ({}, "must not be empty"),
        ([], "must not be empty"),
        ({"and": []}, "must not be empty"),
        ({"and": {"equalto": {"A": "1"}}}, "takes a list of conditions"),
        ({"equals": {"A": "1"}}, "no operator 'equals'; allowed are and, or, equalto"),
        ({"equalto": "A"}, "an object of field and value"),
        ({"in": {"A": "x"}}, "takes a list of values"),
        ({"in": {"A": []}}, "must not be empty"),
        ({"between": {"A": [1]}}, "takes two values"),
        ({"equalto": {"A": 1.5}}, "float"),
        ({"equalto": {"A": None}}, "NoneType"),
        ({"equalto": {"A b": "1"}}, "no name of an Intacct field"),
    ],
)
def test_a_wrong_filter_says_what_is_wrong(given_json: Any, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        filter_from_json(given_json)
