from __future__ import annotations

from datetime import date

from include.connectors.intacct import reference
from include.core.calendar_terms import due_date
from tests.connectors.intacct.small_books import Books


def test_active_terms_are_known_by_name_and_can_be_counted_with(books: Books) -> None:
    terms = reference.get_terms(books.client())
    assert sorted(terms) == ["EOM30", "N30"]
    assert due_date(terms["N30"], date(2027, 1, 31)) == date(2027, 3, 2)
    assert due_date(terms["EOM30"], date(2026, 11, 2)) == date(2026, 12, 30)


def test_entities_are_known_with_their_currency(books: Books) -> None:
    entities = [(e.entity_id, e.name, e.currency, e.country, e.active) for e in reference.get_entities(books.client())]
    assert entities == [
        ("100", "Acme Inc", "USD", "United States", True),
        ("300", "Acme GmbH", "EUR", "Germany", True),
    ]


def test_accounts_are_known_with_the_dimensions_they_demand(books: Books) -> None:
    accounts = {account.number: account for account in reference.get_accounts(books.client())}
    assert accounts["4000"].requires == ("CLASS",)
    assert accounts["4100"].requires == ()
    assert accounts["4100"].title == "Hardware Revenue"


def test_items_departments_classes_and_locations_are_known(books: Books) -> None:
    client = books.client()
    assert [(item.item_id, item.name, item.active) for item in reference.get_items(client)] == [("PLAN", "Plan", True)]
    assert [(one.id, one.name) for one in reference.get_departments(client)] == [("D10", "Sales")]
    assert [(one.id, one.name) for one in reference.get_classes(client)] == [("SAAS", "Software")]
    assert [one.id for one in reference.get_locations(client)] == ["100", "300"]
    assert reference.get_projects(client) == []


def test_each_kind_of_reference_data_costs_one_call(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    reference.get_terms(client)
    reference.get_accounts(client)
    assert books.labels() == ["query ARTERM", "query GLACCOUNT"]
